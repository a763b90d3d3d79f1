"""Paths and files: which ones belong to a project, and how to show them."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path, PureWindowsPath
from threading import RLock
from typing import Any, AnyStr

__all__ = [
    "create_default_ignore_file",
    "filename",
    "filter_files",
    "get_open_file_limit",
    "is_local_path",
    "relative_path_to_current_platform",
    "tmpchdir",
    "to_display_path",
]

_IGNORE_FILE = """\
# What is not uploaded with this project; the same rules as in .gitignore.

# Python
__pycache__/
*.py[cod]
*.egg-info/
build/
dist/
.venv/
venv/
.mypy_cache/
.pytest_cache/
.ruff_cache/
.ipynb_checkpoints/

# Secrets and settings of this machine
.env
.prefect/

# Version control and editors
.git/
.idea/
.vscode/
.DS_Store
"""

_chdir_lock = RLock()
"""The current directory belongs to the whole process."""


def create_default_ignore_file(path: str) -> bool:
    """Write a `.prefectignore` into a directory, unless it has one.

    Returns:
        Whether it was written.
    """
    file = Path(path) / ".prefectignore"
    try:
        with file.open("x", encoding="utf-8") as stream:
            stream.write(_IGNORE_FILE)
    except FileExistsError:
        return False
    return True


# --- choosing files -------------------------------------------------------------------------------


def filter_files(
    root: str = ".",
    ignore_patterns: Iterable[AnyStr] | None = None,
    include_dirs: bool = True,
    *,
    as_posix: bool = False,
) -> set[str]:
    """List the files below a directory that no pattern excludes.

    Args:
        root: The directory.
        ignore_patterns: Lines of a `.gitignore`; the last one that matches a path decides.
        include_dirs: Whether directories are listed too: those of the files, and those that no
            pattern names.
        as_posix: Whether to write paths with slashes on every platform.

    Returns:
        Paths below `root`.

    Raises:
        FileNotFoundError: If there is no such directory.

    Source: git documentation, gitignore, "Pattern format".
    """
    if not os.path.isdir(root):
        raise FileNotFoundError(f"There is no directory {root!r}")
    rules = [rule for rule in map(_rule, ignore_patterns or ()) if rule is not None]

    def excluded(path: str) -> bool:
        for pattern, excludes in reversed(rules):
            if pattern.match(path):
                return excludes
        return False

    found: set[str] = set()
    for directory, files in _walk(root):
        if include_dirs and directory and not excluded(directory):
            found.add(directory)
        for name in files:
            path = f"{directory}/{name}" if directory else name
            if not excluded(path):
                found.add(path)
                if include_dirs:
                    found.update(_parents(path))
    return found if as_posix or os.sep == "/" else {path.replace("/", os.sep) for path in found}


def _walk(root: str) -> Iterator[tuple[str, list[str]]]:
    """Give every directory below `root`, as a path with slashes, and the names of its files."""
    seen: set[str] = set()
    for directory, names, files in os.walk(root, followlinks=True):
        real = os.path.realpath(directory)
        if real in seen:  # a link that leads back up
            names.clear()
            continue
        seen.add(real)
        relative = os.path.relpath(directory, root).replace(os.sep, "/")
        yield "" if relative == "." else relative, files


def _parents(path: str) -> Iterator[str]:
    while "/" in path:
        path = path.rpartition("/")[0]
        yield path


def _rule(line: str | bytes) -> tuple[re.Pattern[str], bool] | None:
    """Read a line of a `.gitignore`.

    Returns:
        What the paths it speaks of match, and whether it excludes them; None for blank lines.
    """
    text = line.decode() if isinstance(line, bytes) else line
    text = re.sub(r"(?<!\\)\s+$", "", text.rstrip("\r\n"))
    if not text or text.startswith("#"):
        return None
    excludes = not text.startswith("!")
    text = text[0 if excludes else 1 :]
    if text.startswith(("\\#", "\\!")):
        text = text[1:]
    directories_only = text.endswith("/")
    text = text.rstrip("/")
    anchored = "/" in text  # also in the middle: then it is relative to the root
    text = text.lstrip("/")
    if not text:
        return None
    start = "" if anchored else "(?:.*/)?"
    # What lies in a matching directory matches too.
    end = "/.*" if directories_only else "(?:/.*)?"
    return re.compile(f"{start}{_glob(text)}{end}\\Z", re.DOTALL), excludes


def _glob(pattern: str) -> str:
    """Translate a pattern's path into a regular expression."""
    parts: list[str] = []
    segments = pattern.split("/")
    for index, segment in enumerate(segments):
        last = index == len(segments) - 1
        if segment == "**":
            parts.append(".*" if last else "(?:.*/)?")
        else:
            parts.append(_segment(segment) + ("" if last else "/"))
    return "".join(parts)


def _segment(text: str) -> str:
    pieces: list[str] = []
    for match in re.finditer(r"\\(.)|\[(!?)(\]?[^\]]*)\]|(\*+)|(\?)|(.)", text, re.DOTALL):
        escaped, negated, characters, stars, question, plain = match.groups()
        if stars:
            pieces.append("[^/]*")
        elif question:
            pieces.append("[^/]")
        elif characters:
            inside = characters.replace("\\", "\\\\").replace("^", "\\^").replace("]", "\\]")
            pieces.append(f"(?!/)[{'^' if negated else ''}{inside}]")
        else:
            pieces.append(re.escape(escaped or plain or match[0]))
    return "".join(pieces)


# --- paths ----------------------------------------------------------------------------------------


@contextmanager
def tmpchdir(path: str) -> Iterator[str]:
    """Change the current directory while the context lasts; other threads that want to, wait.

    Args:
        path: The directory; of a file, the one it lies in.
    """
    directory = os.path.abspath(path)
    if os.path.isfile(directory):
        directory = os.path.dirname(directory)
    with _chdir_lock:
        before = os.getcwd()
        os.chdir(directory)
        try:
            yield directory
        finally:
            os.chdir(before)


def filename(path: str) -> str:
    """Give the last part of a path or URL."""
    return os.path.basename(path) if "://" not in path else path.rpartition("/")[2]


def is_local_path(path: str | Path | Any) -> bool:
    """Say whether a path lies in this machine's file system.

    Args:
        path: A path, a URL, or an open file of fsspec.
    """
    if isinstance(path, str):
        scheme, separator, _ = path.partition("://")
        return not separator or scheme in {"file", "local"}
    if isinstance(path, os.PathLike):
        return True
    protocols = path.fs.protocol
    return bool({"file", "local"} & ({protocols} if isinstance(protocols, str) else set(protocols)))


def to_display_path(path: Path | str, relative_to: Path | str | None = None) -> str:
    """Write a path the shorter way: from a directory, or from the root if it lies elsewhere.

    Args:
        path: The path.
        relative_to: The directory, by default the current one.
    """
    absolute = Path(path).resolve()
    start = Path.cwd() if relative_to is None else Path(relative_to).resolve()
    try:
        relative = str(absolute.relative_to(start))
    except ValueError:
        return str(absolute)
    return min(relative, str(absolute), key=len)


def relative_path_to_current_platform(path_str: str) -> Path:
    """Read a relative path that may have been written on Windows."""
    return Path(PureWindowsPath(path_str).as_posix())


def get_open_file_limit() -> int:
    """Give how many files this process may have open at once."""
    if os.name == "nt":
        import ctypes  # heavy: only there

        return int(ctypes.cdll.ucrtbase._getmaxstdio())
    import resource  # not on Windows

    return resource.getrlimit(resource.RLIMIT_NOFILE)[0]
