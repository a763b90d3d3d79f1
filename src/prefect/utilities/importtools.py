"""Loading code by name or path, and names for code.

Used to find flows at entrypoints, to name classes in stored data, and for optional modules.
"""

from __future__ import annotations

import importlib
import importlib.util
import os
import sys
import warnings
from collections.abc import Callable, Iterable, Sequence
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from pathlib import Path
from threading import RLock
from types import ModuleType
from typing import Any, NamedTuple

from prefect.exceptions import ScriptError

__all__ = [
    "AliasedModuleDefinition",
    "AliasedModuleFinder",
    "AliasedModuleLoader",
    "DelayedImportErrorModule",
    "from_qualified_name",
    "import_object",
    "lazy_import",
    "load_module",
    "load_script_as_module",
    "safe_load_namespace",
    "to_qualified_name",
]

_sys_path_lock = RLock()
"""Held while a script is loaded: `sys.path` belongs to all threads."""


# --- names ----------------------------------------------------------------------------------------


def to_qualified_name(obj: Any) -> str:
    """Name a function or class: `"package.module.Class.method"`."""
    return f"{obj.__module__}.{obj.__qualname__}"


def from_qualified_name(name: str) -> Any:
    """Load what a dotted name stands for: a module, or a name in one.

    Raises:
        ModuleNotFoundError: If there is no such module.
        AttributeError: If the module has no such name.
    """
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        module_name, dot, attribute = name.rpartition(".")
        if not dot or not name.startswith(str(error.name)):
            raise  # a module was found, but one that it imports was not
    return getattr(importlib.import_module(module_name), attribute)


# --- loading --------------------------------------------------------------------------------------


def load_module(module_name: str) -> ModuleType:
    """Import a module, also one that lies in the current directory."""
    with _sys_path_lock:
        here = os.getcwd()
        sys.path.insert(0, here)
        try:
            return importlib.import_module(module_name)
        finally:
            _remove_first(sys.path, here)


def load_script_as_module(path: str) -> ModuleType:
    """Run a Python file and give what it defines, as a module.

    The file can import its neighbours, then and later: its directory is put on `sys.path`.

    Args:
        path: The file; the module is called like it.

    Raises:
        ValueError: If `path` is no Python file.
        ScriptError: If running it fails.
    """
    return _load_script(path, Path(path).stem)


def _load_script(path: str, module_name: str) -> ModuleType:
    if not str(path).endswith(".py"):
        raise ValueError(f"Only Python files can be loaded, with the ending .py, but got {path!r}")
    full_path = os.path.abspath(path)
    directory = os.path.dirname(full_path)
    spec = importlib.util.spec_from_file_location(
        module_name, full_path, submodule_search_locations=[directory, os.getcwd()]
    )
    if spec is None or spec.loader is None:
        raise ValueError(f"Python has no way to load {path!r}")
    module = importlib.util.module_from_spec(spec)
    with _sys_path_lock:
        if directory not in sys.path:
            sys.path.insert(0, directory)
        before = sys.modules.get(module_name)
        sys.modules[module_name] = module  # pickling looks classes up there
        try:
            spec.loader.exec_module(module)
        except Exception as error:  # whatever the user's code raises
            if before is None:
                del sys.modules[module_name]
            else:
                sys.modules[module_name] = before
            raise ScriptError(user_exc=error, path=path) from error
    return module


def import_object(import_path: str) -> Any:
    """Load an object from a file or module.

    Args:
        import_path: `"path/to/file.py:name"`, `"package.module:name"` or `"package.module.name"`;
            with a colon, the name may have several parts.

    Raises:
        ValueError: If `import_path` has none of these forms.
        ModuleNotFoundError: If there is no such module.
        ScriptError: If the file cannot be run.
        AttributeError: If the name is not defined there.
    """
    place, separator, name = import_path.rpartition(":")
    if separator and place.endswith(".py"):
        # A name that no import statement can mean, so that scripts do not shadow modules.
        from hashlib import sha256

        digest = sha256(os.path.abspath(place).encode()).hexdigest()[:16]
        module = _load_script(place, f"__prefect_loader_{digest}__")
    elif separator:
        module = load_module(place)
    elif "." in import_path:
        module_name, _, name = import_path.rpartition(".")
        module = load_module(module_name)
    else:
        raise ValueError(
            f"{import_path!r} names no object: write 'file.py:name', 'module:name' or 'module.name'"
        )
    found: Any = module
    for part in name.split("."):
        found = getattr(found, part)
    return found


def safe_load_namespace(source_code: str, filepath: str | None = None) -> dict[str, Any]:
    """Run as much of a script's top level as is needed to know what it defines.

    Imports that fail are left out, and so is every definition that fails for want of them, so
    that the types and defaults of a flow can be read where its dependencies are not installed.
    Other statements (calls, loops, `if __name__ == "__main__"`) are not run.

    Args:
        source_code: The script.
        filepath: Where it comes from; its neighbours can be imported then.

    Returns:
        Name → value.
    """
    import ast  # heavy: only used here

    directory = None if filepath is None else os.path.dirname(os.path.abspath(filepath))
    namespace: dict[str, Any] = {"__name__": "prefect_safe_namespace_loader"}
    if directory is not None:
        # Relative imports look among the neighbours.
        namespace["__package__"] = _neighbours_package(directory)
    definitions = (
        ast.Import, ast.ImportFrom, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef,
        ast.Assign, ast.AnnAssign,
    )  # fmt: skip
    with _sys_path_lock:
        if directory is not None:
            sys.path.insert(0, directory)
        try:
            for statement in ast.parse(source_code).body:
                if isinstance(statement, definitions):
                    _try_to_run(statement, namespace, filepath)
        finally:
            if directory is not None:
                _remove_first(sys.path, directory)
    namespace.pop("__package__", None)
    return namespace


def _try_to_run(statement: Any, namespace: dict[str, Any], filepath: str | None) -> None:
    import ast

    code = compile(ast.Module([statement], type_ignores=[]), filepath or "<script>", "exec")
    try:
        exec(code, namespace)
    except Exception as error:  # the user's code: whatever it raises, the rest may still be useful
        from prefect.logging.loggers import get_logger

        get_logger(__name__).debug(
            "Line %d of %s was left out: %r", statement.lineno, filepath or "a script", error
        )


def _neighbours_package(directory: str) -> str:
    """Make a package of a directory's files without importing them; give its name."""
    from hashlib import sha256

    name = f"__prefect_neighbours_{sha256(directory.encode()).hexdigest()[:16]}__"
    if name not in sys.modules:
        package = ModuleType(name)
        package.__path__ = [directory]
        sys.modules[name] = package
    return name


def _remove_first(items: list[str], item: str) -> None:
    if item in items:
        items.remove(item)


# --- optional modules -----------------------------------------------------------------------------


class DelayedImportErrorModule(ModuleType):
    """Stands for a module that is not installed: using it raises.

    Args:
        error_message: What is missing.
        help_message: What the user can do about it.
    """

    def __init__(self, error_message: str, help_message: str | None = None) -> None:
        super().__init__("DelayedImportErrorModule")
        self.__error_message = error_message
        self.__help_message = help_message

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") and name.endswith("__"):
            # Tools look at modules in passing; only what a user writes is a use.
            raise AttributeError(f"{self.__error_message} (looking for {name!r})")
        message = self.__error_message
        if self.__help_message:
            message = f"{message}\n{self.__help_message}"
        raise ModuleNotFoundError(message)


def lazy_import(
    name: str, error_on_import: bool = False, help_message: str | None = None
) -> ModuleType:
    """Get a module that is loaded when it is first used.

    Args:
        name: The module; packages inside others are loaded with their parents at once.
        error_on_import: Whether to raise now when the module is not installed, rather than at its
            first use.
        help_message: What the user can do when it is not.

    Raises:
        ModuleNotFoundError: With `error_on_import`, if there is no such module.
    """
    if name in sys.modules:
        return sys.modules[name]
    if "." in name:
        warnings.warn(
            f"{name!r} lies inside a package, which is loaded at once to find it",
            RuntimeWarning,
            stacklevel=2,
        )
    try:
        spec = importlib.util.find_spec(name)
    except ModuleNotFoundError:
        spec = None
    if spec is None or spec.loader is None:
        message = f"No module named {name!r}."
        if error_on_import:
            raise ModuleNotFoundError(
                f"{message}\n{help_message}" if help_message else message, name=name
            )
        return DelayedImportErrorModule(message, help_message)
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    importlib.util.LazyLoader(spec.loader).exec_module(module)
    return module


# --- modules that moved ---------------------------------------------------------------------------


class AliasedModuleDefinition(NamedTuple):
    """A former name of a module."""

    alias: str
    """The former name."""
    real: str
    """The name today."""
    callback: Callable[[str], None] | None
    """Called with the imported name at the first import, to warn for example."""


class AliasedModuleFinder(MetaPathFinder):
    """Find modules under their former names too; to be put on `sys.meta_path`.

    Importing `old.part` gives the very module `new.part`.
    """

    def __init__(self, aliases: Iterable[AliasedModuleDefinition]) -> None:
        self.aliases: list[AliasedModuleDefinition] = list(aliases)

    def find_spec(
        self, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Find a module by its former name."""
        for alias, real, callback in self.aliases:
            if fullname == alias or fullname.startswith(alias + "."):
                real_spec = importlib.util.find_spec(real + fullname[len(alias) :])
                if real_spec is None:
                    return None
                return ModuleSpec(
                    fullname,
                    AliasedModuleLoader(fullname, callback, real_spec),
                    origin=real_spec.origin,
                    is_package=real_spec.submodule_search_locations is not None,
                )
        return None


class AliasedModuleLoader(Loader):
    """Put the real module in the place of its former name."""

    def __init__(
        self, alias: str, callback: Callable[[str], None] | None, real_spec: ModuleSpec
    ) -> None:
        self.alias = alias
        self.callback = callback
        self.real_spec = real_spec

    def exec_module(self, module: ModuleType) -> None:
        """Import the real module and publish it under the former name."""
        if self.callback is not None:
            self.callback(self.alias)
        # The import statement takes the result from `sys.modules`.
        sys.modules[self.alias] = importlib.import_module(self.real_spec.name)
