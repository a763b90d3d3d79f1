"""Parameters that say how to make a value, turned into values.

`{"__prefect_kind": "json", "value": "[1, 2]"}` stands for a list, `jinja` for a template, and
`workspace_variable` for a variable of the API. What cannot be made yet, or at all, becomes a
`Placeholder`, so that validation can report all mistakes together.
"""

import json
from abc import ABC
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, TypeAlias

from pydantic import BaseModel, Field
from typing_extensions import Self

from prefect._extras import require

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

__all__ = [
    "Handler",
    "HydrationContext",
    "HydrationError",
    "InvalidJSON",
    "InvalidJinja",
    "KeyNotFound",
    "Placeholder",
    "PrefectKind",
    "RemoveValue",
    "StrictVariableValue",
    "TemplateNotFound",
    "ValidJinja",
    "ValueNotFound",
    "VariableNameNotFound",
    "WorkspaceVariable",
    "WorkspaceVariableNotFound",
    "call_handler",
    "handler",
    "hydrate",
    "jinja_handler",
    "json_handler",
    "null_handler",
    "set_variable_reader",
    "workspace_variable_handler",
]

StrictVariableValue: TypeAlias = str | int | bool | float | dict[str, Any] | list[Any] | None
PrefectKind: TypeAlias = str | None

_KIND = "__prefect_kind"

_read_variables: Callable[[Any], Awaitable[dict[str, Any]]] | None = None


def set_variable_reader(reader: Callable[[Any], Awaitable[dict[str, Any]]]) -> None:
    """Say how `HydrationContext.build` reads the variables from a database session.

    The server calls this: only it knows its tables.

    Args:
        reader: Gives name → value of all variables.
    """
    global _read_variables
    _read_variables = reader


class HydrationContext(BaseModel):
    """What values can be made from, and which kinds are to be made now."""

    workspace_variables: dict[str, StrictVariableValue] = Field(default_factory=dict)
    render_workspace_variables: bool = False
    raise_on_error: bool = False
    render_jinja: bool = False
    jinja_context: dict[str, Any] = Field(default_factory=dict)

    @classmethod
    async def build(
        cls,
        session: "AsyncSession",
        raise_on_error: bool = False,
        render_jinja: bool = False,
        render_workspace_variables: bool = False,
    ) -> Self:
        """Make a context with the variables of a server's database.

        Raises:
            RuntimeError: If they are asked for outside a server.
        """
        variables: dict[str, Any] = {}
        if render_workspace_variables:
            if _read_variables is None:
                raise RuntimeError(
                    "Variables can only be read from a database inside the server; pass them as"
                    " `HydrationContext(workspace_variables=...)`"
                )
            variables = await _read_variables(session)
        return cls(
            workspace_variables=variables,
            render_workspace_variables=render_workspace_variables,
            raise_on_error=raise_on_error,
            render_jinja=render_jinja,
        )


# --- what stands for a value that is not there ----------------------------------------------------


class Placeholder:
    """Stands for a value that cannot be made yet, or at all."""

    def __eq__(self, other: Any) -> bool:
        return type(self) is type(other)

    def __hash__(self) -> int:
        return hash(type(self))

    @property
    def is_error(self) -> bool:
        """Whether the value can never be made."""
        return False


class RemoveValue(Placeholder):
    """The parameter is left out, so that its default counts."""


class ValidJinja(Placeholder):
    """A template that is rendered later.

    Args:
        template: The template.
    """

    def __init__(self, template: str) -> None:
        self.template = template

    def __eq__(self, other: Any) -> bool:
        return isinstance(other, ValidJinja) and self.template == other.template

    def __hash__(self) -> int:
        return hash((ValidJinja, self.template))


class WorkspaceVariable(Placeholder):
    """A variable that is read later.

    Args:
        variable_name: Its name.
    """

    def __init__(self, variable_name: str) -> None:
        self.variable_name = variable_name

    def __eq__(self, other: Any) -> bool:
        return isinstance(other, WorkspaceVariable) and self.variable_name == other.variable_name

    def __hash__(self) -> int:
        return hash((WorkspaceVariable, self.variable_name))


class HydrationError(Placeholder, Exception, ABC):
    """A value that cannot be made; raised, or left in its place for validation to report.

    Args:
        detail: What is wrong with it.
    """

    def __init__(self, detail: str | None = None) -> None:
        super().__init__(detail)
        self.detail = detail

    @property
    def is_error(self) -> bool:
        """Whether the value can never be made: always."""
        return True

    @property
    def message(self) -> str:
        """What is wrong, for the user."""
        raise NotImplementedError(f"{type(self).__name__} says nothing of what is wrong")

    def __eq__(self, other: Any) -> bool:
        return type(self) is type(other) and self.detail == other.detail

    def __hash__(self) -> int:
        return hash((type(self), self.detail))

    def __str__(self) -> str:
        return self.message


class KeyNotFound(HydrationError):
    """The value lacks a part that its kind needs."""

    @property
    def key(self) -> str:
        """The part's key."""
        raise NotImplementedError(f"{type(self).__name__} does not say which key is missing")

    @property
    def message(self) -> str:
        """What is wrong, for the user."""
        return f"The key {self.key!r} is missing beside '{_KIND}'"


class ValueNotFound(KeyNotFound):
    """The key `value` is missing."""

    @property
    def key(self) -> str:
        """The part's key."""
        return "value"


class TemplateNotFound(KeyNotFound):
    """The key `template` is missing."""

    @property
    def key(self) -> str:
        """The part's key."""
        return "template"


class VariableNameNotFound(KeyNotFound):
    """The key `variable_name` is missing."""

    @property
    def key(self) -> str:
        """The part's key."""
        return "variable_name"


class InvalidJSON(HydrationError):
    """The text is no JSON."""

    @property
    def message(self) -> str:
        """What is wrong, for the user."""
        return f"This is not JSON: {self.detail}" if self.detail else "This is not JSON"


class InvalidJinja(HydrationError):
    """The text is no template, or cannot be rendered."""

    @property
    def message(self) -> str:
        """What is wrong, for the user."""
        about = f": {self.detail}" if self.detail else ""
        return f"This is not a template that can be rendered{about}"


class WorkspaceVariableNotFound(HydrationError):
    """There is no such variable; `detail` is its name."""

    @property
    def variable_name(self) -> str:
        """The variable's name."""
        return self.detail or ""

    @property
    def message(self) -> str:
        """What is wrong, for the user."""
        return f"There is no variable {self.detail!r}"


# --- kinds ----------------------------------------------------------------------------------------

Handler: TypeAlias = Callable[[dict[str, Any], HydrationContext], Any]

_handlers: dict[PrefectKind, Handler] = {}


def handler(kind: PrefectKind) -> Callable[[Handler], Handler]:
    """Make a decorator for the function that makes the values of a kind.

    Args:
        kind: What stands under `__prefect_kind`.
    """

    def decorate(function: Handler) -> Handler:
        _handlers[kind] = function
        return function

    return decorate


def call_handler(kind: PrefectKind, obj: dict[str, Any], ctx: HydrationContext) -> Any:
    """Make a value of a kind; one of an unknown kind is what stands under `value`.

    Raises:
        HydrationError: If it cannot be made, and `ctx.raise_on_error` is true.
    """
    if kind not in _handlers:
        return obj.get("value")
    result = _handlers[kind](obj, ctx)
    if ctx.raise_on_error and isinstance(result, HydrationError):
        raise result
    return result


@handler(None)
def null_handler(obj: dict[str, Any], ctx: HydrationContext) -> Any:
    """Make a value that is given as it is, under `value`."""
    return _hydrated(obj["value"], ctx) if "value" in obj else None


@handler("json")
def json_handler(obj: dict[str, Any], ctx: HydrationContext) -> Any:
    """Make a value from JSON, under `value`."""
    if "value" not in obj:
        return RemoveValue()
    value = _hydrated(obj["value"], ctx)
    if not isinstance(value, (str, bytes)):
        return value  # a placeholder, or not JSON but a value already
    try:
        return json.loads(value)
    except ValueError as error:
        return InvalidJSON(detail=str(error))


@handler("jinja")
def jinja_handler(obj: dict[str, Any], ctx: HydrationContext) -> Any:
    """Make a text from a template, under `template`."""
    if "template" not in obj:
        return TemplateNotFound()
    template = _hydrated(obj["template"], ctx)
    if isinstance(template, Placeholder):
        return template
    jinja2 = require("jinja2", extra="templating", what="rendering templates")
    sandbox = require("jinja2.sandbox", extra="templating", what="rendering templates")
    # Templates come from users of the API: nothing may be reached or changed through them.
    environment = sandbox.ImmutableSandboxedEnvironment(undefined=jinja2.ChainableUndefined)
    try:
        parsed = environment.from_string(str(template))
        return parsed.render(ctx.jinja_context) if ctx.render_jinja else ValidJinja(str(template))
    except Exception as error:  # a template runs code of the user's: whatever that raises
        return InvalidJinja(detail=str(error))


@handler("workspace_variable")
def workspace_variable_handler(obj: dict[str, Any], ctx: HydrationContext) -> Any:
    """Give the value of the variable whose name stands under `variable_name`."""
    if "variable_name" not in obj:
        return RemoveValue()
    name = _hydrated(obj["variable_name"], ctx)
    if isinstance(name, Placeholder):
        return name
    if not ctx.render_workspace_variables:
        return WorkspaceVariable(variable_name=name)
    if name in ctx.workspace_variables:
        return ctx.workspace_variables[name]
    return WorkspaceVariableNotFound(detail=str(name))


# --- hydrate --------------------------------------------------------------------------------------


def hydrate(obj: dict[str, Any], ctx: HydrationContext | None = None) -> dict[str, Any]:
    """Make the values of parameters.

    Args:
        obj: The parameters, with values of any kind at any depth.
        ctx: What they can be made from; by default nothing is rendered.

    Returns:
        A copy with the values, and placeholders where there is none.

    Raises:
        HydrationError: If one cannot be made, and `ctx.raise_on_error` is true.
    """
    result: dict[str, Any] = _hydrated(obj, ctx or HydrationContext())
    return result


def _hydrated(obj: Any, ctx: HydrationContext) -> Any:
    if isinstance(obj, dict):
        if _KIND in obj:
            return call_handler(obj[_KIND], obj, ctx)
        made = {key: _hydrated(value, ctx) for key, value in obj.items()}
        return {k: v for k, v in made.items() if not isinstance(v, RemoveValue)}
    if isinstance(obj, list):
        items = [_hydrated(item, ctx) for item in obj]
        return [item for item in items if not isinstance(item, RemoveValue)]
    return obj
