"""Installing, upgrading and uninstalling: in every order, from wheels and from a checkout."""

import itertools
import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from packaging.specifiers import SpecifierSet

from tests.build.lab import Built, Environment, Pair, build, git, run, uv

MOST_THIRD_PARTY = 16
"""Third-party distributions that the light wheel may bring, itself not counted (issue 2)."""

LOOK = """
import importlib.metadata as metadata, importlib.util, json, subprocess, sys
from pathlib import Path

def broken(name):
    "Files of a distribution that are not there."
    return [str(f) for f in metadata.files(name) if not f.locate().exists()]

def version(name):
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None

import sysconfig
package = Path(sysconfig.get_path("purelib"), "prefect")
script = Path(sysconfig.get_path("scripts"), "prefect")
command = script.exists() and subprocess.run([script, "version"], capture_output=True, text=True)
try:
    import prefect
    told = prefect.__version__
except (ImportError, AttributeError) as error:
    told = None
print(json.dumps({
    "light": version("prefect-client"),
    "full": version("prefect"),
    "broken": [f for n in ("prefect-client", "prefect") if version(n) for f in broken(n)],
    "left": sorted(p.relative_to(package).as_posix() for p in package.rglob("*") if p.is_file()
                   and p.suffix != ".pyc"),
    "told": told,
    "command": command and [command.returncode, command.stdout, command.stderr],
}))
"""


def every_change() -> Iterator[tuple[str, str]]:
    """Walk over every change of an installation exactly once.

    A state says which version (`""`, `"old"`, `"new"`) of the light and of the full distribution
    is installed; a change gives one of them another version. Each change has its opposite, so the
    graph of states has an Euler circuit; Hierholzer's algorithm finds it.

    Yields:
        The states, beginning and ending with nothing installed.
    """
    versions = ("", "old", "new")
    states = [(light, full) for light in versions for full in versions]
    to_do = {
        state: [s for s in states if (s[0] == state[0]) != (s[1] == state[1])] for state in states
    }
    path, circuit = [("", "")], []
    while path:
        if to_do[path[-1]]:
            path.append(to_do[path[-1]].pop())
        else:
            circuit.append(path.pop())
    yield from reversed(circuit)


class Uv:
    """Changes made with uv."""

    def __init__(self, folder: Path) -> None:
        self.environment = Environment.make(folder)

    def install(self, wheel: Path) -> None:
        self.environment.install("--no-deps", wheel)

    def uninstall(self, name: str) -> None:
        self.environment.uninstall(name)


class Pip:
    """Changes made with pip, as most users do."""

    def __init__(self, folder: Path) -> None:
        self.environment = Environment.make(folder, seed=True)

    def _pip(self, *words: str | Path) -> None:
        run(self.environment.python, "-I", "-m", "pip", "--quiet", *words)

    def install(self, wheel: Path) -> None:
        self._pip("install", "--no-deps", "--no-index", wheel)

    def uninstall(self, name: str) -> None:
        self._pip("uninstall", "--yes", name)


@pytest.mark.parametrize("installer", [Uv, Pip])
def test_every_order_of_changes_leaves_a_working_package_or_none(
    installer: type[Uv] | type[Pip], pair: Pair, newer_pair: Pair, tmp_path: Path
) -> None:
    tool = installer(tmp_path / "venv")
    wheels = {"old": pair, "new": newer_pair}
    light, full = "", ""
    changes = 0

    for light_next, full_next in itertools.islice(every_change(), 1, None):
        for name, before, after in (
            ("prefect-client", light, light_next),
            ("prefect", full, full_next),
        ):
            if before == after:
                continue
            changes += 1
            if not after:
                tool.uninstall(name)
            elif name == "prefect":
                tool.install(wheels[after].full.wheel)
            else:
                tool.install(wheels[after].light.wheel)
        light, full = light_next, full_next
        seen = tool.environment.ask(LOOK, flags=("-I",))
        expect(seen, wheels[light].light if light else None, wheels[full].full if full else None)

    assert changes == 36, "each of the nine states has four changes"


def expect(seen: dict[str, object], light: Built | None, full: Built | None) -> None:
    """Check that what is there is what was installed: whole, and nothing else."""
    files = {name for built in (light, full) if built for name in built.files}
    assert seen["left"] == sorted(name.removeprefix("prefect/") for name in files)
    assert seen["broken"] == []
    assert seen["light"] == (light and light.version)
    assert seen["full"] == (full and full.version)
    assert seen["told"] == (light and light.version)
    if full is None:
        assert seen["command"] is False
    elif light is None:
        assert isinstance(seen["command"], list)
        assert seen["command"][0] == 1
        assert "`prefect-client`" in seen["command"][2]
    else:
        assert seen["command"] == [0, f"{light.version}\n", ""]


def test_light_brings_few_distributions(light_environment: Environment) -> None:
    third_party = sorted(set(light_environment.distributions()) - {"prefect-client", "pip"})

    assert len(third_party) <= MOST_THIRD_PARTY, third_party


@pytest.mark.parametrize("room", ["server", "cli", "testing"])
@pytest.mark.parametrize(
    "statement",
    ["import prefect.{}", "import prefect.{}.anything", "from prefect import {}"],
)
def test_light_says_how_to_get_a_room_of_full(
    light_environment: Environment, statement: str, room: str
) -> None:
    done = light_environment.run(statement.format(room), check=False)

    last = done.stderr.strip().splitlines()[-1]
    assert done.returncode == 1
    assert last.startswith(f"ModuleNotFoundError: `prefect.{room}` is not part of")
    assert "`pip install prefect`" in last


def test_light_knows_its_version(light_environment: Environment, light: Built) -> None:
    loaded = light_environment.ask(
        "import json, sys, prefect; print(json.dumps([prefect.__version__,"
        " 'importlib.metadata' in sys.modules]))"
    )

    assert loaded == [light.version, False], "the version needs no search through metadata"


def test_both_install_from_a_checkout_with_pip(tree: Path, pair: Pair, tmp_path: Path) -> None:
    environment = Environment.make(tmp_path / "venv", seed=True)

    run(
        environment.python, "-I", "-m", "pip", "install", "--quiet", "./client", ".", cwd=tree
    )  # isolated builds, as a user would get them

    assert git(tree, "status", "--porcelain") == "", "a build leaves nothing behind"
    versions = environment.distributions()
    assert versions["prefect"] == versions["prefect-client"] == pair.light.version
    run(environment.python, "-I", "-m", "pip", "check")
    told = run(environment.folder / "bin/prefect", "--version").stdout
    assert told == f"{pair.light.version}\n"


def test_light_installs_from_a_checkout_alone(tree: Path, light: Built, tmp_path: Path) -> None:
    environment = Environment.make(tmp_path / "venv")

    environment.install(tree / "client")

    assert environment.distributions()["prefect-client"] == light.version
    assert "prefect" not in environment.distributions()


def test_editable_install_follows_the_sources(tree: Path, tmp_path: Path) -> None:
    environment = Environment.make(tmp_path / "venv")

    environment.install("-e", tree / "client", "-e", tree)

    file, version = environment.ask(
        "import json, prefect, prefect.cli; print(json.dumps([prefect.__file__,"
        " prefect.__version__]))"
    )
    assert Path(file) == tree / "src/prefect/__init__.py"
    assert version == environment.distributions()["prefect-client"]


def test_uv_workspace_holds_both(tree: Path, tmp_path: Path) -> None:
    clone = tmp_path / "clone"
    git(tmp_path, "clone", "--quiet", str(tree), str(clone))

    uv("sync", "--quiet", "--no-dev", "--python", shutil.which("python3") or "python3", cwd=clone)

    environment = Environment(clone / ".venv")
    versions = environment.distributions()
    assert versions["prefect"] == versions["prefect-client"]
    assert json.loads(environment.run("import prefect.cli; print(1)").stdout) == 1
    assert git(clone, "status", "--porcelain") == ""


def test_archive_without_git_builds_a_version_integrations_accept(
    tree: Path, tmp_path: Path
) -> None:
    archive = tmp_path / "tree.tar"
    git(tree, "archive", "--output", str(archive), "HEAD")
    plain = tmp_path / "plain"
    shutil.unpack_archive(archive, plain)
    assert not (plain / ".git").exists()

    light = build(plain / "client", tmp_path / "light")
    full = build(plain, tmp_path / "full")

    assert light.version == full.version
    assert SpecifierSet(">=3.9").contains(light.version)
    assert f"prefect-client=={light.version}" in full.metadata.get_all("Requires-Dist", [])


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["version"], 0, ""),
        (["--version"], 0, ""),
        (["--help"], 0, ""),
        ([], 0, ""),
        (["server", "start"], 2, "'server' is not there yet"),
        (["server", "start", "--port", "1"], 2, "'server' is not there yet"),
    ],
)
def test_command_answers_honestly(
    pair: Pair, tmp_path_factory: pytest.TempPathFactory, words: list[str], code: int, said: str
) -> None:
    folder = tmp_path_factory.getbasetemp() / "command" / "venv"
    if not folder.exists():
        Environment.make(folder).install("--no-deps", pair.light.wheel, pair.full.wheel)

    done = run(folder / "bin/prefect", *words, check=False)

    assert done.returncode == code
    assert said in done.stderr
    assert bool(done.stdout) is not bool(said)
