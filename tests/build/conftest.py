"""Built once for all build tests: both wheels from their sdists, an environment on each Python."""

from pathlib import Path

import pytest

from tests.build.lab import PYTHONS, Built, Environment, Pair, build, commit, find_python, git
from tests.build.lab import snapshot as take_snapshot


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep the build tests in one worker, so that wheels are built once."""
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.xdist_group("build"))


@pytest.fixture(scope="session")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the repository, committed, without tags."""
    return take_snapshot(tmp_path_factory.mktemp("tree"))


def _build_pair(tree: Path, factory: pytest.TempPathFactory) -> Pair:
    return Pair(
        light=build(tree / "client", factory.mktemp("light")),
        full=build(tree, factory.mktemp("full")),
    )


@pytest.fixture(scope="session")
def pair(tree: Path, tmp_path_factory: pytest.TempPathFactory) -> Pair:
    """Both distributions of the tree."""
    return _build_pair(tree, tmp_path_factory)


@pytest.fixture(scope="session")
def newer_pair(tmp_path_factory: pytest.TempPathFactory) -> Pair:
    """Both distributions of a later, tagged release that lost a module and gained one."""
    tree = take_snapshot(tmp_path_factory.mktemp("newer-tree"))
    (tree / "src/prefect/_dual.py").rename(tree / "src/prefect/_dual_renamed.py")
    (tree / "src/prefect/server/_later.py").write_text('"""Came later."""\n')
    commit(tree, "Release")
    git(tree, "tag", "3.99.0")
    return _build_pair(tree, tmp_path_factory)


@pytest.fixture
def light(pair: Pair) -> Built:
    """The light distribution."""
    return pair.light


@pytest.fixture
def full(pair: Pair) -> Built:
    """The full distribution."""
    return pair.full


def _identify(version: str) -> str:
    return version if find_python(version) else f"{version}-ABSENT-FROM-THIS-MACHINE"


@pytest.fixture(scope="session", params=PYTHONS, ids=_identify)
def light_environment(
    request: pytest.FixtureRequest, pair: Pair, tmp_path_factory: pytest.TempPathFactory
) -> Environment:
    """The light wheel and its required dependencies, nothing else, on each Python we support."""
    python = find_python(request.param)
    if python is None:
        pytest.skip(f"Python {request.param} is not on this machine: NOT TESTED on it")
    made = Environment.make(tmp_path_factory.mktemp(f"light-{request.param}") / "venv", python)
    made.install(pair.light.wheel)
    return made
