"""One name for sync and async callers."""

import asyncio
import subprocess
import sys
from typing import Any

import pytest

from prefect._internal.compatibility.async_dispatch import async_dispatch, is_in_async_context


async def aload(name: str) -> str:
    return f"async {name}"


@async_dispatch(aload)
def load(name: str) -> str:
    """Load a thing."""
    return f"sync {name}"


class Thing:
    @classmethod
    async def amake(cls) -> "tuple[str, type[Thing]]":
        return "async", cls

    @classmethod
    @async_dispatch(amake)
    def make(cls) -> "tuple[str, type[Thing]]":
        return "sync", cls

    @staticmethod
    async def ahelp(topic: str) -> str:
        return f"async {topic}"

    @staticmethod
    @async_dispatch(ahelp)
    def help(topic: str) -> str:
        return f"sync {topic}"

    async def ause(self) -> "tuple[str, Thing]":
        return "async", self

    @async_dispatch(ause)
    def use(self) -> "tuple[str, Thing]":
        return "sync", self


class Other(Thing):
    pass


def in_loop(call: Any) -> Any:
    async def main() -> Any:
        return await call()

    return asyncio.run(main())


def test_sync_caller_gets_the_sync_function() -> None:
    assert load("a") == "sync a"


def test_async_caller_gets_the_coroutine() -> None:
    assert in_loop(lambda: load("a")) == "async a"


def test_thread_beside_a_loop_is_sync() -> None:
    async def main() -> Any:
        return await asyncio.to_thread(load, "a")

    assert asyncio.run(main()) == "sync a"


def test_choice_by_hand_wins() -> None:
    async def main() -> Any:
        return load("a", _sync=True)  # type: ignore[call-arg]  # not part of the typed signature

    assert asyncio.run(main()) == "sync a"
    assert asyncio.run(load("a", _sync=False)) == "async a"  # type: ignore[call-arg,arg-type]  # likewise


def test_async_function_stays_reachable() -> None:
    assert load.aio is aload  # type: ignore[attr-defined]  # added by the decorator
    assert asyncio.run(Thing.use.aio(thing := Thing())) == ("async", thing)  # type: ignore[attr-defined]  # likewise


def test_name_and_docstring_are_the_sync_ones() -> None:
    assert load.__name__ == "load"
    assert load.__doc__ == "Load a thing."


def test_methods_of_every_kind_dispatch() -> None:
    thing = Thing()

    assert (Other.make(), Thing.help("x"), thing.use()) == (
        ("sync", Other),
        "sync x",
        ("sync", thing),
    )
    assert in_loop(Other.make) == ("async", Other)
    assert in_loop(lambda: Thing.help("x")) == "async x"
    assert in_loop(thing.use) == ("async", thing)


def test_function_that_is_not_async_is_refused() -> None:
    with pytest.raises(TypeError, match="async function"):
        async_dispatch(lambda: None)  # type: ignore[arg-type,return-value]  # the mistake under test


def test_no_loop_means_no_async_context() -> None:
    assert is_in_async_context() is False


def test_running_loop_means_async_context() -> None:
    async def main() -> bool:
        return is_in_async_context()

    assert asyncio.run(main()) is True


def test_asking_does_not_import_asyncio() -> None:
    code = (
        "import sys; from prefect._internal.compatibility.async_dispatch import *;"
        "assert not is_in_async_context();"
        "assert 'asyncio' not in sys.modules and 'inspect' not in sys.modules"
    )

    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)
