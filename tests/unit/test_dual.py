"""The driver that runs one body of code without an event loop."""

import asyncio
import inspect

import pytest

from prefect._dual import blocking, run


class Core:
    """A core with one endpoint."""

    async def read(self, name: str, *, times: int = 1) -> str:
        """Repeat a name."""
        if name == "missing":
            raise KeyError(name)
        return name * times


class Face:
    """The sync face of the core."""

    read = blocking(Core.read)

    def __init__(self) -> None:
        self._core = Core()


def test_run_gives_what_the_coroutine_returns() -> None:
    assert run(Core().read("a", times=3)) == "aaa"


def test_run_passes_errors_on() -> None:
    with pytest.raises(KeyError, match="missing"):
        run(Core().read("missing"))


def test_run_refuses_a_coroutine_that_suspends() -> None:
    async def sleepy() -> None:
        await asyncio.sleep(0)

    with pytest.raises(RuntimeError, match="sleepy awaited an event loop"):
        run(sleepy())


def test_run_works_inside_a_running_loop() -> None:
    async def main() -> str:
        return run(Core().read("a"))

    assert asyncio.run(main()) == "a"


def test_twin_calls_the_core_and_looks_like_it() -> None:
    face = Face()

    assert face.read("a", times=2) == "aa"
    assert Face.read.__name__ == "read"
    assert Face.read.__doc__ == "Repeat a name."
    assert inspect.signature(Face.read) == inspect.signature(Core.read)
    assert not inspect.iscoroutinefunction(Face.read)
