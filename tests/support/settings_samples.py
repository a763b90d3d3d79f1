"""The settings of the contract with values to try them with.

`SETTINGS` is the data file of the contract. `samples(setting)` gives two texts, as they are written
in the environment or in a file, with what a program reads for them.
"""

from __future__ import annotations

import json
import re
from datetime import timedelta
from pathlib import Path
from typing import Any

DATA = Path(__file__).parent.parent / "contract" / "data" / "settings.json"
SETTINGS: list[dict[str, Any]] = json.loads(DATA.read_text(encoding="utf-8"))["settings"]
ALIASES = [(alias, setting) for setting in SETTINGS for alias in setting.get("aliases", ())]

LEVELS = "Literal['DEBUG', 'INFO', 'WARNING', 'ERROR', 'CRITICAL']"
BY_TYPE: dict[str, list[tuple[str, Any]]] = {
    "bool": [("true", True), ("0", False)],
    "str": [("one", "one"), ("two=2 three", "two=2 three")],
    "int": [("1000001", 1_000_001), ("1000002", 1_000_002)],
    "float": [("101.5", 101.5), ("102", 102.0)],
    "Path": [("/a/b", Path("/a/b")), ("/c", Path("/c"))],
    "SecretStr": [("s3cret", "s3cret"), ("other", "other")],
    "timedelta": [
        ("90061", timedelta(days=1, hours=1, minutes=1, seconds=1)),
        ("P2D", timedelta(2)),
    ],
    LEVELS: [("critical", "CRITICAL"), ("Info", "INFO")],
    "Literal['warn', 'error', 'ignore']": [("error", "error"), ("ignore", "ignore")],
    "Literal['postgresql+asyncpg', 'sqlite+aiosqlite']": [
        ("sqlite+aiosqlite", "sqlite+aiosqlite"),
        ("postgresql+asyncpg", "postgresql+asyncpg"),
    ],
    "Any": [("one", "one"), ("two", "two")],
    "set[str]": [("a, b", {"a", "b"}), ('["c"]', {"c"})],
    "str | list[str]": [("a,b", ["a", "b"]), ("c", ["c"])],
    "int | float | list[float]": [("1,2.5", [1.0, 2.5]), ("3", 3)],
    "str | int | float | list[float]": [("1,2.5", [1.0, 2.5]), ("[4]", [4.0])],
    "str | int | set[int]": [("429, 500", {429, 500}), ("501", {501})],
    "dict[str, str]": [('{"a": "b"}', {"a": "b"}), ("{}", {})],
    "dict[str, timedelta]": [('{"a": 60}', {"a": timedelta(minutes=1)}), ("{}", {})],
    "set[str] | bool": [("flow_runs,events", {"flow_runs", "events"}), ("true", True)],
}

BOUND = re.compile(r"\((?:[gl][te]=[^()]*(?:\([^()]*\))?[^()]*)\)")


def plain_type(setting: dict[str, Any]) -> str:
    """The type of a setting without its bounds and without None."""
    return BOUND.sub("", setting["type"]).removesuffix(" | None")


def bounds(setting: dict[str, Any]) -> dict[str, float]:
    """The bounds of a setting as numbers, in seconds for a duration."""
    found = re.findall(
        r"\b(ge|gt|le|lt)=(?:datetime\.timedelta\(seconds=)?([\d.]+)", setting["type"]
    )
    return {name: float(number) for name, number in found}


def samples(setting: dict[str, Any]) -> list[tuple[str, Any]]:
    """Two texts with the values they stand for; the first is not the default."""
    return BY_TYPE[plain_type(setting)]


def surroundings(setting: dict[str, Any]) -> dict[str, str]:
    """Environment in which a setting can be tried alone."""
    url = "PREFECT_SERVER_DATABASE_CONNECTION_URL"
    if setting["path"] == "server.database.password":
        return {url: "postgresql+asyncpg://user:${PREFECT_SERVER_DATABASE_PASSWORD}@host/name"}
    if setting["path"] == "server.database.driver":
        return {url: "postgresql+asyncpg://host/name"}
    return {}
