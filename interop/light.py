"""Our own light distribution, built from this checkout and installed alone in an environment.

Used by the demo and the benches. Standard library only.
"""

import os
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

__all__ = ["Install", "build_light_wheel", "install_alone", "measure_install"]

ROOT = Path(__file__).resolve().parent.parent


def build_light_wheel(into: Path) -> Path:
    """Build the `prefect-client` wheel of this checkout and return its path."""
    _pip(sys.executable, "wheel", "--no-deps", "--wheel-dir", str(into), str(ROOT / "client"))
    return next(into.glob("prefect_client-*.whl"))


def install_alone(folder: Path, requirements: Iterable[str], *, python: str | None = None) -> Path:
    """Make a fresh environment that holds only `requirements` and what they need.

    Bytecode is compiled, as a container image would have it; pip and setuptools are removed.

    Returns:
        The environment's interpreter.
    """
    subprocess.run([python or sys.executable, "-m", "venv", "--clear", str(folder)], check=True)
    inside = folder / "bin" / "python"
    _pip(str(inside), "install", *requirements)
    _pip(str(inside), "uninstall", "--yes", "setuptools", "pip")
    compile_bytecode(inside)
    return inside


def compile_bytecode(python: Path) -> None:
    """Compile everything in the environment's site-packages."""
    packages = site_packages(python)
    subprocess.run(
        [str(python), "-m", "compileall", "-q", str(packages)],
        check=False,  # some third-party packages ship files for other Python versions
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env=plain_environment(),
    )


def site_packages(python: Path) -> Path:
    """Where the environment keeps its packages."""
    code = "import sysconfig; print(sysconfig.get_path('purelib'))"
    done = subprocess.run([str(python), "-c", code], check=True, capture_output=True, text=True)
    return Path(done.stdout.strip())


def plain_environment() -> dict[str, str]:
    """This process's environment without what changes how Python runs or what Prefect does."""
    dropped = ("PREFECT_", "PYTHON")
    return {name: value for name, value in os.environ.items() if not name.startswith(dropped)}


@dataclass(frozen=True)
class Install:
    """What an environment holds.

    Attributes:
        distributions: Names of the third-party distributions, ours and the installers left out.
        size_bytes: Of all files in site-packages, bytecode included.
    """

    distributions: tuple[str, ...]
    size_bytes: int


def measure_install(python: Path, *, leave_out: str = "prefect-client") -> Install:
    """Count an environment's distributions and bytes; pip, setuptools and wheel do not count."""
    code = (
        "import importlib.metadata as m;"
        "print('\\n'.join(sorted({d.metadata['Name'].lower() for d in m.distributions()})))"
    )
    done = subprocess.run(
        [str(python), "-c", code], check=True, capture_output=True, text=True, cwd="/"
    )
    installers = {"pip", "setuptools", "wheel", leave_out}
    names = tuple(name for name in done.stdout.split() if name not in installers)
    packages = site_packages(python)
    size = 0
    for path in packages.rglob("*"):
        top = path.relative_to(packages).parts[0].lower()
        if path.is_file() and not top.startswith(("pip", "setuptools", "_distutils", "pkg_res")):
            size += path.stat().st_size
    return Install(distributions=names, size_bytes=size)


def _pip(python: str, *arguments: str) -> None:
    subprocess.run(
        [python, "-m", "pip", "--disable-pip-version-check", "--quiet", *arguments],
        check=True,
        stdin=subprocess.DEVNULL,
        env=plain_environment(),
    )
