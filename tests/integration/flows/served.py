"""Deployments that the real Prefect serves for the interop suite; run with the real package."""

import time

from prefect import flow, get_run_logger, serve


@flow(persist_result=True)
def add(a: int, b: int = 1) -> int:
    get_run_logger().info("adding %s and %s", a, b)
    print("printed, not logged")
    return a + b


@flow
def fail(message: str = "on purpose") -> None:
    raise ValueError(message)


@flow(log_prints=True)
def slow(seconds: float = 60.0) -> str:
    deadline = time.monotonic() + seconds
    step = 0
    while time.monotonic() < deadline:
        print(f"step {step}")
        step += 1
        time.sleep(0.2)
    return "done"


if __name__ == "__main__":
    # Runs of a deployment that nobody serves stay scheduled: for tests that only submit.
    add.to_deployment("parked").apply()
    serve(
        add.to_deployment("served"),
        fail.to_deployment("served"),
        slow.to_deployment("served"),
        limit=8,
    )
