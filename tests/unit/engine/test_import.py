"""What defining flows and tasks loads: next to nothing."""

import json
import subprocess
import sys

CODE = """
import json, sys
from prefect import Flow, Task, allow_failure, flow, get_run_logger, task, unmapped

@task
def one(x: int) -> int: return x

@flow(retries=1, on_completion=[print])
def two(x: int) -> int:
    "Documented."
    return one(x)

two.with_options(name="other")
print(json.dumps(sorted(sys.modules)))
"""

HEAVY = {"asyncio", "anyio", "httpx", "pydantic", "ssl", "threading", "inspect", "websockets"}


def test_defining_flows_loads_nothing_heavy():
    ended = subprocess.run(
        [sys.executable, "-c", CODE], capture_output=True, check=True, timeout=60
    )

    loaded = set(json.loads(ended.stdout))
    assert {"prefect.flows", "prefect.tasks"} <= loaded
    # `logging` comes with `get_run_logger` and brings `threading`.
    assert loaded & HEAVY <= {"threading"}
    assert "prefect.flow_engine" not in loaded
