"""What the statements on the hot path may load, measured against an installed light wheel.

Import cost is a feature of this package; these allow-lists keep it. A test that fails here names
the modules that came in; `python -X importtime -c "…"` tells through whom.
"""

import pytest

from tests.build.lab import Environment

LOADED = """
import sys
before = set(sys.modules)
exec(sys.argv[1])
after = set(sys.modules) - before
import json
print(json.dumps(sorted(after)))
"""

# Standard-library packages that cost more than they give on these paths (5 to 70 ms each).
HEAVY = {
    "asyncio",
    "concurrent",
    "email",
    "http",
    "importlib.metadata",
    "inspect",
    "logging.config",
    "multiprocessing",
    "sqlite3",
    "ssl",
    "unittest",
    "urllib.request",
    "xml",
}

GET_CLIENT = "from prefect.client.orchestration import get_client"
RUN_DEPLOYMENT = "from prefect.deployments import run_deployment"
FLOW = "from prefect import flow"

# statement → third-party roots it may load
THIRD_PARTY: dict[str, set[str]] = {
    "import prefect": set(),
    GET_CLIENT: set(),
    RUN_DEPLOYMENT: set(),
    FLOW: set(),
}


def loaded(environment: Environment, statement: str) -> set[str]:
    """Modules that came in with `statement`."""
    if statement == FLOW and not environment.ask(
        "import json, prefect; print(json.dumps('flow' in dir(prefect)))"
    ):
        pytest.skip("`prefect.flow` does not exist yet")
    return set(environment.ask(LOADED, statement))


def roots(names: set[str], environment: Environment) -> set[str]:
    """First parts of `names` that are neither ours nor the standard library's."""
    standard = environment.ask("import json, sys; print(json.dumps([*sys.stdlib_module_names]))")
    return {name.partition(".")[0] for name in names} - {*standard, "prefect"}


def under(names: set[str], packages: set[str]) -> set[str]:
    """Those of `names` that are, or lie below, one of `packages`."""
    return {n for n in names if any(n == p or n.startswith(p + ".") for p in packages)}


def test_import_prefect_loads_only_the_facade(light_environment: Environment) -> None:
    came = loaded(light_environment, "import prefect")

    assert came == {"prefect", "prefect._lazy", "prefect._missing"}


@pytest.mark.parametrize("statement", THIRD_PARTY)
def test_statement_loads_only_the_third_parties_it_may(
    light_environment: Environment, statement: str
) -> None:
    came = roots(loaded(light_environment, statement), light_environment)

    assert came <= THIRD_PARTY[statement]


@pytest.mark.parametrize("statement", [GET_CLIENT, RUN_DEPLOYMENT])
def test_statement_loads_nothing_heavy(light_environment: Environment, statement: str) -> None:
    came = under(loaded(light_environment, statement), HEAVY)

    assert came == set()


@pytest.mark.parametrize("statement", [GET_CLIENT, RUN_DEPLOYMENT])
def test_statement_loads_no_wire_model(light_environment: Environment, statement: str) -> None:
    came = loaded(light_environment, statement)
    models = under(
        came, {"prefect.client.schemas", "prefect.events.schemas", "prefect.settings.models"}
    )

    # the packages themselves are tables of names, their modules hold the models
    assert models - {"prefect.client.schemas", "prefect.events.schemas"} == set()
