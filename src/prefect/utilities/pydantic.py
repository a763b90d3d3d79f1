"""Additions to pydantic models: pickling, dispatch to subclasses, models made in steps.

Used by blocks, serializers and the delivery rooms, and by integration packages.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Generic, Literal, TypeVar, overload

from pydantic import BaseModel, Secret, SecretBytes, SecretStr, TypeAdapter
from pydantic_core import core_schema, to_jsonable_python

from prefect.utilities.dispatch import (
    get_registry_for_type,
    lookup_type,
    register_base_type,
)

if TYPE_CHECKING:
    from pydantic import GetCoreSchemaHandler

__all__ = [
    "PartialModel",
    "add_cloudpickle_reduction",
    "add_type_dispatch",
    "custom_pydantic_encoder",
    "get_class_fields_only",
    "handle_secret_render",
    "lookup_type",
    "parse_obj_as",
]

M = TypeVar("M", bound=BaseModel)
T = TypeVar("T")


# --- pickling -------------------------------------------------------------------------------------


def _reduce_model(self: BaseModel) -> tuple[Any, ...]:
    """Reduce a model to its class, by value if need be, and its fields."""
    import cloudpickle  # heavy

    options = getattr(self, "__reduce_kwargs__", {})
    return _rebuild_model, (cloudpickle.dumps(type(self)), self.model_dump(**options))


def _rebuild_model(pickled_class: bytes, fields: dict[str, Any]) -> BaseModel:
    """Make a model again from what `_reduce_model` gave."""
    import cloudpickle  # heavy

    model_cls: type[BaseModel] = cloudpickle.loads(pickled_class)
    return model_cls.model_validate(fields)


@overload
def add_cloudpickle_reduction(__model_cls: type[M]) -> type[M]: ...


@overload
def add_cloudpickle_reduction(
    __model_cls: None = None, **kwargs: Any
) -> Callable[[type[M]], type[M]]: ...


def add_cloudpickle_reduction(
    __model_cls: type[M] | None = None, **kwargs: Any
) -> type[M] | Callable[[type[M]], type[M]]:
    """Let a model's objects be pickled although its class can only be pickled by value.

    For models that are defined in scripts or made at run time. Usable as a decorator, with or
    without arguments.

    Args:
        **kwargs: What `model_dump` gets to choose the fields, `exclude={"cache"}` for example.
    """

    def decorate(model_cls: type[M]) -> type[M]:
        model_cls.__reduce__ = _reduce_model  # type: ignore[method-assign,assignment]  # that is the aim
        model_cls.__reduce_kwargs__ = kwargs  # type: ignore[attr-defined]  # read by it
        return model_cls

    return decorate if __model_cls is None else decorate(__model_cls)


# --- dispatch -------------------------------------------------------------------------------------


def add_type_dispatch(model_cls: type[M]) -> type[M]:
    """Let a base model make the subclass that the data's `type` names; usable as a decorator.

    The key of each class is the default of its field `type`, unless it has a `__dispatch_key__`.
    Both `Base(type="a")` and validation of `{"type": "a"}` as `Base` give an object of the
    subclass with that key.

    Raises:
        ValueError: If the model has neither a `__dispatch_key__` nor a field `type`.
    """
    has_key = hasattr(model_cls, "__dispatch_key__")
    if not has_key and "type" not in model_cls.model_fields:
        raise ValueError(
            f"The model {model_cls.__name__!r} cannot dispatch: give it a field `type` or a"
            " `__dispatch_key__`"
        )
    if not has_key:
        model_cls.__dispatch_key__ = classmethod(_type_default)  # type: ignore[attr-defined]  # added here
    _dispatch_calls(model_cls)
    _dispatch_validation(model_cls)
    return register_base_type(model_cls)


def _type_default(cls: type[BaseModel]) -> str | None:
    def default(model: type[Any]) -> Any:
        field = getattr(model, "model_fields", {}).get("type")
        return None if field is None else field.default

    key = default(cls)
    # An inherited default is the parent's key: this class is then only a base of others.
    inherited = any(default(base) == key for base in cls.__bases__)
    return key if isinstance(key, str) and not inherited else None


def _dispatch_calls(model_cls: type[BaseModel]) -> None:
    def __new__(cls: type[BaseModel], *args: Any, **kwargs: Any) -> BaseModel:
        chosen = _chosen(cls, kwargs) or cls
        return super(model_cls, chosen).__new__(chosen)

    model_cls.__new__ = __new__  # type: ignore[assignment]  # may give an object of a subclass


def _dispatch_validation(model_cls: type[BaseModel]) -> None:
    def validate(value: Any, handler: Callable[[Any], Any]) -> Any:
        if not isinstance(value, Mapping) or "type" not in value:
            return handler(value)
        try:
            chosen = lookup_type(model_cls, value["type"])
        except KeyError as error:
            raise ValueError(error.args[0]) from error
        return handler(value) if chosen is model_cls else chosen.model_validate(value)

    def schema(
        cls: type[BaseModel], source: Any, handler: GetCoreSchemaHandler
    ) -> core_schema.CoreSchema:
        own = handler(source)
        if source is not model_cls:
            return own  # a subclass was asked for by name
        return core_schema.no_info_wrap_validator_function(validate, own)

    model_cls.__get_pydantic_core_schema__ = classmethod(schema)  # type: ignore[method-assign,assignment]  # that is the aim
    model_cls.model_rebuild(force=True)


def _chosen(cls: type[BaseModel], data: Mapping[str, Any]) -> type[BaseModel] | None:
    """Find the subclass that the data name, if there is one below `cls`."""
    found = (get_registry_for_type(cls) or {}).get(data.get("type", ""))
    return found if found is not None and issubclass(found, cls) else None


# --- models made in steps -------------------------------------------------------------------------


class PartialModel(Generic[M]):
    """A model that gets its fields one by one; checked whole by `finalize`.

        partial = PartialModel(Address, city="Oslo")
        partial.street = "Karl Johans gate"
        address = partial.finalize()

    Args:
        __model_cls: The model; kept as `model_cls`.
        **kwargs: Fields known already; all so far are kept as `fields`.

    Raises:
        ValueError: If a field is not one of the model's, or is set a second time.
    """

    model_cls: type[M]
    fields: dict[str, Any]

    def __init__(self, __model_cls: type[M], **kwargs: Any) -> None:
        # Not by plain assignment: that sets fields.
        self.__dict__["model_cls"] = __model_cls
        self.__dict__["fields"] = {}
        for name in kwargs:
            self.raise_if_not_in_model(name)
        self.fields.update(kwargs)

    def finalize(self, **kwargs: Any) -> M:
        """Make the model, with some last fields.

        Raises:
            pydantic.ValidationError: If the fields do not fit the model.
        """
        for name in kwargs:
            self.raise_if_already_set(name)
            self.raise_if_not_in_model(name)
        return self.model_cls(**self.fields, **kwargs)

    def raise_if_already_set(self, name: str) -> None:
        """Raise if the field has a value already."""
        if name in self.fields:
            raise ValueError(f"The field {name!r} has a value already: {self.fields[name]!r}")

    def raise_if_not_in_model(self, name: str) -> None:
        """Raise if the model has no such field."""
        if name not in self.model_cls.model_fields:
            raise ValueError(
                f"{self.model_cls.__name__} has no field {name!r}; its fields are"
                f" {', '.join(self.model_cls.model_fields)}"
            )

    def __setattr__(self, name: str, value: Any) -> None:
        self.raise_if_already_set(name)
        self.raise_if_not_in_model(name)
        self.fields[name] = value

    def __repr__(self) -> str:
        parts = [f"cls={self.model_cls.__name__}"]
        parts += [f"{name}={value!r}" for name, value in self.fields.items()]
        return f"PartialModel({', '.join(parts)})"


# --- values ---------------------------------------------------------------------------------------


def custom_pydantic_encoder(type_encoders: dict[Any, Callable[[type[Any]], Any]], obj: Any) -> Any:
    """Write a value as JSON-able data, with own encoders for some types.

    Args:
        type_encoders: Type → function that encodes its objects; the nearest base class counts.
        obj: The value.
    """
    for base in type(obj).__mro__[:-1]:
        if base in type_encoders:
            return type_encoders[base](obj)
    return to_jsonable_python(obj)


def get_class_fields_only(model: type[BaseModel]) -> set[str]:
    """Give the names of the fields a model declares itself, without those it inherits."""
    return set(model.__annotations__) & set(model.model_fields)


def handle_secret_render(value: object, context: dict[str, Any]) -> object:
    """Write a value that may be a secret.

    Args:
        value: A secret, a model that may hold secrets, or anything else, which comes back as is.
        context: With a true `include_secrets` secrets are written as they are, else hidden.
    """
    include = bool(context.get("include_secrets", False))
    if isinstance(value, (SecretStr, SecretBytes, Secret)):
        if include:
            return value.get_secret_value()
        from prefect.utilities.names import obfuscate

        return obfuscate(value)
    if isinstance(value, BaseModel):
        # Pass the context on: nested models decide about their own secrets.
        return value.model_dump(context=context)
    return value


def parse_obj_as(
    type_: type[T], data: Any, mode: Literal["python", "json", "strings"] = "python"
) -> T:
    """Validate data as any type pydantic knows.

    Args:
        type_: The type, `list[int]` for example.
        data: The data: Python values, JSON text, or values that are all texts, according to
            `mode`. With `json`, data that is not text is validated as Python values.
        mode: What `data` is.

    Raises:
        pydantic.ValidationError: If the data does not fit.
    """
    adapter = TypeAdapter(type_)
    if mode == "strings":
        return adapter.validate_strings(data)
    if mode == "json" and isinstance(data, (str, bytes, bytearray)):
        return adapter.validate_json(data)
    return adapter.validate_python(data)
