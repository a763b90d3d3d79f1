"""`.env` and TOML files are read as their users expect; broken ones are named."""

from __future__ import annotations

import os
import stat
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prefect.settings import Settings
from prefect.settings._files import (
    SettingsFileError,
    parse_dotenv,
    profiles_document,
    read_text,
    write_privately,
)

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("A=b", {"A": "b"}),
        ("  export A = b  ", {"A": "b"}),
        ("A=", {"A": ""}),
        ("A", {}),
        ("# A=b\n\nB=c", {"B": "c"}),
        ("A=b # c", {"A": "b"}),
        ("A=b#c", {"A": "b#c"}),
        ("A=#c", {"A": ""}),
        ("A=b=c&d=e", {"A": "b=c&d=e"}),
        ("A='b # c' # d", {"A": "b # c"}),
        ('A="b \\"c\\" \\n\\t\\\\"', {"A": 'b "c" \n\t\\'}),
        ("A='b \\n \\' \\\\'", {"A": "b \\n ' \\"}),
        ('A="b\nB=c"\nC=d', {"A": "b\nB=c", "C": "d"}),
        ("A='it\nB=c", {"A": "'it", "B": "c"}),
        ("A=b\r\nB=c\r\n", {"A": "b", "B": "c"}),
        ("A=b\nA=c", {"A": "c"}),
        ("A=b\nB=${A}/c", {"A": "b", "B": "b/c"}),
        ("B='${A}'\nA=b", {"B": "${A}", "A": "b"}),
        ("B=${NO_SUCH_NAME_HERE:-c}/${NO_SUCH_NAME_HERE}", {"B": "c/${NO_SUCH_NAME_HERE}"}),
        ("A.b-c=d", {"A.b-c": "d"}),
    ],
)
def test_dotenv_is_read_as(text: str, values: dict[str, str]) -> None:
    assert parse_dotenv(text) == values


@given(st.text(st.characters(exclude_characters="\r$", exclude_categories=["Cs"])))
def test_dotenv_value_in_double_quotes_comes_back(value: str) -> None:
    quoted = value.replace("\\", "\\\\").replace('"', '\\"')

    assert parse_dotenv(f'A="{quoted}"\nB=c') == {"A": value, "B": "c"}


@given(st.text())
def test_dotenv_of_any_text_is_read(text: str) -> None:
    parse_dotenv(text)


names = st.text(st.characters(exclude_categories=["Cs"]))


@given(st.none() | names, st.dictionaries(names, st.dictionaries(names, names)))
def test_profiles_document_comes_back(
    active: str | None, profiles: dict[str, dict[str, str]]
) -> None:
    document = tomllib.loads(profiles_document(active, profiles))

    assert document.get("active") == active
    assert document.get("profiles", {}) == profiles


@pytest.mark.parametrize("file", ["prefect.toml", "pyproject.toml"])
def test_broken_toml_is_named_with_its_line(file: str) -> None:
    Path(file).write_text("# prefect\n[tool.prefect\n")

    with pytest.raises(SettingsFileError, match=rf"'{file}'.*line 2"):
        Settings()


def test_broken_profiles_file_is_named_with_its_line(home: Path) -> None:
    path = home / ".prefect" / "profiles.toml"
    path.parent.mkdir()
    path.write_text("active = 'a'\nb\n")

    with pytest.raises(SettingsFileError, match=rf"{path}.*line 2"):
        Settings()


def test_profile_that_is_no_table_is_refused(home: Path) -> None:
    path = home / ".prefect" / "profiles.toml"
    path.parent.mkdir()
    path.write_text("profiles.a = 1\n")

    with pytest.raises(SettingsFileError, match="must be a table"):
        Settings()


def test_file_that_is_not_utf_8_is_named_with_its_line() -> None:
    Path(".env").write_bytes(b"A=b\nPREFECT_API_URL=\xff\n")

    with pytest.raises(SettingsFileError, match=r"'\.env': line 2"):
        Settings()


def test_pyproject_that_does_not_speak_of_prefect_is_not_our_business() -> None:
    Path("pyproject.toml").write_text("[broken\n")

    assert Settings().api.url is None


def test_byte_order_mark_is_skipped() -> None:
    Path(".env").write_bytes(b"\xef\xbb\xbfPREFECT_API_URL=http://e/api\n")

    assert Settings().api.url == "http://e/api"


def test_directory_of_the_name_counts_as_no_file() -> None:
    Path(".env").mkdir()

    assert read_text(".env") is None
    assert Settings().api.url is None


def test_private_file_is_for_its_owner_only_and_replaced_at_once(tmp_path: Path) -> None:
    path = tmp_path / "new" / "profiles.toml"

    write_privately(path, "one")
    write_privately(path, "two")

    assert path.read_text() == "two"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert os.listdir(path.parent) == ["profiles.toml"]


def test_private_file_that_cannot_be_written_leaves_nothing_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "profiles.toml"
    path.write_text("old")

    with pytest.raises(UnicodeEncodeError):
        write_privately(path, "\udcff")

    assert path.read_text() == "old"
    assert [p.name for p in tmp_path.iterdir() if p.name.startswith(".profiles")] == []


def test_link_to_a_private_file_stays_a_link(tmp_path: Path) -> None:
    target, link = tmp_path / "target.toml", tmp_path / "link.toml"
    target.write_text("old")
    link.symlink_to(target)

    write_privately(link, "new")

    assert link.is_symlink()
    assert target.read_text() == "new"
