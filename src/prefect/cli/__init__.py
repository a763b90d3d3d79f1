"""The `prefect` command, carried by the full distribution only.

So far it tells the version; any other command ends with an error that says it is not there yet.
"""

from __future__ import annotations

import argparse
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["app"]

USAGE_ERROR = 2
"""Exit code of a command line that cannot be run, as argparse uses it."""

BROKEN_INSTALL = 1
"""Exit code when the package itself is incomplete."""

LIGHT_HALF_MISSING = (
    "prefect: the distribution `prefect-client`, on which this command builds, is not installed."
    " Run `pip install --force-reinstall prefect` to bring it back, or `pip uninstall prefect` to"
    " remove the rest."
)


def app(arguments: Sequence[str] | None = None) -> int:
    """Run the command line.

    Args:
        arguments: Words after `prefect`; None means those of this process.

    Returns:
        The exit code.
    """
    try:
        from prefect import __version__
    except ImportError:  # prefect-client was uninstalled by itself: only this half is left
        print(LIGHT_HALF_MISSING, file=sys.stderr)
        return BROKEN_INSTALL

    parser = argparse.ArgumentParser(
        prog="prefect", description="Workflow orchestration in Python."
    )
    parser.add_argument("--version", "-v", action="version", version=__version__)
    parser.add_argument("command", nargs="?", help="`version` tells the installed version")
    options, _ = parser.parse_known_args(arguments)
    if options.command is None:
        parser.print_help()
        return 0
    if options.command == "version":
        print(__version__)
        return 0
    print(
        f"prefect: the command {options.command!r} is not there yet; this release has only"
        " `prefect version`. The Python client can do its work against any Prefect 3 server:"
        " see `prefect.client.orchestration.get_client`.",
        file=sys.stderr,
    )
    return USAGE_ERROR
