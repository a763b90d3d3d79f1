"""Reading and writing the files that settings come from: `.env`, TOML, and the profiles file.

Used by the sources and the profiles. It knows formats, not settings. A file that is missing, or
that this process may not read, counts as absent; one that is there but broken raises
`SettingsFileError`, which names the file and the line.
"""

import os
import re
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

__all__ = [
    "SettingsFileError",
    "parse_dotenv",
    "profiles_document",
    "read_dotenv",
    "read_text",
    "read_toml",
    "write_privately",
]


class SettingsFileError(ValueError):
    """A file that settings are read from cannot be understood."""


def read_text(path: "str | os.PathLike[str]") -> "str | None":
    """Read a UTF-8 file.

    Returns:
        Its text; None when it is missing or may not be read.

    Raises:
        SettingsFileError: It is not UTF-8.
    """
    try:
        with open(path, "rb") as file:
            content = file.read()
    except OSError:  # also a directory of that name, or a home without permission
        return None
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise SettingsFileError(
            f"Cannot read settings from {os.fspath(path)!r}: line {line} is not UTF-8 text."
            " Save the file as UTF-8."
        ) from error


def read_toml(path: "str | os.PathLike[str]", *, having: str = "") -> "dict[str, Any] | None":
    """Read a TOML file.

    Args:
        path: The file.
        having: A word without which the file is of no interest; it is then not parsed.

    Returns:
        Its content; None when it is missing, may not be read, or lacks the word.

    Raises:
        SettingsFileError: It is not valid TOML.
    """
    text = read_text(path)
    if text is None or having not in text:
        return None
    # heavy: only where there is a file to parse
    if sys.version_info >= (3, 11):
        import tomllib
    else:
        import tomli as tomllib
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise SettingsFileError(
            f"Cannot read settings from {os.fspath(path)!r}: {error}."
            " Correct that line, or move the file away."
        ) from error


_DOTENV_LINE = r"""
    ^[ \t]*(?:export[ \t]+)?
    (?P<name>[^=\#\s'"][^=\#\s]*)[ \t]*=[ \t]*
    (?:
        '(?P<single>(?:[^'\\]|\\.)*)'[ \t]*(?:\#[^\n]*)?$
      | "(?P<double>(?:[^"\\]|\\.)*)"[ \t]*(?:\#[^\n]*)?$
      | (?P<bare>[^\n]*?)[ \t]*$
    )
"""
_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", "f": "\f", "b": "\b", "a": "\a", "v": "\v"}


def parse_dotenv(text: str) -> "dict[str, str]":
    """Parse the lines `NAME=value` of a `.env` file.

    `export` before a name, blank lines and comments are skipped; a comment after a bare value
    needs a space before its `#`. Values in single quotes are literal but for `\\'` and `\\\\`;
    values in double quotes know the usual backslash escapes; both may span lines. But in single
    quotes, `${NAME}` and `${NAME:-default}` stand for a value above or in the environment; a name
    that is unknown stays as it is written. A line without `=` says nothing.

    Returns:
        Name → value, in the order of the file; of equal names the last one counts.
    """
    values: dict[str, str] = {}
    line = re.compile(_DOTENV_LINE, re.MULTILINE | re.VERBOSE | re.DOTALL)
    for match in line.finditer(text.replace("\r\n", "\n")):
        name, bare = match["name"], match["bare"]
        if match["single"] is not None:
            value = re.sub(r"\\([\\'])", r"\1", match["single"])
        elif match["double"] is not None:
            value = re.sub(
                r"\\(.)", lambda m: _ESCAPES.get(m[1], m[1]), match["double"], flags=re.DOTALL
            )
        else:
            value = re.sub(r"(?:^|\s+)#.*$", "", bare)
        if match["single"] is None and "${" in value:
            value = _interpolated(value, values)
        values[name] = value
    return values


def _interpolated(value: str, above: "Mapping[str, str]") -> str:
    def known(match: "re.Match[str]") -> str:
        found = above.get(match[1], os.environ.get(match[1]))
        default = match[2]
        if default is not None:
            return found or default  # as shells do: an empty value also gives the default
        return match[0] if found is None else found

    return re.sub(r"\$\{([^}:\s]+)(?::-([^}]*))?\}", known, value)


def read_dotenv(path: str) -> "dict[str, str]":
    """Read a `.env` file; a missing one is empty."""
    text = read_text(path)
    return parse_dotenv(text) if text else {}


def profiles_document(active: "str | None", profiles: "Mapping[str, Mapping[str, str]]") -> str:
    """Write the content of a profiles file: TOML with nothing but strings."""
    lines = [] if active is None else [f"active = {_toml_string(active)}", ""]
    for name, values in profiles.items():
        lines.append(f"[profiles.{_toml_key(name)}]")
        lines += [f"{_toml_key(key)} = {_toml_string(value)}" for key, value in values.items()]
        lines.append("")
    return "\n".join(lines)


def _toml_key(key: str) -> str:
    return key if re.fullmatch(r"[A-Za-z0-9_-]+", key) else _toml_string(key)


def _toml_string(value: str) -> str:
    """A TOML basic string. Source: TOML 1.0, "String"."""
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + re.sub(r"[\x00-\x1f\x7f]", lambda m: f"\\u{ord(m[0]):04x}", escaped) + '"'


def write_privately(path: "str | os.PathLike[str]", text: str) -> None:
    """Replace a file at once by one that only its owner may read, making its directory if needed.

    A reader sees the old content or the new one, never a part of it.
    """
    import tempfile  # heavy: only where something is written

    path = os.path.realpath(path)  # a linked profiles file stays a link
    directory = os.path.dirname(path)
    os.makedirs(directory, mode=0o700, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=directory, prefix=".profiles-", suffix=".toml")
    try:
        with open(handle, "w", encoding="utf-8", newline="\n") as file:
            file.write(text)  # mkstemp has made it with mode 0600
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except BaseException:
        os.unlink(temporary)
        raise
