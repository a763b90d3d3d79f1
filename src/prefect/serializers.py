"""Turn Python objects into bytes and back, for results that outlive their process.

A serializer is a small model whose `type` names it in a result's metadata; subclasses register
themselves, so `Serializer(type="json")` gives the right class and users add their own. What is
written here is read by the released package and the other way round.
"""

import base64
import importlib
from typing import Any, Generic, cast

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    TypeAdapter,
    field_validator,
    model_validator,
)
from pydantic.functional_validators import ModelWrapValidatorHandler  # public later than 2.10
from typing_extensions import Self, TypeVar

from prefect.exceptions import SerializationError
from prefect.utilities.dispatch import get_registry_for_type, lookup_type, register_base_type
from prefect.utilities.importtools import from_qualified_name, to_qualified_name

__all__ = [
    "CompressedJSONSerializer",
    "CompressedPickleSerializer",
    "CompressedSerializer",
    "JSONSerializer",
    "PickleSerializer",
    "Serializer",
    "UnknownSerializer",
    "prefect_json_object_decoder",
    "prefect_json_object_encoder",
]

D = TypeVar("D", default=Any)


def prefect_json_object_encoder(obj: Any) -> Any:
    """Give an object that JSON has no form for as a mapping that names its class.

    Returns:
        `{"__class__": <module.Name>, "data": <JSON form>}`, and for exceptions
        `{"__exc_type__": <module.Name>, "message": <text>}`.
    """
    if isinstance(obj, BaseException):
        return {"__exc_type__": to_qualified_name(type(obj)), "message": str(obj)}
    return {
        "__class__": to_qualified_name(type(obj)),
        "data": TypeAdapter(type(obj)).dump_python(obj, mode="json"),
    }


def prefect_json_object_decoder(result: dict[str, Any]) -> Any:
    """Make an object again from what `prefect_json_object_encoder` gave; other mappings pass."""
    if "__class__" in result:
        return TypeAdapter(from_qualified_name(result["__class__"])).validate_python(result["data"])
    if "__exc_type__" in result:
        return from_qualified_name(result["__exc_type__"])(result["message"])
    return result


@register_base_type
class Serializer(BaseModel, Generic[D]):
    """What turns objects into bytes and back. Subclass it, give `type` a default, and it is found.

    `Serializer(type="json", ...)` makes the subclass whose `type` that is; a field of type
    `Serializer` takes the type's name alone, too.
    """

    model_config = ConfigDict(extra="forbid", defer_build=True)

    type: str

    def __new__(cls, **kwargs: Any) -> Self:
        wanted = kwargs.get("type")
        if cls is Serializer and isinstance(wanted, str):
            return cast(Self, super().__new__(_registered(wanted)))
        return super().__new__(cls)

    @model_validator(mode="wrap")
    @classmethod
    def _as_registered_class(cls, value: Any, handler: ModelWrapValidatorHandler[Self]) -> Self:
        if isinstance(value, str):
            value = {"type": value}
        if cls is Serializer and isinstance(value, dict) and isinstance(value.get("type"), str):
            return cast(Self, _registered(value["type"]).model_validate(value))
        return handler(value)

    @classmethod
    def __dispatch_key__(cls) -> str | None:
        """Name of the class in the registry: the default of its `type`, if it has one."""
        default = cls.model_fields["type"].default if "type" in cls.model_fields else None
        return default if isinstance(default, str) else None

    def dumps(self, obj: D) -> bytes:
        """Encode an object.

        Raises:
            SerializationError: If this serializer has no form for it.
        """
        raise NotImplementedError(f"{type(self).__name__} does not say how to encode: add `dumps`")

    def loads(self, blob: bytes) -> D:
        """Decode what `dumps` gave."""
        raise NotImplementedError(f"{type(self).__name__} does not say how to decode: add `loads`")


def _registered(name: str) -> type[Serializer]:
    """The serializer class called `name`; an error that lists those there are."""
    try:
        return lookup_type(Serializer, name)
    except KeyError as error:
        known = ", ".join(sorted(get_registry_for_type(Serializer) or ()))
        raise ValueError(
            f"No serializer has the type {name!r}; known are: {known}. Import the module that"
            " defines yours before it is used."
        ) from error


class PickleSerializer(Serializer[D]):
    """Serialize with pickle, which takes almost any object; only read what you trust.

    The output is base64 text in lines of 76 characters, so that it can stand in JSON.
    """

    type: str = Field(default="pickle", frozen=True)
    picklelib: str = Field(
        default="cloudpickle", description="Module with `dumps` and `loads` to pickle with."
    )
    picklelib_version: str | None = Field(
        default=None, description="Kept for readers of old results; not used any more."
    )

    @field_validator("picklelib")
    @classmethod
    def _check_picklelib(cls, value: str) -> str:
        return _check_library(value)

    def dumps(self, obj: D) -> bytes:
        """Pickle an object into base64 text."""
        try:
            pickled = importlib.import_module(self.picklelib).dumps(obj)
        except Exception as error:  # a library's or the object's own: whatever went wrong
            raise SerializationError(
                f"Cannot pickle {_shortly(obj)} with {self.picklelib!r}: {error}. Return something"
                " that can be pickled, or choose another result serializer."
            ) from error
        return base64.encodebytes(pickled)

    def loads(self, blob: bytes) -> D:
        """Unpickle base64 text."""
        return cast(D, importlib.import_module(self.picklelib).loads(base64.decodebytes(blob)))


class JSONSerializer(Serializer[D]):
    """Serialize to JSON, with a form for what JSON lacks: dates, UUIDs, models, dataclasses, …"""

    type: str = Field(default="json", frozen=True)
    jsonlib: str = Field(default="json", description="Module with `dumps` and `loads` to use.")
    object_encoder: str | None = Field(
        default="prefect.serializers.prefect_json_object_encoder",
        description="Called for an object that JSON has no form for; gives one that it has.",
    )
    object_decoder: str | None = Field(
        default="prefect.serializers.prefect_json_object_decoder",
        description="Called for each decoded mapping; gives the object it stands for.",
    )
    dumps_kwargs: dict[str, Any] = Field(default_factory=dict)
    loads_kwargs: dict[str, Any] = Field(default_factory=dict)

    @field_validator("jsonlib")
    @classmethod
    def _check_jsonlib(cls, value: str) -> str:
        return _check_library(value)

    @field_validator("dumps_kwargs")
    @classmethod
    def _check_dumps_kwargs(cls, value: dict[str, Any]) -> dict[str, Any]:
        if "default" in value:
            raise ValueError("`default` is taken by `object_encoder`; set that instead.")
        return value

    @field_validator("loads_kwargs")
    @classmethod
    def _check_loads_kwargs(cls, value: dict[str, Any]) -> dict[str, Any]:
        if "object_hook" in value:
            raise ValueError("`object_hook` is taken by `object_decoder`; set that instead.")
        return value

    def dumps(self, obj: D) -> bytes:
        """Encode an object as JSON."""
        options = dict(self.dumps_kwargs)
        if self.object_encoder:
            options["default"] = from_qualified_name(self.object_encoder)
        encoded = importlib.import_module(self.jsonlib).dumps(obj, **options)
        return encoded.encode() if isinstance(encoded, str) else cast(bytes, encoded)

    def loads(self, blob: bytes) -> D:
        """Decode JSON."""
        options = dict(self.loads_kwargs)
        if self.object_decoder:
            options["object_hook"] = from_qualified_name(self.object_decoder)
        return cast(D, importlib.import_module(self.jsonlib).loads(blob, **options))


class CompressedSerializer(Serializer[D]):
    """Compress what another serializer gives; base64 text in lines of 76 characters."""

    type: str = Field(default="compressed", frozen=True)
    serializer: Serializer = Field(description="What encodes before compression.")
    compressionlib: str = Field(
        default="lzma", description="Module with `compress` and `decompress` to use."
    )

    @field_validator("compressionlib")
    @classmethod
    def _check_compressionlib(cls, value: str) -> str:
        return _check_library(value, needed=("compress", "decompress"))

    def dumps(self, obj: D) -> bytes:
        """Encode, then compress."""
        compress = importlib.import_module(self.compressionlib).compress
        return base64.encodebytes(compress(self.serializer.dumps(obj)))

    def loads(self, blob: bytes) -> D:
        """Decompress, then decode."""
        decompress = importlib.import_module(self.compressionlib).decompress
        return cast(D, self.serializer.loads(decompress(base64.decodebytes(blob))))


class CompressedPickleSerializer(CompressedSerializer[D]):
    """Pickle, compressed."""

    type: str = Field(default="compressed/pickle", frozen=True)
    serializer: Serializer = Field(default_factory=PickleSerializer)


class CompressedJSONSerializer(CompressedSerializer[D]):
    """JSON, compressed."""

    type: str = Field(default="compressed/json", frozen=True)
    serializer: Serializer = Field(default_factory=JSONSerializer)


class UnknownSerializer(Serializer):
    """Stands for a serializer that this process does not know, so that metadata can be read."""

    model_config = ConfigDict(extra="allow", defer_build=True)

    type: str

    def dumps(self, obj: Any) -> bytes:
        """Fail, saying which serializer is missing."""
        raise SerializationError(self._message())

    def loads(self, blob: bytes) -> Any:
        """Fail, saying which serializer is missing."""
        raise SerializationError(self._message())

    def _message(self) -> str:
        return (
            f"The result was written by a serializer of type {self.type!r}, which this process does"
            " not know. Install and import the package that defines it, then read again."
        )


def _check_library(name: str, needed: tuple[str, ...] = ("dumps", "loads")) -> str:
    """Check that a module is there and has what is called on it; its name."""
    try:
        module = importlib.import_module(name)
    except ImportError as error:
        raise ValueError(f"Cannot import {name!r}: {error}. Install it or name another.") from error
    missing = [function for function in needed if not callable(getattr(module, function, None))]
    if missing:
        raise ValueError(f"{name!r} has no function {' and no '.join(missing)}.")
    return name


def _shortly(obj: Any) -> str:
    """An object's type and the beginning of its repr, for messages."""
    text = repr(obj)
    return f"a {type(obj).__name__} ({text if len(text) <= 80 else text[:77] + '...'})"
