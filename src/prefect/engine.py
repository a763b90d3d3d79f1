"""`python -m prefect.engine`: run one flow run that exists already, as workers do.

The run's id stands in `PREFECT__FLOW_RUN_ID` (or is the first argument), the place of its code in
`PREFECT__FLOW_ENTRYPOINT` or in its deployment. The exit code is 0 when the run's end is recorded:
it completed, failed, was paused or must not run; it is 1 when something else went wrong, so that
whoever started the process marks the run as crashed.

Source: orchestration facts, section 8; wire samples, `worker_env_of_flow_run_subprocess`.
"""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from uuid import UUID

__all__ = ["handle_engine_signals", "main"]


@contextmanager
def handle_engine_signals(flow_run_id: "UUID | None" = None) -> Iterator[None]:
    """Turn how the engine ends into the exit code of the process.

    Raises:
        SystemExit: 0 if the run was stopped or paused by the server; 1 after any other exception.
    """
    from prefect.exceptions import Abort, ExternalSignal, Pause
    from prefect.logging.loggers import get_logger

    logger = get_logger("engine")
    run = "the flow run" if flow_run_id is None else f"flow run '{flow_run_id}'"
    try:
        yield
    except Abort as signal:
        logger.info("The server does not let %s go on: %s", run, signal)
        raise SystemExit(0) from None
    except Pause as signal:
        logger.info("%s is paused: %s", run.capitalize(), signal)
        raise SystemExit(0) from None
    except ExternalSignal as signal:
        logger.info("%s was stopped by %r", run.capitalize(), signal)
        raise
    except Exception:
        logger.exception("%s could not be run", run.capitalize())
        raise SystemExit(1) from None


def main(arguments: "list[str] | None" = None) -> None:
    """Run the flow run that the environment or the arguments name.

    Raises:
        SystemExit: With the exit code, unless it is 0 by running to the end.
    """
    from uuid import UUID

    given = (sys.argv[1:] if arguments is None else arguments) or [
        os.environ.get("PREFECT__FLOW_RUN_ID", "")
    ]
    try:
        flow_run_id = UUID(given[0])
    except ValueError:
        raise SystemExit(
            f"PREFECT__FLOW_RUN_ID must be the id of a flow run, not {given[0]!r}"
        ) from None
    # A worker that tells its children about cancellation speaks to these; they are not for the
    # flow's own children.
    os.environ.pop("PREFECT__CONTROL_PORT", None)
    os.environ.pop("PREFECT__CONTROL_TOKEN", None)
    with handle_engine_signals(flow_run_id):
        _run(flow_run_id)


def _run(flow_run_id: "UUID") -> None:
    from prefect.flow_engine import load_flow_and_flow_run, run_flow
    from prefect.logging.loggers import flow_run_logger

    try:
        flow_run, flow = load_flow_and_flow_run(flow_run_id)
    except Exception:
        flow_run_logger(flow_run_id=flow_run_id).error(
            "The flow of this run could not be loaded", exc_info=True
        )
        raise
    # The state tells how it ended; an exception of the flow's own is recorded there.
    result: Any = run_flow(flow, flow_run=flow_run, return_type="state")
    if flow.isgenerator and flow.isasync:
        import asyncio

        asyncio.run(_exhaust(result))
    elif flow.isgenerator:
        for _ in result:
            continue
    elif flow.isasync:
        import asyncio

        asyncio.run(_awaited(result))


async def _awaited(result: Any) -> Any:
    return await result


async def _exhaust(result: Any) -> None:
    async for _ in result:
        continue


if __name__ == "__main__":
    main()
