"""Images for several platforms at once, with `docker buildx`.

Runs the program `docker`, so that no Python package is needed.
"""

from __future__ import annotations

import subprocess
import tempfile
from pathlib import Path
from typing import Any, TextIO

from prefect.utilities.dockerutils import IMAGE_LABELS, BuildError, PushError

__all__ = ["buildx_build_image", "buildx_push_image"]


def buildx_build_image(
    context: Path,
    dockerfile: str = "Dockerfile",
    tag: str | None = None,
    extra_tags: list[str] | None = None,
    pull: bool = False,
    platform: str | None = None,
    stream_progress_to: TextIO | None = None,
    push: bool = False,
    **kwargs: Any,
) -> str:
    """Build an image with buildx.

    Args:
        context: The directory that is sent to Docker.
        dockerfile: The Dockerfile, seen from there.
        tag: The image's name.
        extra_tags: Further names.
        pull: Whether to look for a newer base image.
        platform: What to build for; several separated by commas.
        stream_progress_to: Where Docker's messages go.
        push: Whether to push the image at once; for several platforms there is no other way.
        **kwargs: Further options: `labels` and `buildargs` (mappings), `target`, `network`,
            `cache_from` and `cache_to` (a text or a list), `nocache`.

    Returns:
        The image's id.

    Raises:
        ValueError: If the directory does not exist, or an option is not known.
        BuildError: If the build fails.
    """
    if not Path(context).exists():
        raise ValueError(f"There is no directory {str(context)!r} to build an image from")
    with tempfile.TemporaryDirectory(prefix="prefect-buildx-") as directory:
        id_file = Path(directory) / "image-id"
        command = ["docker", "buildx", "build", str(context)]
        command += ["--file", str(Path(context) / dockerfile), "--iidfile", str(id_file)]
        for name in filter(None, [tag, *(extra_tags or [])]):
            command += ["--tag", name]
        if platform:
            command += ["--platform", platform]
        if pull:
            command.append("--pull")
        command.append("--push" if push else "--load")
        _run([*command, *_options(kwargs)], stream_progress_to, BuildError)
        return id_file.read_text(encoding="utf-8").strip()


def _options(given: dict[str, Any]) -> list[str]:
    """Translate the names that the Docker package uses into options of buildx."""
    options = dict(given)
    labels = {**(options.pop("labels", None) or {}), **IMAGE_LABELS}
    written: list[str] = []
    for name, value in labels.items():
        written += ["--label", f"{name}={value}"]
    for name, value in (options.pop("buildargs", None) or {}).items():
        written += ["--build-arg", f"{name}={value}"]
    for name in ("target", "network"):
        value = options.pop(name, None)
        if value:
            written += [f"--{name}", str(value)]
    for name in ("cache_from", "cache_to"):
        value = options.pop(name, None) or []
        for item in [value] if isinstance(value, str) else value:
            written += [f"--{name.replace('_', '-')}", item]
    if options.pop("nocache", False):
        written.append("--no-cache")
    if options:
        raise ValueError(f"buildx has no option for {', '.join(map(repr, sorted(options)))}")
    return written


def buildx_push_image(
    name: str, tag: str | None = None, stream_progress_to: TextIO | None = None
) -> None:
    """Push an image that was built with buildx and loaded.

    Args:
        name: The image's name, registry included.
        tag: Its tag, unless the name has it.
        stream_progress_to: Where Docker's messages go.

    Raises:
        PushError: If the push fails.
    """
    full_name = f"{name}:{tag}" if tag else name
    _run(["docker", "push", full_name], stream_progress_to, PushError)


def _run(command: list[str], stream: TextIO | None, error: type[Exception]) -> None:
    """Run a command, passing its output on; raise with the last lines of it when it fails."""
    last: list[str] = []
    try:
        process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace"
        )
    except FileNotFoundError as missing:
        raise error("The program `docker` is not installed, or not on PATH") from missing
    with process:
        assert process.stdout is not None
        for line in process.stdout:
            last = [*last[-19:], line]
            if stream is not None:
                stream.write(line)
                stream.flush()
    if process.returncode:
        raise error(
            f"`{' '.join(command[:3])}` ended with {process.returncode}:\n{''.join(last).rstrip()}"
        )
