"""Commands and the programs they run."""

import asyncio
import io
import os
import signal
import sys
from typing import Any

import anyio
import pytest
from hypothesis import given
from hypothesis import strategies as st

from prefect.utilities.processutils import (
    _split_windows,
    command_from_string,
    command_to_string,
    forward_signal_handler,
    open_process,
    run_process,
    sanitize_subprocess_env,
    setup_signal_handlers_worker,
)

SPEAKER = "import sys; print('out'); print('err', file=sys.stderr); sys.exit(3)"


@given(st.lists(st.text(st.characters(blacklist_categories=["Cs"], blacklist_characters="\0"))))
def test_commands_survive_as_text(command: list[str]) -> None:
    assert command_from_string(command_to_string(command)) == command


@given(st.lists(st.text(st.sampled_from('ab \\"\t'))))
def test_commands_survive_as_text_of_windows(command: list[str]) -> None:
    import subprocess

    assert _split_windows(subprocess.list2cmdline(command)) == command


def test_variables_without_value_are_taken_out() -> None:
    environment = {"a": "0", "b": "1"}

    clean = sanitize_subprocess_env({"a": "2", "b": None}, remove_from=environment)

    assert clean == {"a": "2"}
    assert environment == {"a": "0"}
    assert sanitize_subprocess_env(None) == {}


def test_output_goes_where_it_is_told() -> None:
    out, err = io.StringIO(), io.StringIO()

    async def main() -> Any:
        return await run_process([sys.executable, "-c", SPEAKER], stream_output=(out, err))

    process = asyncio.run(main())

    assert (process.returncode, out.getvalue(), err.getvalue()) == (3, "out\n", "err\n")


def test_output_can_be_dropped(capfd: pytest.CaptureFixture[str]) -> None:
    async def main() -> Any:
        return await run_process([sys.executable, "-c", SPEAKER])

    assert asyncio.run(main()).returncode == 3
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("handler", [None, lambda process: ("told", process.pid)])
def test_start_is_told(handler: Any) -> None:
    async def main() -> Any:
        async with anyio.create_task_group() as group:

            async def start(*, task_status: Any) -> None:
                await run_process(
                    [sys.executable, "-c", ""],
                    task_status=task_status,
                    task_status_handler=handler,
                )

            return await group.start(start)

    told = asyncio.run(main())

    assert isinstance(told, int) if handler is None else told[0] == "told"


def test_process_ends_with_its_context() -> None:
    async def main() -> Any:
        async with open_process([sys.executable, "-c", "import time; time.sleep(600)"]) as process:
            assert process.returncode is None
        return process.returncode

    assert asyncio.run(main()) != 0


def test_command_must_be_a_list() -> None:
    async def main() -> None:
        await run_process("echo hi")  # type: ignore[arg-type]  # the mistake under test

    with pytest.raises(TypeError, match="command_from_string"):
        asyncio.run(main())


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Replace `os.kill`; give what was sent. Signal handlers are put back."""
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    signals: list[tuple[int, int]] = []
    monkeypatch.setattr(os, "kill", lambda pid, number: signals.append((pid, number)))
    yield signals
    for number, handler in before.items():
        signal.signal(number, handler)


def raise_here(number: signal.Signals) -> None:
    handler: Any = signal.getsignal(number)
    handler(number, None)


@pytest.mark.skipif(sys.platform == "win32", reason="other signals there")
def test_signals_are_forwarded_and_get_stronger(sent: Any) -> None:
    said: list[str] = []

    setup_signal_handlers_worker(77, "the worker", said.append)
    for _ in range(4):
        raise_here(signal.SIGINT)

    assert sent == [
        (77, signal.SIGINT),
        (77, signal.SIGTERM),
        (77, signal.SIGKILL),
        (77, signal.SIGKILL),
    ]
    assert "the worker" in said[0]


def test_signal_is_forwarded_as_it_is_by_default(sent: Any) -> None:
    forward_signal_handler(77, signal.SIGTERM, process_name="it", print_fn=lambda text: None)
    raise_here(signal.SIGTERM)

    assert sent == [(77, signal.SIGTERM)]
