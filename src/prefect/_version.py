"""The version of this installation.

A built wheel carries `prefect/_build_info.py`, written by the build hook. In a checkout there is
none; then the installed distribution's metadata is asked.
"""

__all__ = ["__version__"]


def _read_version() -> str:
    try:
        from prefect._build_info import __version__ as built
    except ModuleNotFoundError:
        from importlib import metadata  # slow to import: only a checkout needs it

        try:
            return metadata.version("prefect-client")
        except metadata.PackageNotFoundError:
            return "3.9.0+unknown"  # a source tree on the path, never installed
    return str(built)


__version__ = _read_version()
