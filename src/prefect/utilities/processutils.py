"""Running other programs.

Used by the runner, the process worker and the steps of deployments. Commands are lists; nothing
here goes through a shell.
"""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
import sys
from collections.abc import (
    AsyncGenerator,
    Callable,
    Mapping,
    MutableMapping,
)
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, AnyStr, TextIO, TypeVar, Union, overload

import anyio
import anyio.abc
from anyio.streams.text import TextReceiveStream, TextSendStream

if TYPE_CHECKING:
    from types import FrameType

__all__ = [
    "PrintFn",
    "TextSink",
    "command_from_string",
    "command_to_string",
    "consume_process_output",
    "forward_signal_handler",
    "get_sys_executable",
    "open_process",
    "run_process",
    "sanitize_subprocess_env",
    "setup_signal_handlers_agent",
    "setup_signal_handlers_server",
    "setup_signal_handlers_worker",
    "stream_text",
]

T = TypeVar("T")

TextSink = Union[anyio.AsyncFile[AnyStr], TextIO, TextSendStream]  # noqa: UP007  # `|` lacks TextIO on 3.10
"""What text can be written to."""

PrintFn = Callable[[str], object]
"""What tells the user something."""

StreamOutput = Union[bool, "tuple[TextSink[str] | None, TextSink[str] | None]"]

_GRACE_SECONDS = 30
"""How long a program that was asked to end may take before it is killed."""


# --- commands -------------------------------------------------------------------------------------


def command_to_string(command: list[str]) -> str:
    """Write a command as one line, quoted for the platform's shell."""
    return subprocess.list2cmdline(command) if sys.platform == "win32" else shlex.join(command)


def command_from_string(command: str) -> list[str]:
    """Split a command line into its parts, as the platform's shell does."""
    if sys.platform != "win32":
        return shlex.split(command, posix=True)
    return _split_windows(command)


def _split_windows(command: str) -> list[str]:
    """Split as `CommandLineToArgvW` documents it: backslashes escape only before quotes."""
    parts: list[str] = []
    current = ""
    started = quoted = False
    backslashes = 0
    for character in command:
        if character == "\\":
            backslashes += 1
            continue
        if character == '"':
            current += "\\" * (backslashes // 2)
            if backslashes % 2:
                current += '"'
            else:
                quoted = not quoted
            started, backslashes = True, 0
            continue
        current += "\\" * backslashes
        started = started or bool(backslashes)
        backslashes = 0
        if character in " \t" and not quoted:
            if started or current:
                parts.append(current)
            current, started = "", False
        else:
            current += character
    current += "\\" * backslashes
    if started or current:
        parts.append(current)
    return parts


def get_sys_executable() -> str:
    """Give the running Python as a part of a command; quoted on Windows, against spaces."""
    return f'"{sys.executable}"' if os.name == "nt" else sys.executable


def sanitize_subprocess_env(
    env: Mapping[str, str | None] | None,
    *,
    remove_from: MutableMapping[str, str] | None = None,
) -> dict[str, str]:
    """Make an environment that a program can be started with.

    Args:
        env: Name → value; None as a value means that the variable shall not be set.
        remove_from: An environment from which those variables are taken out.

    Returns:
        The variables that have a value.
    """
    clean: dict[str, str] = {}
    for name, value in (env or {}).items():
        if value is not None:
            clean[name] = value
        elif remove_from is not None:
            remove_from.pop(name, None)
    return clean


# --- running --------------------------------------------------------------------------------------


@asynccontextmanager
async def open_process(command: list[str], **kwargs: Any) -> AsyncGenerator[anyio.abc.Process, Any]:
    """Run a program while the context lasts; what still runs at its end is ended.

    Args:
        command: The program and its arguments.
        **kwargs: Passed to `anyio.open_process`.

    Raises:
        TypeError: If `command` is no list.
    """
    if not isinstance(command, list):
        raise TypeError(
            f"A command is a list of texts, but got {command!r} of type {type(command).__name__};"
            " `command_from_string` splits a line"
        )
    process = await anyio.open_process(command, **kwargs)
    try:
        yield process
    finally:
        # Also when the caller was cancelled: nothing may be left behind.
        with anyio.CancelScope(shield=True):
            await _end(process)


async def _end(process: anyio.abc.Process) -> None:
    try:
        if process.returncode is None:
            process.terminate()
            with anyio.move_on_after(_GRACE_SECONDS):
                await process.wait()
        if process.returncode is None:
            process.kill()
    except ProcessLookupError:
        return  # it ended by itself just now
    await process.aclose()


@overload
async def run_process(
    command: list[str],
    *,
    stream_output: StreamOutput = ...,
    task_status: anyio.abc.TaskStatus[T] = ...,
    task_status_handler: Callable[[anyio.abc.Process], T] = ...,
    **kwargs: Any,
) -> anyio.abc.Process: ...


@overload
async def run_process(
    command: list[str],
    *,
    stream_output: StreamOutput = ...,
    task_status: anyio.abc.TaskStatus[int] | None = ...,
    task_status_handler: None = None,
    **kwargs: Any,
) -> anyio.abc.Process: ...


async def run_process(
    command: list[str],
    *,
    stream_output: StreamOutput = False,
    task_status: anyio.abc.TaskStatus[Any] | None = None,
    task_status_handler: Callable[[anyio.abc.Process], Any] | None = None,
    **kwargs: Any,
) -> anyio.abc.Process:
    """Run a program to its end.

    Args:
        command: The program and its arguments.
        stream_output: Whether to pass its output on to ours while it runs; or where to write its
            standard output and its standard error, None for nowhere. Without, output is dropped.
        task_status: Told the process id as soon as the program runs.
        task_status_handler: Makes what `task_status` is told instead.
        **kwargs: Passed to `anyio.open_process`.

    Returns:
        The ended process, with its `returncode`.
    """
    if stream_output is True:
        stream_output = (sys.stdout, sys.stderr)
    if not stream_output:
        # Somebody has to read pipes, or the program stops when they are full.
        kwargs.setdefault("stdout", subprocess.DEVNULL)
        kwargs.setdefault("stderr", subprocess.DEVNULL)
    async with open_process(command, **kwargs) as process:
        if task_status is not None:
            told = process.pid if task_status_handler is None else task_status_handler(process)
            task_status.started(told)
        if stream_output:
            await consume_process_output(process, *stream_output)
        await process.wait()
    return process


async def consume_process_output(
    process: anyio.abc.Process,
    stdout_sink: TextSink[str] | None = None,
    stderr_sink: TextSink[str] | None = None,
) -> None:
    """Read what a program writes until it ends, and pass it on."""
    async with anyio.create_task_group() as group:
        for source, sink in ((process.stdout, stdout_sink), (process.stderr, stderr_sink)):
            if source is not None:
                text = TextReceiveStream(source, errors="replace")
                group.start_soon(stream_text, text, sink)


async def stream_text(source: TextReceiveStream, *sinks: TextSink[str] | None) -> None:
    """Copy text from a stream to others until it ends; None as a sink drops it."""
    async for item in source:
        for sink in sinks:
            if isinstance(sink, TextSendStream):
                await sink.send(item)
            elif isinstance(sink, anyio.AsyncFile):
                await sink.write(item)
                await sink.flush()
            elif sink is not None:
                sink.write(item)
                sink.flush()


# --- signals --------------------------------------------------------------------------------------


def forward_signal_handler(
    pid: int, signum: int, *signums: int, process_name: str, print_fn: PrintFn
) -> None:
    """Pass a signal that this process gets on to another one.

    Args:
        pid: The other process.
        signum: The signal to listen to.
        *signums: What to send at the first, second … time; the last one again from then on. By
            default what came.
        process_name: What the other process is called in messages.
        print_fn: Tells the user.
    """
    to_send = list(signums or (signum,))

    def forward(received: int, frame: FrameType | None) -> None:
        sent = to_send[0]
        if len(to_send) > 1:
            to_send.pop(0)
        names = (signal.Signals(received).name, signal.Signals(sent).name)
        print_fn(f"Got {names[0]}; sending {names[1]} to {process_name} (process {pid})")
        os.kill(pid, sent)

    signal.signal(signum, forward)


def setup_signal_handlers_server(pid: int, process_name: str, print_fn: PrintFn) -> None:
    """Have a server process ended with this one: in good order, then at once."""
    _forward_stops(pid, process_name, print_fn)


def setup_signal_handlers_agent(pid: int, process_name: str, print_fn: PrintFn) -> None:
    """Have an agent process ended with this one: in good order, then at once."""
    _forward_stops(pid, process_name, print_fn)


def setup_signal_handlers_worker(pid: int, process_name: str, print_fn: PrintFn) -> None:
    """Have a worker process ended with this one: in good order, then at once."""
    _forward_stops(pid, process_name, print_fn)


def _forward_stops(pid: int, process_name: str, print_fn: PrintFn) -> None:
    if sys.platform == "win32":
        # The only one that a Windows program can handle; sent to its whole group.
        forward_signal_handler(
            pid,
            signal.SIGINT,
            signal.CTRL_BREAK_EVENT,
            process_name=process_name,
            print_fn=print_fn,
        )
        return
    # Ctrl-C: first as an interrupt, the second time the way `kill` does, then for good.
    forward_signal_handler(
        pid, signal.SIGINT, signal.SIGINT, signal.SIGTERM, signal.SIGKILL,
        process_name=process_name, print_fn=print_fn,
    )  # fmt: skip
    forward_signal_handler(
        pid, signal.SIGTERM, signal.SIGTERM, signal.SIGKILL,
        process_name=process_name, print_fn=print_fn,
    )  # fmt: skip
