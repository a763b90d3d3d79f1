"""Docker images: their names, and building and pushing them.

Names need nothing; building and pushing need the extra `docker` and a running Docker.
"""

from __future__ import annotations

import re
import shutil
import sys
import warnings
from collections.abc import Generator, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any, TextIO
from urllib.parse import urlsplit

from prefect._extras import require
from prefect._version import __version__

if TYPE_CHECKING:
    from types import TracebackType

    from docker import DockerClient
    from typing_extensions import Self

__all__ = [
    "CONTAINER_LABELS",
    "IMAGE_LABELS",
    "BuildError",
    "ImageBuilder",
    "PushError",
    "build_image",
    "docker_client",
    "format_outlier_version_name",
    "generate_default_dockerfile",
    "get_prefect_image_name",
    "parse_image_tag",
    "push_image",
    "python_version_micro",
    "python_version_minor",
    "silence_docker_warnings",
    "split_repository_path",
    "to_run_command",
]

IMAGE_LABELS = {"io.prefect.version": __version__}
"""Labels of the images made here."""

CONTAINER_LABELS = {"io.prefect.version": __version__}
"""Labels of the containers made here."""


# --- names ----------------------------------------------------------------------------------------


def python_version_minor() -> str:
    """Give the version of this Python without the last part, `"3.12"`."""
    return f"{sys.version_info.major}.{sys.version_info.minor}"


def python_version_micro() -> str:
    """Give the version of this Python, `"3.12.1"`."""
    return f"{python_version_minor()}.{sys.version_info.micro}"


def get_prefect_image_name(
    prefect_version: str | None = None,
    python_version: str | None = None,
    flavor: str | None = None,
) -> str:
    """Name the public image with a version of Prefect.

    Args:
        prefect_version: The version; by default this one. For builds between two releases, which
            have no image, the release they follow.
        python_version: The version of Python, `"3.12"`; by default this one.
        flavor: A variant of the image, `"conda"` for example.
    """
    release = re.match(r"\d+(\.\d+)*((a|b|rc)\d+)?", prefect_version or __version__)
    version = release[0] if release else "3-latest"
    # A version made without knowing any release is 0 or 0.0.0.
    version = "3" if not version.strip("0.") else version
    tag = f"{version}-python{python_version or python_version_minor()}"
    return f"prefecthq/prefect:{tag}-{flavor}" if flavor else f"prefecthq/prefect:{tag}"


def parse_image_tag(name: str) -> tuple[str, str | None]:
    """Split the name of an image into repository and tag, or repository and digest.

    `"host:5000/team/image:v1"` → `("host:5000/team/image", "v1")`; the tag is None if there is
    none. With a digest, a tag before it stays with the repository.
    """
    name, at, digest = name.partition("@")
    path, slash, last = name.rpartition("/")
    image, colon, tag = last.partition(":")
    repository = f"{path}{slash}{image}"
    if at:
        return repository if not colon else f"{repository}:{tag}", digest
    return repository, tag if colon else None


def split_repository_path(repository_path: str) -> tuple[str | None, str]:
    """Split the name of a repository into what leads to it and its own name."""
    namespace, slash, repository = repository_path.rpartition("/")
    return (namespace if slash else None), repository


def format_outlier_version_name(version: str) -> str:
    """Give Docker's version without what distributors add: `"20.10.0-ce"` → `"20.10.0"`."""
    return re.sub(r"([-+~]?ce\b|[-+]azure).*$", "", version)


def to_run_command(command: list[str]) -> str:
    """Write a command as a line of a Dockerfile; empty if there is none."""
    import shlex

    return f"RUN {shlex.join(command)}" if command else ""


# --- Docker ---------------------------------------------------------------------------------------


class BuildError(Exception):
    """Raised when building an image fails."""


class PushError(Exception):
    """Raised when pushing an image fails."""


@contextmanager
def silence_docker_warnings() -> Generator[None, None, None]:
    """Hide the deprecation warnings that the Docker package causes by itself."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", category=DeprecationWarning, module=r"docker\..*")
        warnings.filterwarnings("ignore", message="distutils Version classes are deprecated.*")
        warnings.filterwarnings("ignore", message="The distutils.*")
        yield


@contextmanager
def docker_client() -> Generator[DockerClient, None, None]:
    """Connect to Docker as the environment says.

    Raises:
        PrefectImportError: If the extra `docker` is not installed.
        RuntimeError: If Docker does not answer.
    """
    with silence_docker_warnings():
        docker = require("docker", extra="docker", what="working with Docker")
        try:
            client = docker.DockerClient.from_env()
        except docker.errors.DockerException as error:
            raise RuntimeError(
                f"Docker does not answer ({error}); is it running, and may this user use it?"
            ) from error
    try:
        yield client
    finally:
        client.close()


def build_image(
    context: Path,
    dockerfile: str = "Dockerfile",
    tag: str | None = None,
    pull: bool = False,
    platform: str | None = None,
    stream_progress_to: TextIO | None = None,
    **kwargs: Any,
) -> str:
    """Build an image.

    Args:
        context: The directory that is sent to Docker.
        dockerfile: The Dockerfile, seen from there.
        tag: The image's name.
        pull: Whether to look for a newer base image.
        platform: What to build for, `"linux/amd64"` for example.
        stream_progress_to: Where Docker's messages go.
        **kwargs: Passed to Docker.

    Returns:
        The image's id.

    Raises:
        ValueError: If the directory does not exist.
        BuildError: If the build fails.
    """
    if not context:
        raise ValueError("Building an image needs the directory to build it from, `context`")
    if not Path(context).exists():
        raise ValueError(f"There is no directory {str(context)!r} to build an image from")
    kwargs["labels"] = {**kwargs.get("labels", {}), **IMAGE_LABELS}
    image_id: str | None = None
    with docker_client() as client:
        events = client.api.build(
            path=str(context),
            tag=tag,
            dockerfile=dockerfile,
            pull=pull,
            decode=True,
            platform=platform,
            **kwargs,
        )
        for event in events:
            if "stream" in event:
                _show(event["stream"], stream_progress_to)
            elif "aux" in event:
                image_id = event["aux"].get("ID", image_id)
            elif "error" in event:
                raise BuildError(event["error"])
            elif "message" in event:
                raise BuildError(event["message"])
    if image_id is None:
        raise BuildError("Docker ended the build without naming an image")
    return image_id


def push_image(
    image_id: str,
    registry_url: str,
    name: str,
    tag: str | None = None,
    stream_progress_to: TextIO | None = None,
) -> str:
    """Push an image to a registry.

    Args:
        image_id: The image.
        registry_url: The registry, with or without a scheme.
        name: The name there.
        tag: The tag there; by default the time, to the second.
        stream_progress_to: Where Docker's messages go.

    Returns:
        The image's full name there.

    Raises:
        PushError: If the push fails.
    """
    from datetime import datetime, timezone

    tag = tag or datetime.now(timezone.utc).strftime("%Y-%m-%dt%H-%M-%Sz")
    parts = urlsplit(registry_url if "://" in registry_url else f"//{registry_url}")
    host = f"{parts.netloc}{parts.path}".rstrip("/")
    repository = f"{host}/{name}"
    with docker_client() as client:
        client.api.get_image(image_id)
        client.images.get(image_id).tag(repository, tag=tag)
        try:
            for event in client.api.push(repository, tag=tag, stream=True, decode=True):
                if "error" in event:
                    raise PushError(event["error"])
                if "status" in event:
                    progress = event.get("progress", "")
                    _show(f"{event['status']} {progress}".rstrip() + "\n", stream_progress_to)
        finally:
            client.api.remove_image(f"{repository}:{tag}", noprune=True)
    return f"{repository}:{tag}"


def _show(text: str, stream: TextIO | None) -> None:
    if stream is not None:
        stream.write(text)
        stream.flush()


# --- making Dockerfiles ---------------------------------------------------------------------------


@contextmanager
def generate_default_dockerfile(context: Path | None = None) -> Iterator[Path]:
    """Write a Dockerfile for the project in a directory, while the context lasts.

    Args:
        context: The directory, by default the current one. Its `requirements.txt` is installed,
            if it has one.

    Raises:
        RuntimeError: If the directory has a Dockerfile already.
    """
    directory = (context or Path.cwd()).resolve()
    target = f"/opt/prefect/{directory.name}"
    lines = [f"FROM {get_prefect_image_name()}"]
    if (directory / "requirements.txt").exists():
        # Before the project: then a change of the project alone does not install them again.
        lines += [
            f"COPY requirements.txt {target}/requirements.txt",
            f"RUN python -m pip install -r {target}/requirements.txt",
        ]
    lines += [f"COPY . {target}/", f"WORKDIR {target}/"]
    dockerfile = directory / "Dockerfile"
    try:
        with dockerfile.open("x", encoding="utf-8") as file:
            file.write("\n".join(lines) + "\n")
    except FileExistsError as error:
        raise RuntimeError(
            f"There is a Dockerfile already: {str(dockerfile)!r}. Remove it, or build with it"
            ' by passing `dockerfile="Dockerfile"`'
        ) from error
    try:
        yield dockerfile
    finally:
        dockerfile.unlink()


class ImageBuilder:
    """Collects the lines of a Dockerfile and the files it needs, then builds the image.

        with ImageBuilder("python:3.12-slim") as image:
            image.copy("flows", "/opt/flows")
            image.add_line("WORKDIR /opt/flows")
            image_id = image.build()

    Args:
        base_image: The image to start from.
        base_directory: Where files are taken from; by default the current directory.
        platform: What to build for.
        context: The directory that is sent to Docker; by default a new one that is removed.
    """

    base_directory: Path
    context: Path | None
    dockerfile_lines: list[str]

    def __init__(
        self,
        base_image: str,
        base_directory: Path | None = None,
        platform: str | None = None,
        context: Path | None = None,
    ) -> None:
        self.base_directory = base_directory or context or Path.cwd()
        self.context = context
        self.platform = platform
        self.temporary_directory: Path | None = None
        self.dockerfile_lines = [f"FROM {base_image}"]
        if context is not None:
            dockerfile = context / "Dockerfile"
            if dockerfile.exists():
                raise ValueError(f"There is a Dockerfile already: {str(dockerfile)!r}")

    def __enter__(self) -> Self:
        if self.context is None:
            from tempfile import mkdtemp

            self.temporary_directory = Path(mkdtemp(prefix="prefect-image-"))
            self.context = self.temporary_directory
        return self

    def __exit__(
        self, exc: type[BaseException], value: BaseException, traceback: TracebackType
    ) -> None:
        if self.temporary_directory is not None:
            shutil.rmtree(self.temporary_directory, ignore_errors=True)
            self.temporary_directory = None
            self.context = None

    def add_line(self, line: str) -> None:
        """Add a line to the Dockerfile."""
        self.add_lines([line])

    def add_lines(self, lines: Iterable[str]) -> None:
        """Add lines to the Dockerfile."""
        self.dockerfile_lines.extend(lines)

    def copy(self, source: str | Path, destination: str | PurePosixPath) -> None:
        """Copy a file or directory of this machine into the image.

        Args:
            source: Where it lies, seen from the base directory.
            destination: Where it goes.
        """
        context = self._entered()
        path = Path(source)
        if not path.is_absolute():
            path = self.base_directory / path
        path = path.resolve()
        try:
            inside = path.relative_to(self.base_directory.resolve())
        except ValueError:
            inside = Path(path.relative_to(path.anchor))
        if self.temporary_directory is not None:
            target = context / inside
            target.parent.mkdir(parents=True, exist_ok=True)
            if path.is_dir():
                shutil.copytree(path, target, dirs_exist_ok=True)
            else:
                shutil.copy2(path, target)
        self.add_line(f"COPY {inside.as_posix()} {destination}")

    def write_text(self, text: str, destination: str | PurePosixPath) -> None:
        """Write a text into a file of the image."""
        from hashlib import sha256

        context = self._entered()
        name = f".{sha256(text.encode()).hexdigest()}"
        (context / name).write_text(text, encoding="utf-8")
        self.add_line(f"COPY {name} {destination}")

    def build(self, pull: bool = False, stream_progress_to: TextIO | None = None) -> str:
        """Build the image; give its id.

        Args:
            pull: Whether to look for a newer base image.
            stream_progress_to: Where Docker's messages go.

        Raises:
            BuildError: If the build fails.
        """
        context = self._entered()
        dockerfile = context / "Dockerfile"
        with dockerfile.open("w", encoding="utf-8") as file:
            file.write("\n".join(self.dockerfile_lines) + "\n")
        try:
            return build_image(
                context, platform=self.platform, pull=pull, stream_progress_to=stream_progress_to
            )
        finally:
            dockerfile.unlink()

    def _entered(self) -> Path:
        if self.context is None:
            raise RuntimeError("Use ImageBuilder in a `with` block")
        return self.context

    def assert_has_line(self, line: str) -> None:
        """Raise `AssertionError` unless the Dockerfile has a line."""
        assert line in self.dockerfile_lines, f"No line {line!r} in {self.dockerfile_lines}"

    def assert_line_absent(self, line: str) -> None:
        """Raise `AssertionError` if the Dockerfile has a line."""
        assert line not in self.dockerfile_lines, f"A line {line!r} in {self.dockerfile_lines}"

    def assert_line_before(self, first: str, second: str) -> None:
        """Raise `AssertionError` unless one line stands before another."""
        self.assert_has_line(first)
        self.assert_has_line(second)
        positions = [self.dockerfile_lines.index(line) for line in (first, second)]
        assert positions[0] < positions[1], f"{first!r} does not stand before {second!r}"

    def assert_line_after(self, second: str, first: str) -> None:
        """Raise `AssertionError` unless one line stands after another."""
        self.assert_line_before(first, second)

    def assert_has_file(self, source: Path, container_path: PurePosixPath) -> None:
        """Raise `AssertionError` unless a file is copied to a place, with this content."""
        place = str(container_path)
        copies = [
            words[1]
            for words in map(str.split, self.dockerfile_lines)
            if len(words) == 3 and words[0] == "COPY" and words[2] == place
        ]
        assert copies, f"Nothing is copied to {place} in {self.dockerfile_lines}"
        expected = source.read_bytes()
        actual = (self._entered() / copies[-1]).read_bytes()
        assert actual == expected, f"What is copied to {place} is not {str(source)!r}"
