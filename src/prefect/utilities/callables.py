"""A function's parameters: what a call gives them, and their JSON schema.

Used by flows and tasks, by deployments (the schema shown in the UI) and by integration packages.
"""

import inspect
import re
from collections.abc import Callable, Iterable
from typing import Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, create_model
from pydantic.fields import FieldInfo
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import PydanticUndefined, core_schema

from prefect.exceptions import (
    MappingLengthMismatch,
    MappingMissingIterable,
    ParameterBindError,
    ReservedArgumentError,
    SignatureMismatchError,
)
from prefect.utilities.annotations import BaseAnnotation, allow_failure, quote, unmapped
from prefect.utilities.collections import isiterable

__all__ = [
    "ParameterSchema",
    "call_with_parameters",
    "cloudpickle_wrapped_call",
    "collapse_variadic_parameters",
    "create_v1_schema",
    "expand_mapping_parameters",
    "explode_variadic_parameter",
    "generate_parameter_schema",
    "get_call_parameters",
    "get_parameter_defaults",
    "parameter_docstrings",
    "parameter_schema",
    "parameter_schema_from_entrypoint",
    "parameters_to_args_kwargs",
    "process_v1_params",
    "raise_for_reserved_arguments",
]

R = TypeVar("R")


# --- calls ----------------------------------------------------------------------------------------


def get_call_parameters(
    fn: Callable[..., Any],
    call_args: tuple[Any, ...],
    call_kwargs: dict[str, Any],
    apply_defaults: bool = True,
) -> dict[str, Any]:
    """Find out which parameter each argument of a call belongs to.

    Args:
        fn: The function.
        call_args: The positional arguments.
        call_kwargs: The arguments with names.
        apply_defaults: Whether parameters without an argument appear with their defaults.

    Returns:
        Parameter → value; further arguments stand in a tuple under the name of `*args` and in a
        dictionary under that of `**kwargs`.

    Raises:
        ParameterBindError: If the function cannot be called so.
    """
    try:
        bound = inspect.signature(fn).bind(*call_args, **call_kwargs)
    except TypeError as error:
        raise ParameterBindError.from_bind_failure(fn, error, call_args, call_kwargs) from error
    if apply_defaults:
        bound.apply_defaults()
    return dict(bound.arguments)


def get_parameter_defaults(fn: Callable[..., Any]) -> dict[str, Any]:
    """Give the defaults of a function's parameters, as far as they have any."""
    parameters = inspect.signature(fn).parameters
    return {
        name: parameter.default
        for name, parameter in parameters.items()
        if parameter.default is not parameter.empty
    }


def explode_variadic_parameter(
    fn: Callable[..., Any], parameters: dict[str, Any]
) -> dict[str, Any]:
    """Put what stands under the name of `**kwargs` beside the other parameters."""
    name = _variadic_keyword(fn)
    if name is None or name not in parameters:
        return parameters
    exploded = {key: value for key, value in parameters.items() if key != name}
    return {**exploded, **parameters[name]}


def collapse_variadic_parameters(
    fn: Callable[..., Any], parameters: dict[str, Any]
) -> dict[str, Any]:
    """Put what is no parameter of its own into a dictionary under the name of `**kwargs`.

    Raises:
        ValueError: If there are such, and the function has no `**kwargs`.
    """
    known = inspect.signature(fn).parameters
    unknown = {key: value for key, value in parameters.items() if key not in known}
    if not unknown:
        return parameters
    name = _variadic_keyword(fn)
    if name is None:
        raise ValueError(
            f"{getattr(fn, '__name__', fn)!r} takes no parameters called"
            f" {', '.join(map(repr, unknown))}"
        )
    collapsed = {key: value for key, value in parameters.items() if key in known}
    collapsed[name] = {**collapsed.get(name, {}), **unknown}
    return collapsed


def _variadic_keyword(fn: Callable[..., Any]) -> str | None:
    for name, parameter in inspect.signature(fn).parameters.items():
        if parameter.kind is parameter.VAR_KEYWORD:
            return name
    return None


def parameters_to_args_kwargs(
    fn: Callable[..., Any], parameters: dict[str, Any]
) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """Turn parameters, as `get_call_parameters` gives them, into arguments for a call.

    Raises:
        SignatureMismatchError: If the function has no parameter of one of the names.
    """
    signature = inspect.signature(fn)
    if not set(parameters) <= set(signature.parameters):
        raise SignatureMismatchError.from_bad_params(list(signature.parameters), list(parameters))
    # More positional arguments than parameters leave no gap before them.
    more_given = any(
        parameters.get(parameter.name)
        for parameter in signature.parameters.values()
        if parameter.kind is parameter.VAR_POSITIONAL
    )
    args: list[Any] = []
    kwargs: dict[str, Any] = {}
    by_position = True
    for name, parameter in signature.parameters.items():
        if parameter.kind is parameter.VAR_POSITIONAL:
            args.extend(parameters.get(name, ()))
            by_position = False
        elif parameter.kind is parameter.VAR_KEYWORD:
            kwargs.update(parameters.get(name, {}))
        elif name in parameters and parameter.kind is not parameter.KEYWORD_ONLY and by_position:
            args.append(parameters[name])
        elif name in parameters:
            kwargs[name] = parameters[name]
        elif by_position and more_given and parameter.default is not parameter.empty:
            args.append(parameter.default)  # what follows it comes by position
        else:
            by_position = False  # its default counts, so that what follows needs its name
    return tuple(args), kwargs


def call_with_parameters(fn: Callable[..., R], parameters: dict[str, Any]) -> R:
    """Call a function with parameters as `get_call_parameters` gives them."""
    args, kwargs = parameters_to_args_kwargs(fn, parameters)
    return fn(*args, **kwargs)


def cloudpickle_wrapped_call(
    __fn: Callable[..., Any], *args: Any, **kwargs: Any
) -> Callable[[], bytes]:
    """Pack a call so that it can be sent to another process, whatever it consists of.

    Returns:
        A function that makes the call and gives its result as a cloudpickle; itself picklable.
    """
    from functools import partial

    import cloudpickle  # heavy

    payload: bytes = cloudpickle.dumps((__fn, args, kwargs))
    return partial(_run_packed_call, payload)


def _run_packed_call(payload: bytes) -> bytes:
    import cloudpickle  # heavy

    fn, args, kwargs = cloudpickle.loads(payload)
    result: bytes = cloudpickle.dumps(fn(*args, **kwargs))
    return result


def raise_for_reserved_arguments(fn: Callable[..., Any], reserved_arguments: Iterable[str]) -> None:
    """Raise `ReservedArgumentError` if a parameter has a name that Prefect needs for itself."""
    taken = set(inspect.signature(fn).parameters) & set(reserved_arguments)
    if taken:
        raise ReservedArgumentError(
            f"{getattr(fn, '__name__', fn)!r} has a parameter called {min(taken)!r}, a name that"
            " Prefect needs for itself; call it something else"
        )


def expand_mapping_parameters(
    func: Callable[..., Any], parameters: dict[str, Any]
) -> list[dict[str, Any]]:
    """Spread the parameters of a mapped call over one call for each item.

    Iterable parameters are spread; `unmapped` ones, those that are quoted, text and everything
    else go to every call.

    Args:
        func: The function that is mapped.
        parameters: The parameters of the call.

    Returns:
        The parameters of each call, with defaults.

    Raises:
        MappingMissingIterable: If no parameter is iterable.
        MappingLengthMismatch: If the iterables differ in length.
    """
    spread: dict[str, list[Any]] = {}
    same: dict[str, Any] = {}
    exploded = explode_variadic_parameter(func, parameters)
    for name, value in exploded.items():
        inner = value.unwrap() if isinstance(value, allow_failure) else value
        if isinstance(value, (unmapped, quote)):
            same[name] = value.unwrap() if isinstance(value, unmapped) else value
        elif isinstance(inner, BaseAnnotation) or not isiterable(inner):
            same[name] = value
        elif isinstance(value, allow_failure):
            spread[name] = [allow_failure(item) for item in inner]
        else:
            spread[name] = list(inner)
    if not spread:
        raise MappingMissingIterable(
            "At least one parameter of `map` must be iterable, but none of these is:"
            f" {parameters!r}"
        )
    lengths = {name: len(items) for name, items in spread.items()}
    if len(set(lengths.values())) > 1:
        raise MappingLengthMismatch(
            f"The iterables that `map` spreads must have one length, but they have {lengths};"
            " wrap those that are not to be spread in `unmapped`"
        )
    defaults = get_parameter_defaults(func)
    calls: list[dict[str, Any]] = []
    for index in range(next(iter(lengths.values()))):
        own = {name: spread[name][index] if name in spread else same[name] for name in exploded}
        call = collapse_variadic_parameters(func, own)
        calls.append({**call, **{k: v for k, v in defaults.items() if k not in call}})
    return calls


# --- schemas --------------------------------------------------------------------------------------


class ParameterSchema(BaseModel):
    """The JSON schema of a function's parameters."""

    title: Literal["Parameters"] = "Parameters"
    type: Literal["object"] = "object"
    properties: dict[str, Any] = Field(default_factory=dict)
    required: list[str] = Field(default_factory=list)
    definitions: dict[str, Any] = Field(default_factory=dict)

    def model_dump_for_openapi(self) -> dict[str, Any]:
        """Give the schema as JSON-able data, without `required` and `definitions` when empty."""
        data = self.model_dump(mode="json")
        for name in ("required", "definitions"):
            if not data[name]:
                del data[name]
        return data


class _SchemaOfPythonValues(GenerateJsonSchema):
    """Describe what JSON has no word for as anything at all, instead of failing."""

    def handle_invalid_for_json_schema(
        self, schema: core_schema.CoreSchema, error_info: str
    ) -> JsonSchemaValue:
        return {}

    def callable_schema(self, schema: core_schema.CallableSchema) -> JsonSchemaValue:
        return {}

    def emit_warning(self, kind: Any, detail: str) -> None:
        # A default that is not JSON is left out, which is no fault of the flow's author.
        return None


def parameter_schema(fn: Callable[..., Any]) -> ParameterSchema:
    """Describe a function's parameters as a JSON schema, with what its docstring says of them.

    Annotations that cannot be evaluated count as none.
    """
    return generate_parameter_schema(_evaluated_signature(fn), parameter_docstrings(fn.__doc__))


def _evaluated_signature(fn: Callable[..., Any]) -> inspect.Signature:
    try:
        return inspect.signature(fn, eval_str=True)
    except Exception:  # annotations are user code: whatever evaluating them raises
        signature = inspect.signature(fn)
    function = inspect.unwrap(fn)
    namespace = getattr(function, "__globals__", {})
    return _evaluate(signature, namespace)


def _evaluate(signature: inspect.Signature, namespace: dict[str, Any]) -> inspect.Signature:
    """Evaluate those annotations that can be; the others are dropped."""
    parameters = []
    for parameter in signature.parameters.values():
        annotation = parameter.annotation
        if isinstance(annotation, str):
            try:
                annotation = eval(annotation, dict(namespace))
            except Exception:  # a name that only type checkers know, or that is not installed
                annotation = parameter.empty
        parameters.append(parameter.replace(annotation=annotation))
    return signature.replace(parameters=parameters)


def generate_parameter_schema(
    signature: inspect.Signature, docstrings: dict[str, str]
) -> ParameterSchema:
    """Describe the parameters of a signature as a JSON schema.

    Args:
        signature: The signature, with evaluated annotations.
        docstrings: Parameter → what it is for.
    """
    fields: dict[str, Any] = {}
    aliases: dict[str, str] = {}
    parameters = list(signature.parameters.values())
    for position, parameter in enumerate(parameters):
        if position == 0 and parameter.name == "self":
            continue  # the object of a method, which nobody passes
        name, annotation, field = process_v1_params(
            parameter, position=position, docstrings=docstrings, aliases=aliases
        )
        fields[name] = (annotation, field)
    model = create_model(
        "Parameters", __config__=ConfigDict(arbitrary_types_allowed=True), **fields
    )
    return ParameterSchema.model_validate(
        _definitions_renamed(
            model.model_json_schema(
                by_alias=True,
                ref_template="#/definitions/{model}",
                schema_generator=_SchemaOfPythonValues,
            )
        )
    )


def _definitions_renamed(schema: dict[str, Any]) -> dict[str, Any]:
    definitions = schema.pop("$defs", {})
    return {**schema, "definitions": definitions}


def create_v1_schema(
    name_: str, model_cfg: type[Any], model_fields: dict[str, Any] | None = None
) -> dict[str, Any]:
    """Make the JSON schema of a model from its fields.

    Args:
        name_: The model's name.
        model_cfg: A class whose attributes configure the model.
        model_fields: Field → pair of annotation and field.
    """
    config = {key: value for key, value in vars(model_cfg).items() if not key.startswith("__")}
    config.setdefault("arbitrary_types_allowed", True)
    allowed = ConfigDict(**{k: v for k, v in config.items() if k in ConfigDict.__annotations__})  # type: ignore[typeddict-item]  # checked by the condition
    model = create_model(name_, __config__=allowed, **(model_fields or {}))
    return _definitions_renamed(
        model.model_json_schema(
            by_alias=True,
            ref_template="#/definitions/{model}",
            schema_generator=_SchemaOfPythonValues,
        )
    )


def process_v1_params(
    param: inspect.Parameter,
    *,
    position: int,
    docstrings: dict[str, str],
    aliases: dict[str, str],
) -> tuple[str, Any, Any]:
    """Turn a parameter into a field of a model.

    Args:
        param: The parameter.
        position: Where it stands; put into the schema.
        docstrings: Parameter → what it is for.
        aliases: Field → parameter, for those whose name a model cannot have; added to.

    Returns:
        The field's name, its annotation, and the field.
    """
    annotation = _type_of(param)
    name = param.name
    if name.startswith("_") or hasattr(BaseModel, name):
        name = f"parameter_{position}_{name.lstrip('_')}"
        aliases[name] = param.name
    own = param.default if isinstance(param.default, FieldInfo) else None
    default: Any = PydanticUndefined if param.default is param.empty else param.default
    if param.kind is param.VAR_POSITIONAL:
        default = []
    elif param.kind is param.VAR_KEYWORD:
        default = {}
    if own is not None:
        default = own.default
    field = Field(
        default=default,
        title=param.name,
        description=docstrings.get(param.name) or (own.description if own else None),
        alias=aliases.get(name),
        json_schema_extra={"position": position},
    )
    if own is not None and own.metadata:
        from typing import Annotated

        for constraint in own.metadata:
            annotation = Annotated[annotation, constraint]
    return name, annotation, field


def _type_of(param: inspect.Parameter) -> Any:
    """Give a type pydantic can describe; `Any` for the others."""
    annotation = Any if param.annotation is param.empty else param.annotation
    if param.kind is param.VAR_POSITIONAL:
        return list[annotation]  # type: ignore[valid-type]  # a value here
    if param.kind is param.VAR_KEYWORD:
        return dict[str, annotation]  # type: ignore[valid-type]  # a value here
    try:
        TypeAdapter(annotation, config=None if _has_config(annotation) else _ANY_CLASS)
    except Exception:  # user types may raise anything while they are described
        return Any
    return annotation


_ANY_CLASS = ConfigDict(arbitrary_types_allowed=True)


def _has_config(annotation: Any) -> bool:
    """Say whether a type brings its own pydantic configuration, which excludes another one."""
    return isinstance(annotation, type) and (
        issubclass(annotation, BaseModel)
        or hasattr(annotation, "__dataclass_fields__")
        or hasattr(annotation, "__total__")
    )


def parameter_schema_from_entrypoint(entrypoint: str) -> ParameterSchema:
    """Describe the parameters of a flow without importing what its file imports in vain.

    Args:
        entrypoint: `"path/to/file.py:function"` or `"package.module.function"`.

    Raises:
        FileNotFoundError: If the file does not exist.
        ValueError: If it defines no such function.
    """
    import ast  # heavy: only used here
    from importlib.util import find_spec
    from pathlib import Path

    from prefect.utilities.importtools import safe_load_namespace

    place, separator, function_name = entrypoint.rpartition(":")
    if separator:
        path = place
    else:
        module_name, _, function_name = entrypoint.rpartition(".")
        spec = find_spec(module_name)
        if spec is None or not spec.origin:
            raise ValueError(f"There is no module {module_name!r} with source code to read")
        path = spec.origin
    source = Path(path).read_text(encoding="utf-8")
    node: Any = ast.parse(source)
    for name in function_name.split("."):
        found = [
            part
            for part in node.body
            if isinstance(part, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef))
            and part.name == name
        ]
        if not found:
            raise ValueError(f"{path!r} defines no function {function_name!r}")
        node = found[-1]
    if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
        raise ValueError(f"{function_name!r} in {path!r} is a class, not a function")
    namespace = safe_load_namespace(source, filepath=path)
    signature = _signature_of(node, namespace)
    if "." in function_name and not _is_static(node):
        signature = signature.replace(parameters=list(signature.parameters.values())[1:])
    return generate_parameter_schema(
        signature, parameter_docstrings(ast.get_docstring(node, clean=False))
    )


def _is_static(node: Any) -> bool:
    return any(
        getattr(decorator, "id", None) == "staticmethod" for decorator in node.decorator_list
    )


def _signature_of(node: Any, namespace: dict[str, Any]) -> inspect.Signature:
    """Make the signature of a parsed function; what cannot be evaluated counts as missing."""
    import ast

    def value(expression: Any, otherwise: Any) -> Any:
        if expression is None:
            return inspect.Parameter.empty
        code = compile(ast.Expression(expression), "<signature>", "eval")
        try:
            result = eval(code, dict(namespace))
            return (
                eval(result, dict(namespace))
                if isinstance(result, str) and otherwise is None
                else result
            )
        except Exception:  # it needs something that is not there
            return inspect.Parameter.empty if otherwise is None else otherwise

    arguments = node.args
    positional = [*arguments.posonlyargs, *arguments.args]
    missing = len(positional) - len(arguments.defaults)
    defaults: list[Any] = [*[None] * missing, *arguments.defaults]
    kinds = inspect.Parameter
    parameters: list[inspect.Parameter] = []

    def add(argument: Any, kind: Any, default: Any = None) -> None:
        parameters.append(
            inspect.Parameter(
                argument.arg,
                kind,
                # An optional parameter stays optional, even if its default is unknown.
                default=value(default, otherwise=...),
                annotation=value(argument.annotation, otherwise=None),
            )
        )

    for index, argument in enumerate(positional):
        kind = (
            kinds.POSITIONAL_ONLY
            if index < len(arguments.posonlyargs)
            else kinds.POSITIONAL_OR_KEYWORD
        )
        add(argument, kind, defaults[index])
    if arguments.vararg:
        add(arguments.vararg, kinds.VAR_POSITIONAL)
    for argument, default in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True):
        add(argument, kinds.KEYWORD_ONLY, default)
    if arguments.kwarg:
        add(arguments.kwarg, kinds.VAR_KEYWORD)
    return inspect.Signature(parameters)


# --- docstrings -----------------------------------------------------------------------------------

_SECTION = re.compile(
    r"(args|arguments|params|parameters|keyword args|keyword arguments):\s*", re.I
)
_ITEM = re.compile(r"(?P<name>\*{0,2}\w+)\s*(?:\([^)]*\))?\s*:\s*(?P<text>.*)")


def parameter_docstrings(docstring: str | None) -> dict[str, str]:
    """Read what a docstring in Google style says of the parameters.

    Returns:
        Parameter → its description, of which further lines keep their line ends.
    """
    if not docstring:
        return {}
    first, _, rest = docstring.expandtabs().partition("\n")
    if _SECTION.fullmatch(first.strip()):
        # Cleaning would take away what tells the items from the section they stand in.
        lines = [first.strip(), *rest.splitlines()]
    else:
        lines = inspect.cleandoc(docstring).splitlines()
    found: dict[str, list[str]] = {}
    index = 0
    while index < len(lines):
        if _SECTION.fullmatch(lines[index]):
            index = _read_section(lines, index + 1, found)
        else:
            index += 1
    return {name: inspect.cleandoc("\n".join(text)).strip() for name, text in found.items()}


def _read_section(lines: list[str], index: int, found: dict[str, list[str]]) -> int:
    """Read the items of a section; give the index of the first line after it."""
    item_indent: int | None = None
    current: list[str] | None = None
    while index < len(lines):
        line = lines[index]
        indent = len(line) - len(line.lstrip())
        if line.strip():
            if indent == 0:
                break
            item_indent = indent if item_indent is None else item_indent
            match = _ITEM.fullmatch(line.strip()) if indent == item_indent else None
            if match:
                current = found.setdefault(match["name"].lstrip("*"), [])
                current.append(match["text"])
            elif current is not None and indent > item_indent:
                current.append(line)
            else:
                current = None
        elif current is not None:
            current.append("")
        index += 1
    return index
