"""How an entrypoint names a flow: by file or by module."""

from enum import Enum

__all__ = ["EntrypointType"]


class EntrypointType(Enum):
    """The kinds of entrypoint."""

    FILE_PATH = "file_path"
    """`path/to/file.py:flow_function`"""
    MODULE_PATH = "module_path"
    """`package.module.flow_function`"""
