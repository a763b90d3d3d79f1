"""Write `docs/settings.md` from the declarations of the settings.

Run as `python docs/settings_page.py`. A test compares the page with what this module makes, so
that the page cannot differ from the code.
"""

from datetime import timedelta
from pathlib import Path
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic_core import PydanticUndefined

from prefect.settings._sources import BUILT_IN_PROFILES
from prefect.settings.base import is_secret_type
from prefect.settings.legacy import Declaration, declarations

PAGE = Path(__file__).with_name("settings.md")

HEAD = """# Settings

<!-- Made by `python docs/settings_page.py`; do not edit. -->

A setting is read from the first of these places that has it:

1. the arguments of a settings model, such as `Settings(api={{"url": ...}})`;
2. the environment, under its name or one of its further names;
3. the file `.env` in the working directory, under the same names;
4. the file `prefect.toml` in the working directory: the path `api.url` is the key `url` in `[api]`;
5. the table `[tool.prefect]` of `pyproject.toml` in the working directory, in the same way;
6. the active profile, under the same names as in the environment;
7. its default.

Files that are missing or may not be read are skipped; a file that cannot be understood is an error
that names its line. Keys that are no setting are ignored, in profiles with a warning.

Lists and sets are written with commas, mappings as JSON, durations in seconds, as `HH:MM:SS` or as
ISO 8601, booleans as `true` and `false`. Secrets are never printed; only `.value()` and
`get_secret_value()` reveal them.

## Profiles

Profiles are kept in `profiles.toml` in the home directory (`PREFECT_PROFILES_PATH` names another
file), readable by their owner only:

```toml
active = "staging"

[profiles.staging]
PREFECT_API_URL = "https://prefect.staging.example/api"
```

The active one is chosen by `prefect --profile NAME`, else by `PREFECT_PROFILE`, else by the key
`active`; without any of them, `ephemeral` is active. {profiles} come with the package; a profile of
the same name in the file adds to them. When one of `PREFECT_TEST_MODE`, `PREFECT_UNIT_TEST_MODE`,
`PREFECT_TESTING_TEST_MODE` and `PREFECT_TESTING_UNIT_TEST_MODE` is in the environment, profiles are
left out.

## In Python

```python
from prefect.settings import PREFECT_API_URL, get_current_settings, temporary_settings

PREFECT_API_URL.value()
get_current_settings().api.url
with temporary_settings({{PREFECT_API_URL: "http://127.0.0.1:4200/api"}}):
    ...
```
"""


def page() -> str:
    """Make the whole page."""
    names = [f"`{name}`" for name in sorted(BUILT_IN_PROFILES)]
    text = HEAD.format(profiles=f"{', '.join(names[:-1])} and {names[-1]}")
    group = None
    for declaration in {d.path: d for d in declarations().values()}.values():
        if (found := declaration.path.rpartition(".")[0]) != group:
            group = found
            title = f"`{group}`" if group else "Settings of no group"
            text += f"\n## {title}\n\n{_summary(declaration)}\n\n"
            text += "| Name | Type | Default | Meaning |\n| --- | --- | --- | --- |\n"
        text += _row(declaration)
    return text


def _summary(declaration: Declaration) -> str:
    return (declaration.model.__doc__ or "").strip().splitlines()[0]


def _row(declaration: Declaration) -> str:
    field = declaration.model.model_fields[declaration.field]
    names = "<br>".join(f"`{name}`" for name in declaration.names)
    default = _default(field.default, field.annotation)
    meaning = (field.description or "").replace("|", "\\|")
    return f"| {names} | {_type(field.annotation, field.metadata)} | {default} | {meaning} |\n"


def _default(value: Any, annotation: Any) -> str:
    if value is PydanticUndefined or value is None:
        return ""
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    if isinstance(value, timedelta):
        return f"`{value}`"
    if isinstance(value, set):
        return f"`{','.join(sorted(value))}`"
    if isinstance(value, dict):
        return "`" + ", ".join(f"{key}: {item}" for key, item in value.items()) + "`"
    return f"`{value}`"


def _type(annotation: Any, metadata: list[Any]) -> str:
    if is_secret_type(annotation):
        return "secret"
    bounds = [
        f"{sign} {getattr(item, name)}"
        for item in metadata
        for name, sign in (("ge", "≥"), ("gt", ">"), ("le", "≤"), ("lt", "<"))
        if hasattr(item, name)
    ]
    text = _name(annotation).replace("|", "\\|")  # a bar ends a column, also within a code span
    return ", ".join([f"`{text}`", *bounds])


def _name(annotation: Any) -> str:
    """The name of a type without None, which an empty default tells, and without its readers."""
    origin, inner = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return _name(inner[0])
    if origin is Literal:
        return " | ".join(map(str, inner))
    if origin in (Union, UnionType):
        return " | ".join(_name(item) for item in inner if item is not NoneType)
    if origin is not None:
        return f"{origin.__name__}[{', '.join(map(_name, inner))}]"
    return str(annotation.__name__)


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
