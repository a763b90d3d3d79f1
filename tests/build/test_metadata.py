"""What the two distributions say about themselves, and which files they carry."""

import re
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

from tests.build.lab import ROOT, Built, Pair

EXTRAS = {
    "docker",
    "fsspec",
    "http2",
    "metrics",
    "notifications",
    "otel",
    "rich",
    "schedules",
    "schemas",
    "templating",
    "viz",
    "yaml",
}
FULL_ROOMS = ("prefect/cli/", "prefect/server/", "prefect/testing/")


def requirements(built: Built, extra: str | None = None) -> dict[str, list[Requirement]]:
    """The requirements without an extra, or those of one: name → requirements."""
    found: dict[str, list[Requirement]] = {}
    for line in built.metadata.get_all("Requires-Dist", []):
        one = Requirement(line)
        of_extra = re.search(r'extra == "(.+?)"', str(one.marker or ""))
        if (of_extra.group(1) if of_extra else None) == extra:
            found.setdefault(one.name, []).append(one)
    return found


@pytest.fixture(params=["light", "full"])
def built(request: pytest.FixtureRequest, pair: Pair) -> Built:
    """Each of the two."""
    chosen: Built = getattr(pair, request.param)
    return chosen


def test_names_are_the_published_ones(pair: Pair) -> None:
    names = pair.light.metadata["Name"], pair.full.metadata["Name"]

    assert names == ("prefect-client", "prefect")


def test_versions_are_one(pair: Pair) -> None:
    assert pair.light.version == pair.full.version


def test_version_of_a_tree_without_tags_satisfies_integrations(built: Built) -> None:
    assert re.fullmatch(r"3\.9\.0\.post1\+g[0-9a-f]+", built.version)
    assert SpecifierSet(">=3.9").contains(built.version)
    assert SpecifierSet(">=3.9,<4").contains(built.version, prereleases=False)


def test_version_of_a_tag_is_the_tag(newer_pair: Pair) -> None:
    assert (newer_pair.light.version, newer_pair.full.version) == ("3.99.0", "3.99.0")


def test_full_requires_exactly_the_light_of_its_version(pair: Pair) -> None:
    (names,) = requirements(pair.full).values()
    (pin,) = names

    assert (pin.name, str(pin.specifier)) == ("prefect-client", f"=={pair.full.version}")
    assert pin.specifier.contains(pair.light.version)


def test_light_requires_what_it_says(light: Built) -> None:
    named = requirements(light)

    assert set(named) == {"anyio", "cloudpickle", "httpx", "pydantic", "tomli", "websockets"}
    assert str(named["tomli"][0].marker) == 'python_version < "3.11"'


def test_light_has_http2_by_default_from_python_3_11(light: Built) -> None:
    def extras(python: str) -> set[str]:
        return {
            extra
            for one in requirements(light)["httpx"]
            if one.marker is None or one.marker.evaluate({"python_version": python})
            for extra in one.extras
        }

    assert extras("3.10") == set()
    assert extras("3.11") == extras("3.14") == {"http2"}


def test_no_bound_is_tighter_than_the_next_major_version(built: Built) -> None:
    for line in built.metadata.get_all("Requires-Dist", []):
        requirement = Requirement(line)
        if requirement.name == "prefect-client":
            continue
        uppers = [s for s in requirement.specifier if s.operator not in {">=", ">"}]
        assert all(s.operator == "<" and s.version.isdigit() for s in uppers), line


def test_extras_are_named_after_what_they_do(light: Built) -> None:
    assert set(light.metadata.get_all("Provides-Extra", [])) == EXTRAS
    assert all(requirements(light, extra) for extra in EXTRAS)


def test_extras_are_explained_in_the_docs() -> None:
    page = (ROOT / "docs/dependencies.md").read_text()

    assert {extra for extra in EXTRAS if f"`{extra}`" not in page} == set()


def test_licence_is_apache_with_its_text(built: Built) -> None:
    assert built.metadata["License-Expression"] == "Apache-2.0"
    assert built.read(".dist-info/licenses/LICENSE") == (ROOT / "LICENSE").read_text()


def test_pythons_are_declared(built: Built) -> None:
    classifiers = set(built.metadata.get_all("Classifier", []))
    pythons = SpecifierSet(built.metadata["Requires-Python"])

    assert pythons == SpecifierSet(">=3.10,<3.15")
    assert {
        f"Programming Language :: Python :: 3.{minor}" for minor in range(10, 15)
    } <= classifiers


def test_readme_and_urls_are_there(built: Built) -> None:
    urls = {entry.split(",")[0] for entry in built.metadata.get_all("Project-URL", [])}

    assert built.metadata["Description-Content-Type"] == "text/markdown"
    assert "prefect" in str(built.metadata.get_payload())
    assert {"Homepage", "Documentation", "Changelog", "Source", "Issues"} <= urls


def test_console_script_belongs_to_full(pair: Pair) -> None:
    assert "prefect = prefect.cli:app" in pair.full.read(".dist-info/entry_points.txt")
    with pytest.raises(ValueError, match="not enough values"):
        pair.light.read(".dist-info/entry_points.txt")


def test_wheels_share_no_file(pair: Pair) -> None:
    assert pair.light.files & pair.full.files == frozenset()


def test_light_has_no_room_of_full(light: Built) -> None:
    assert [name for name in light.files if name.startswith(FULL_ROOMS)] == []


def test_full_has_only_its_rooms(full: Built) -> None:
    assert [name for name in full.files if not name.startswith(FULL_ROOMS)] == []
    assert {f"{room}__init__.py" for room in FULL_ROOMS} <= full.files


def test_wheels_carry_the_whole_package(pair: Pair, tree: Path) -> None:
    source = tree / "src"
    expected = {
        path.relative_to(source).as_posix()
        for path in source.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }

    assert pair.light.files | pair.full.files == expected | {"prefect/_build_info.py"}
    assert "prefect/py.typed" in pair.light.files


def test_sdists_carry_no_file_of_the_other_half(pair: Pair, tmp_path: Path) -> None:
    import tarfile

    def modules(built: Built) -> set[str]:
        with tarfile.open(built.sdist) as archive:
            paths = [name.partition("/")[2] for name in archive.getnames()]
        return {path.removeprefix("src/") for path in paths if path.startswith("src/")}

    assert modules(pair.light) == pair.light.files - {"prefect/_build_info.py"}
    assert modules(pair.full) == pair.full.files


def test_build_tables_are_in_step() -> None:
    tables = [
        (ROOT / name).read_text().partition("[tool.versioningit]")[2].partition("[tool.hatch")[0]
        for name in ("pyproject.toml", "client/pyproject.toml")
    ]
    root, client = ([line for line in t.splitlines() if line and line[0] != "#"] for t in tables)

    assert root == client
    assert (ROOT / "LICENSE").read_bytes() == (ROOT / "client/LICENSE").read_bytes()
