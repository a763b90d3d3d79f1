"""The deployment that `make demo` submits to; served with the real, released package."""

import time

from prefect import flow, get_run_logger


@flow(persist_result=True)
def add_up(numbers: list[int]) -> int:
    """Add numbers slowly enough that one can watch."""
    logger = get_run_logger()
    total = 0
    for number in numbers:
        total += number
        logger.info("added %s, now at %s", number, total)
        time.sleep(0.5)
    return total


if __name__ == "__main__":
    add_up.serve("demo")
