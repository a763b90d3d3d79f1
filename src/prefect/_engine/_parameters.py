"""What a call gives the parameters of a flow or task, and how names are made from them.

`bind` is the hot path of every task call: for plain functions it reads the code object instead of
building an `inspect.Signature`. Everything unusual, and every error, goes the general way.
"""

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

__all__ = ["Binder", "arguments", "render_name", "source_file", "source_hash", "validated"]

CO_VARARGS, CO_VARKEYWORDS = 0x04, 0x08


class Binder:
    """Binds the arguments of calls to the parameters of one function.

    Args:
        fn: The function; a bound method's first parameter is left out.
    """

    __slots__ = ("_defaults", "_fn", "_names", "_plain")

    def __init__(self, fn: "Callable[..., Any]") -> None:
        self._fn = fn
        bound = getattr(fn, "__self__", None) is not None
        function = getattr(fn, "__func__", fn) if bound else fn
        code = getattr(function, "__code__", None)
        # A wrapper shows the signature of what it wraps, so its own code says nothing.
        self._plain = (
            code is not None
            and not hasattr(function, "__wrapped__")
            and not hasattr(function, "__signature__")
            and not code.co_flags & (CO_VARARGS | CO_VARKEYWORDS)
            and not code.co_kwonlyargcount
            and not code.co_posonlyargcount
        )
        self._names: tuple[str, ...] = ()
        self._defaults: dict[str, Any] = {}
        if self._plain and code is not None:
            self._names = code.co_varnames[int(bound) : code.co_argcount]
            defaults = function.__defaults__ or ()
            self._defaults = dict(
                zip(self._names[len(self._names) - len(defaults) :], defaults, strict=True)
            )

    def bind(self, args: "tuple[Any, ...]", kwargs: "dict[str, Any]") -> "dict[str, Any]":
        """Return parameter → value, defaults included, in the order of the signature.

        Raises:
            ParameterBindError: If the function cannot be called so.
        """
        names = self._names
        if self._plain and len(args) <= len(names):
            if len(args) == len(names) and not kwargs:
                return dict(zip(names, args, strict=True))
            values = {**self._defaults, **dict(zip(names, args, strict=False)), **kwargs}
            if len(values) == len(names) and kwargs.keys().isdisjoint(names[: len(args)]):
                try:
                    return {name: values[name] for name in names}
                except KeyError:
                    pass  # a name it does not know: the general way says so
        from prefect.utilities.callables import get_call_parameters  # heavy

        return get_call_parameters(self._fn, args, kwargs)

    def split(self, parameters: "dict[str, Any]") -> "tuple[tuple[Any, ...], dict[str, Any]]":
        """Turn parameters back into the arguments of a call."""
        if self._plain and parameters.keys() == set(self._names):
            return tuple(parameters[name] for name in self._names), {}
        return arguments(self._fn, parameters)


def arguments(
    fn: "Callable[..., Any]", parameters: "dict[str, Any]"
) -> "tuple[tuple[Any, ...], dict[str, Any]]":
    """Turn parameters into the arguments of a call of `fn`."""
    from prefect.utilities.callables import parameters_to_args_kwargs  # heavy

    return parameters_to_args_kwargs(fn, parameters)


def validated(fn: "Callable[..., Any]", parameters: "dict[str, Any]") -> "dict[str, Any]":
    """Check parameters against the annotations of a function, and coerce them.

    Args:
        fn: The function; annotations that cannot be evaluated count as none.

    Raises:
        ParameterTypeError: If a value does not fit its annotation; names each one.
    """
    from pydantic import ValidationError  # heavy

    from prefect.exceptions import ParameterTypeError
    from prefect.utilities.annotations import BaseAnnotation

    model = _model(fn)
    if model is None:
        return parameters
    # Marks such as `unmapped` and `allow_failure` are for the engine, not for the function.
    plain = {
        name: value.unwrap() if isinstance(value, BaseAnnotation) else value
        for name, value in parameters.items()
    }
    try:
        checked = model.model_validate(plain)
    except ValidationError as error:
        raise ParameterTypeError.from_validation_error(error) from None
    fields = {field.alias: place for place, field in model.model_fields.items()}
    return {name: getattr(checked, fields[name]) for name in parameters}


_models: "dict[int, tuple[Any, Any]]" = {}
"""id of a function → the function, which keeps the id taken, and the model of its parameters."""


def _model(fn: "Callable[..., Any]") -> "Any":
    """The pydantic model of a function's parameters; None if nothing is annotated."""
    known = _models.get(id(fn))
    if known is not None and known[0] is fn:
        return known[1]
    model = _build_model(fn)
    if len(_models) > 1000:  # flows made in a loop, by `with_options` on bound methods
        _models.clear()
    _models[id(fn)] = (fn, model)
    return model


def _build_model(fn: "Callable[..., Any]") -> "Any":
    if not getattr(fn, "__annotations__", True):
        return None
    from typing import Any  # the annotation of what has none

    from pydantic import ConfigDict, Field, create_model

    from prefect.utilities.callables import _evaluated_signature

    fields: dict[str, Any] = {}
    annotated = False
    # Pydantic refuses some parameter names (`_x`, `schema`), hence places with aliases.
    for number, (name, parameter) in enumerate(_evaluated_signature(fn).parameters.items()):
        type_: Any = parameter.annotation
        if type_ is parameter.empty:
            type_ = Any
        else:
            annotated = True
        if parameter.kind is parameter.VAR_POSITIONAL:
            type_ = tuple[type_, ...]
        elif parameter.kind is parameter.VAR_KEYWORD:
            type_ = dict[str, type_]
        fields[f"p{number}"] = (type_, Field(default=None, alias=name))
    if not annotated:
        return None
    config = ConfigDict(arbitrary_types_allowed=True, extra="forbid")
    return create_model(f"Parameters of {getattr(fn, '__name__', fn)}", __config__=config, **fields)


def render_name(
    template: "str | Callable[..., Any]", parameters: "dict[str, Any]", option: str
) -> str:
    """Make a run's name.

    Args:
        template: A format string over the parameters (and `date`, `flow_name` …), or a function
            that returns the name; one with a parameter called `parameters` gets them.
        option: What the user calls it, for errors.

    Raises:
        TypeError: If it is neither, or the function returns no text.
        KeyError: If the format string names a parameter that does not exist.
    """
    if callable(template):
        code = getattr(template, "__code__", None)
        if (
            code is None
            or "parameters" in code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]
        ):
            takes_parameters = code is not None
        else:
            takes_parameters = False
        name = template(parameters=parameters) if takes_parameters else template()
        if not isinstance(name, str):
            raise TypeError(
                f"`{option}` must give a text, but {getattr(template, '__name__', template)!r}"
                f" returned {name!r}"
            )
        return name
    if not isinstance(template, str):
        raise TypeError(f"`{option}` must be a text or a function, not {template!r}")
    return template.format(**parameters)


def source_hash(fn: "Callable[..., Any]") -> str:
    """Hash a function's code into 32 hexadecimal digits; the same in every process."""
    from hashlib import md5

    digest = md5(usedforsecurity=False)

    def feed(code: "Any") -> None:
        digest.update(code.co_code)
        digest.update(repr((code.co_name, code.co_names, code.co_varnames)).encode())
        for constant in code.co_consts:
            if hasattr(constant, "co_code"):
                feed(constant)
            elif isinstance(constant, frozenset):
                digest.update(repr(sorted(constant, key=repr)).encode())
            else:
                digest.update(repr(constant).encode())

    function = fn
    while hasattr(function, "__wrapped__"):
        function = function.__wrapped__
    code = getattr(function, "__code__", None)
    if code is not None:
        feed(code)
    else:
        digest.update(f"{type(fn).__module__}.{type(fn).__qualname__}".encode())
    return digest.hexdigest()


def source_file(fn: "Callable[..., Any]") -> "str | None":
    """Path of the file that defines a function; None if it comes from no file."""
    module = sys.modules.get(getattr(fn, "__module__", "") or "")
    path = getattr(module, "__file__", None)
    code = getattr(fn, "__code__", None)
    path = path or getattr(code, "co_filename", None)
    return None if path is None or path.startswith("<") else path
