"""The deployment that the demo serves, in the server's environment, with the real package."""

import time

from prefect import flow, get_run_logger


@flow(name="greet", persist_result=True)
def greet(names: list[str]) -> dict[str, int]:
    logger = get_run_logger()
    lengths = {}
    for name in names:
        logger.info("Hello, %s!", name)
        lengths[name] = len(name)
        time.sleep(0.5)
    return lengths


if __name__ == "__main__":
    greet.serve(name="demo")
