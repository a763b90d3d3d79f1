"""Names of images, and Dockerfiles; Docker itself is not needed."""

import sys
from pathlib import Path, PurePosixPath

import pytest

from prefect._internal.buildx import _options, buildx_build_image
from prefect.exceptions import PrefectImportError
from prefect.utilities.dockerutils import (
    BuildError,
    ImageBuilder,
    build_image,
    docker_client,
    format_outlier_version_name,
    generate_default_dockerfile,
    get_prefect_image_name,
    parse_image_tag,
    python_version_micro,
    python_version_minor,
    split_repository_path,
    to_run_command,
)


@pytest.mark.parametrize(
    ("version", "tag"),
    [
        ("3.9.1", "3.9.1"),
        ("3.0.0rc1", "3.0.0rc1"),
        ("3.9.1.post5+gabc", "3.9.1"),
        ("3.9.1+2.gabc", "3.9.1"),
        ("0+unknown", "3"),
    ],
)
def test_image_is_the_one_of_the_release(version: str, tag: str) -> None:
    name = get_prefect_image_name(version, python_version="3.12")

    assert name == f"prefecthq/prefect:{tag}-python3.12"


def test_image_can_have_a_flavor() -> None:
    assert get_prefect_image_name("3.9.1", "3.12", "conda").endswith(":3.9.1-python3.12-conda")


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("a", ("a", None)),
        ("a:b", ("a", "b")),
        ("host:5000/a", ("host:5000/a", None)),
        ("host:5000/x/y:z", ("host:5000/x/y", "z")),
        ("a@sha256:abc", ("a", "sha256:abc")),
        ("r/a:b@sha256:abc", ("r/a:b", "sha256:abc")),
    ],
)
def test_names_are_split(name: str, parts: tuple[str, str | None]) -> None:
    assert parse_image_tag(name) == parts


def test_repositories_are_split() -> None:
    assert split_repository_path("host/team/image") == ("host/team", "image")
    assert split_repository_path("image") == (None, "image")


@pytest.mark.parametrize(
    ("version", "plain"),
    [("20.10.0-ce", "20.10.0"), ("20.10.25+azure-2", "20.10.25"), ("24.0.1", "24.0.1")],
)
def test_versions_lose_what_distributors_add(version: str, plain: str) -> None:
    assert format_outlier_version_name(version) == plain


def test_commands_become_lines() -> None:
    assert to_run_command(["a", "b c"]) == "RUN a 'b c'"
    assert to_run_command([]) == ""


def test_python_versions_are_this_ones() -> None:
    assert sys.version.startswith(python_version_micro())
    assert python_version_micro().startswith(python_version_minor() + ".")


def test_default_dockerfile_exists_for_a_while(tmp_path: Path) -> None:
    (tmp_path / "requirements.txt").write_text("x")

    with generate_default_dockerfile(tmp_path) as dockerfile:
        lines = dockerfile.read_text().splitlines()

    assert lines[0].startswith("FROM prefecthq/prefect:")
    assert any("pip install -r" in line for line in lines)
    assert not dockerfile.exists()


def test_own_dockerfile_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "Dockerfile").write_text("mine")

    with pytest.raises(RuntimeError, match="already"), generate_default_dockerfile(tmp_path):
        pass
    assert (tmp_path / "Dockerfile").read_text() == "mine"


def test_builder_collects_lines_and_files(tmp_path: Path) -> None:
    (tmp_path / "flows").mkdir()
    (tmp_path / "flows" / "a.py").write_text("a = 1")
    with ImageBuilder("python:3.12", base_directory=tmp_path) as image:
        image.copy("flows/a.py", "/opt/a.py")
        image.write_text("hello", "/opt/hello.txt")
        image.add_line("WORKDIR /opt")
        context = image.context

        image.assert_has_line("FROM python:3.12")
        image.assert_has_file(tmp_path / "flows" / "a.py", PurePosixPath("/opt/a.py"))
        image.assert_line_before("FROM python:3.12", "WORKDIR /opt")
        image.assert_line_absent("USER root")
        with pytest.raises(AssertionError):
            image.assert_line_after("FROM python:3.12", "WORKDIR /opt")

    assert context is not None
    assert not context.exists()


def test_builder_works_in_a_with_block_only() -> None:
    with pytest.raises(RuntimeError, match="with"):
        ImageBuilder("python:3.12").build()


def test_missing_directory_is_named(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="nowhere"):
        build_image(tmp_path / "nowhere")
    with pytest.raises(ValueError, match="nowhere"):
        buildx_build_image(tmp_path / "nowhere")


def test_docker_needs_its_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "docker", None)

    with pytest.raises(PrefectImportError, match=r"prefect-client\[docker\]"), docker_client():
        pass


def test_buildx_options_have_names_of_their_own() -> None:
    options = _options({"buildargs": {"A": "1"}, "target": "prod", "nocache": True})

    assert options[:2][0] == "--label"
    assert options[2:] == ["--build-arg", "A=1", "--target", "prod", "--no-cache"]
    with pytest.raises(ValueError, match="'nonsense'"):
        _options({"nonsense": 1})


@pytest.mark.skipif(sys.platform == "win32", reason="the stand-in is a shell script")
@pytest.mark.parametrize("status", [0, 1])
def test_buildx_runs_docker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, status: int) -> None:
    program = tmp_path / "docker"
    program.write_text(
        "#!/bin/sh\n"
        'while [ "$1" != --iidfile ]; do shift; done\n'
        'printf "sha256:abc\\n" > "$2"\necho building\n'
        f"exit {status}\n"
    )
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")

    if status == 0:
        assert buildx_build_image(tmp_path, tag="x") == "sha256:abc"
    else:
        with pytest.raises(BuildError, match="building"):
            buildx_build_image(tmp_path, tag="x")
