"""`Block`: the base of configuration and credentials that are stored by name.

    class Mailbox(Block):
        host: str
        password: SecretStr

    Mailbox(host="mail.example", password="s3cret").save("office")
    Mailbox.load("office")

A block is a pydantic model whose class is a block type on the server and whose values are a block
document. Integration packages derive theirs from here, and from `prefect.blocks.abstract`. Every
method that talks to the server has an async twin with an `a` before its name; called in a running
event loop, the method itself returns the twin's coroutine.
"""

import sys
import warnings
from abc import ABC
from typing import Any, ClassVar, TypeGuard, cast
from uuid import UUID

from pydantic import (
    BaseModel,
    ConfigDict,
    HttpUrl,
    SerializationInfo,
    SerializerFunctionWrapHandler,
    TypeAdapter,
    ValidationError,
    model_serializer,
    model_validator,
)
from pydantic.functional_validators import ModelWrapValidatorHandler  # public later than 2.10
from pydantic.json_schema import GenerateJsonSchema
from typing_extensions import Self

from prefect._dual import run
from prefect._internal.compatibility.async_dispatch import async_dispatch
from prefect.blocks import _docstrings, _registry, _schemas, _storing
from prefect.blocks._schemas import UnionTypes
from prefect.client.schemas._models.blocks import (
    DEFAULT_BLOCK_SCHEMA_VERSION,
    BlockDocument,
    BlockSchema,
    BlockType,
)
from prefect.utilities.dispatch import get_registry_for_type, register_base_type
from prefect.utilities.slugify import slugify

TYPE_CHECKING = False
if TYPE_CHECKING:
    from prefect.client.orchestration import PrefectClient

__all__ = [
    "DEFAULT_BLOCK_SCHEMA_VERSION",
    "Block",
    "BlockNotSavedError",
    "InvalidBlockRegistration",
    "ResourceTuple",
    "UnionTypes",
    "UnknownBlockType",
    "block_schema_to_key",
    "schema_extra",
]

ResourceTuple = tuple[dict[str, Any], list[dict[str, Any]]]
"""A resource and its related resources, as events have them."""

_SLUG = "block_type_slug"
_IDENTITY = ("_block_document_id", "_block_document_name", "_is_anonymous")
"""What a stored block knows of its document; goes along when it is written into another one."""


class InvalidBlockRegistration(Exception):
    """Raised when something is registered that is no block type of its own."""


class UnknownBlockType(Exception):
    """Raised when no class of a block type can be found in this environment."""


class BlockNotSavedError(RuntimeError):
    """Raised when something needs a block's document, and the block was not saved."""


def block_schema_to_key(schema: BlockSchema) -> str:
    """Give the key under which the class of a block schema is registered: its type's slug.

    Raises:
        ValueError: If the schema comes without its block type.
    """
    if schema.block_type is None:
        raise ValueError(f"The block schema '{schema.id}' does not say of which type it is.")
    return schema.block_type.slug


def schema_extra(schema: dict[str, Any], model: "type[Block]") -> None:
    """Add to a block's JSON schema what only blocks have; called by pydantic."""
    schema[_SLUG] = model.get_block_type_slug()
    description = model.get_description()
    schema.pop("description", None)
    if description:
        schema["description"] = description
    for position, field in enumerate(schema.get("properties", {}).values()):
        field["position"] = position
    schema["secret_fields"] = _schemas.secret_fields_of(model)
    schema["block_schema_references"] = {
        model.model_fields[name].alias or name: _references(classes)
        for name, classes in _schemas.blocks_of_fields(model, Block).items()
    }


def _references(classes: "list[type[Block]]") -> Any:
    references = [cls._to_block_schema_reference_dict() for cls in classes]
    return references[0] if len(references) == 1 else references


@register_base_type
class Block(BaseModel, ABC):
    """Base of all blocks: a model whose class is a block type, and whose values can be stored.

    A subclass may describe its type in class variables: `_block_type_name`, `_block_type_slug`,
    `_logo_url`, `_documentation_url`, `_description`, `_code_example`,
    `_block_schema_capabilities`, `_block_schema_version`. Name and slug come from the class's name
    otherwise, description and example from its docstring. What needs more than validation goes into
    `block_initialization`.
    """

    model_config = ConfigDict(extra="allow", json_schema_extra=schema_extra, defer_build=True)

    _block_type_name: ClassVar[str | None] = None
    _block_type_slug: ClassVar[str | None] = None
    _logo_url: ClassVar[HttpUrl | None] = None
    _documentation_url: ClassVar[HttpUrl | None] = None
    _description: ClassVar[str | None] = None
    _code_example: ClassVar[str | None] = None
    _block_schema_capabilities: ClassVar[list[str] | None] = None
    _block_schema_version: ClassVar[str | None] = None
    _events_excluded_methods: ClassVar[list[str]] = []

    # Known once the class is registered, and once the block is stored.
    _block_type_id: ClassVar[UUID | None] = None
    _block_schema_id: ClassVar[UUID | None] = None
    _block_document_id: UUID | None = None
    _block_document_name: str | None = None
    _is_anonymous: bool | None = None

    def __new__(cls, *_: Any, **kwargs: Any) -> Self:
        slug = kwargs.get(_SLUG)
        found = (get_registry_for_type(Block) or {}).get(slug) if isinstance(slug, str) else None
        if found is not None and issubclass(found, cls):
            return cast(Self, super().__new__(found))
        return super().__new__(cls)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.pop(_SLUG, None)
        identity = {name: kwargs.pop(name) for name in _IDENTITY if name in kwargs}
        super().__init__(*args, **kwargs)
        for name, value in identity.items():
            if name == "_block_document_id" and value is not None:
                value = UUID(str(value))
            setattr(self, name, value)
        self.block_initialization()

    def block_initialization(self) -> None:
        """Prepare a new block after its values are validated; for subclasses."""

    def __repr_args__(self) -> list[tuple[str | None, Any]]:
        # Not the extra values: what an older version of the class kept secret may be among them.
        return [(name, getattr(self, name, None)) for name in type(self).model_fields]

    # ---- what the class says about itself ----

    @classmethod
    def __dispatch_key__(cls) -> str | None:
        """Key of the class among all blocks; the base and `Secret[int]` and the like have none."""
        if cls.__name__ == "Block" or cls.__pydantic_generic_metadata__.get("origin"):
            return None
        return cls.get_block_type_slug()

    @classmethod
    def _origin(cls) -> type[Any]:
        """The class itself, of `Secret[int]` it is `Secret`."""
        return cls.__pydantic_generic_metadata__.get("origin") or cls

    @classmethod
    def get_block_type_name(cls) -> str:
        """Give the name of the block type; by default that of the class."""
        return cls._block_type_name or cls._origin().__name__

    @classmethod
    def get_block_type_slug(cls) -> str:
        """Give the slug of the block type; by default made from its name."""
        return cls._block_type_slug or slugify(cls.get_block_type_name())

    @classmethod
    def get_block_capabilities(cls) -> frozenset[str]:
        """Give what blocks of this type can do: what the class says, and every class above it."""
        return frozenset(
            capability
            for base in cls.__mro__
            for capability in getattr(base, "_block_schema_capabilities", None) or ()
        )

    @classmethod
    def get_block_schema_version(cls) -> str:
        """Give the version of the schema: what the class says, or its package's version."""
        return cls._block_schema_version or cls._get_current_package_version()

    @classmethod
    def _get_current_package_version(cls) -> str:
        package = cls.__module__.partition(".")[0]
        version = getattr(sys.modules.get(package), "__version__", None)
        if package == "prefect":
            from prefect._version import __version__ as version  # asks the installation
        # The server takes it for a version only if it begins like one.
        is_version = isinstance(version, str) and version[:1].isdigit()
        return str(version) if is_version else DEFAULT_BLOCK_SCHEMA_VERSION

    @classmethod
    def get_description(cls) -> str | None:
        """Give the description of the block type: what the class or its docstring says."""
        return cls._description or _docstrings.description_of(cls._own_docstring())

    @classmethod
    def get_code_example(cls) -> str | None:
        """Give an example of use: what the class or its docstring says, else how to load it."""
        own = cls._own_code_example()
        if own is not None:
            return own
        name = cls._origin().__name__
        return f'```python\nfrom {cls.__module__} import {name}\n\nblock = {name}.load("name")\n```'

    @classmethod
    def _own_code_example(cls) -> str | None:
        return cls._code_example or _docstrings.example_of(cls._own_docstring())

    @classmethod
    def _own_docstring(cls) -> str | None:
        """The docstring of the class itself, not one it inherits."""
        docstring = cls._origin().__dict__.get("__doc__")
        return docstring if isinstance(docstring, str) else None

    @classmethod
    def _own_texts(cls) -> dict[str, Any]:
        """What the author says about the type; nothing made up, nothing empty."""
        said = {
            "logo_url": cls._logo_url,
            "documentation_url": cls._documentation_url,
            "description": cls.get_description(),
            "code_example": cls._own_code_example(),
        }
        return {name: text for name, text in said.items() if text is not None}

    @classmethod
    def _block_type_texts(cls) -> dict[str, Any]:
        return cls._own_texts() | {"code_example": cls.get_code_example()}

    # ---- schema ----

    @classmethod
    def model_json_schema(  # type: ignore[override]  # what pydantic added later is in `kwargs`
        cls,
        by_alias: bool = True,
        ref_template: str = "#/definitions/{model}",
        schema_generator: type[GenerateJsonSchema] = GenerateJsonSchema,
        mode: Any = "validation",
        **kwargs: Any,
    ) -> dict[str, Any]:
        """Give the JSON schema of the block, in the form the server keeps."""
        return _schemas.open_objects(
            super().model_json_schema(by_alias, ref_template, schema_generator, mode, **kwargs)
        )

    @classmethod
    def _calculate_schema_checksum(cls, block_schema_fields: dict[str, Any] | None = None) -> str:
        """Compute what identifies a schema everywhere, by default this class's own.

        Source: orchestration contract, section 12.
        """
        fields = cls.model_json_schema() if block_schema_fields is None else block_schema_fields
        return _schemas.checksum_of(fields)

    @classmethod
    def _to_block_schema_reference_dict(cls) -> dict[str, str]:
        return {
            _SLUG: cls.get_block_type_slug(),
            "block_schema_checksum": cls._calculate_schema_checksum(),
        }

    @classmethod
    def _to_block_schema(cls, block_type_id: UUID | None = None) -> BlockSchema:
        """Describe the schema of this class as the server would."""
        return BlockSchema(
            checksum=cls._calculate_schema_checksum(),
            fields=cls.model_json_schema(),
            block_type_id=block_type_id or cls._block_type_id,
            block_type=cls._to_block_type(),
            capabilities=sorted(cls.get_block_capabilities()),
            version=cls.get_block_schema_version(),
        )

    @classmethod
    def _to_block_type(cls) -> BlockType:
        """Describe the type of this class as the server would."""
        return BlockType(
            name=cls.get_block_type_name(),
            slug=cls.get_block_type_slug(),
            **cls._block_type_texts(),
        )

    @classmethod
    def _nested_block_classes(cls) -> "list[type[Block]]":
        fields = _schemas.blocks_of_fields(cls, Block)
        return list(dict.fromkeys(nested for classes in fields.values() for nested in classes))

    @staticmethod
    def is_block_class(block: Any) -> TypeGuard["type[Block]"]:
        """Say whether something is a class of blocks."""
        # `list[int]` counts as a type on Python 3.10, but has no bases.
        return isinstance(block, type) and hasattr(block, "__mro__") and Block in block.__mro__

    @staticmethod
    def annotation_refers_to_block_class(annotation: Any) -> bool:
        """Say whether an annotation names a class of blocks, also inside a union or a list."""
        return bool(_schemas.block_classes_in(annotation, Block))

    @classmethod
    def _field_has_secrets(cls, field_name: str) -> bool:
        """Say whether a field is secret, or has something secret inside."""
        key = cls.model_fields[field_name].alias or field_name
        return any(path.split(".")[0] == key for path in _schemas.secret_fields_of(cls))

    # ---- from and to data ----

    @model_validator(mode="wrap")
    @classmethod
    def _as_named_class(cls, value: Any, handler: ModelWrapValidatorHandler[Self]) -> Self:
        """Make of data that names its block type an object of that type's class."""
        if not isinstance(value, dict) or not isinstance(value.get(_SLUG), str):
            return handler(value)
        slug = value[_SLUG]
        found = (get_registry_for_type(Block) or {}).get(slug)
        rest = {key: item for key, item in value.items() if key != _SLUG}
        if found is None or slug == cls.get_block_type_slug() or issubclass(cls, found):
            return handler(rest)
        if not issubclass(found, cls):
            raise ValueError(f"a block of the type {slug!r} is no {cls.__name__}")
        made: Self = found.model_validate(rest)
        return made

    @model_serializer(mode="wrap")
    def _with_type(
        self, handler: SerializerFunctionWrapHandler, info: SerializationInfo
    ) -> dict[str, Any]:
        """Write the block with its type and its document's id, and with secrets if asked."""
        written: Any = handler(self)
        if not isinstance(written, dict):
            return written  # type: ignore[no-any-return]  # a serializer of the user's own
        if _is_whole(info) and not all(_wrote(written, name, self) for name in self._fields()):
            # Annotated as a class above: pydantic wrote the fields of that one alone.
            return self.model_dump(
                mode=info.mode, by_alias=info.by_alias, context=info.context, warnings=False
            )
        if (info.context or {}).get("include_secrets"):
            values = {**self.__dict__, **(self.model_extra or {})}
            for name, value in values.items():
                for key in self._keys(name) & written.keys():
                    written[key] = _schemas.reveal(value, written[key])
        if _asked_for(info, _SLUG):
            written[_SLUG] = self.get_block_type_slug()
        if self._block_document_id is not None:
            known = {name: getattr(self, name) for name in _IDENTITY}
            if info.mode == "json":
                known["_block_document_id"] = str(self._block_document_id)
            written |= {name: value for name, value in known.items() if _asked_for(info, name)}
        return written

    @classmethod
    def _fields(cls) -> list[str]:
        return [name for name, field in cls.model_fields.items() if not field.exclude]

    @classmethod
    def _keys(cls, name: str) -> set[str]:
        """The keys under which a field may be written."""
        field = cls.model_fields.get(name)
        aliases = () if field is None else (field.alias, field.serialization_alias)
        return {name, *(alias for alias in aliases if alias)}

    def _document_data(self) -> dict[str, Any]:
        """Give the values as a document has them, each secret as a `Secret` that is not printed.

        Blocks in fields that are stored themselves are referred to.
        """
        cls = type(self)
        written = self.model_dump(mode="json", by_alias=True, context={"include_secrets": True})
        data: dict[str, Any] = {}
        for name in cls._fields():
            nested = getattr(self, name, None)
            if isinstance(nested, Block) and nested._block_document_id is not None:
                reference = {"block_document_id": str(nested._block_document_id)}
                data[cls.model_fields[name].alias or name] = {"$ref": reference}
                continue
            for key in cls._keys(name) & written.keys():
                data[cls.model_fields[name].alias or name] = written[key]
        veiled: dict[str, Any] = _schemas.veil(data, _schemas.secret_fields_of(cls))
        return veiled

    def _to_block_document(
        self,
        name: str | None = None,
        block_schema_id: UUID | None = None,
        block_type_id: UUID | None = None,
        is_anonymous: bool | None = None,
    ) -> BlockDocument:
        """Describe the document of this block as the server would.

        Raises:
            ValueError: If its class was not registered and the ids are not given, or it has no
                name and is not anonymous.
        """
        type_id = block_type_id or self._block_type_id
        schema_id = block_schema_id or self._block_schema_id
        if type_id is None or schema_id is None:
            raise ValueError(
                f"The block type {self.get_block_type_slug()!r} has no id yet: call"
                f" `{type(self).__name__}.register_type_and_schema()` first."
            )
        return BlockDocument(
            name=name or self._block_document_name,
            data=self._document_data(),
            block_schema_id=schema_id,
            block_schema=self._to_block_schema(type_id),
            block_type_id=type_id,
            block_type=self._to_block_type(),
            block_type_name=self.get_block_type_name(),
            is_anonymous=bool(self._is_anonymous if is_anonymous is None else is_anonymous),
        )

    @classmethod
    def get_block_class_from_schema(cls, schema: BlockSchema) -> type[Self]:
        """Give the class of a block schema.

        Raises:
            UnknownBlockType: If nothing installed here defines it.
        """
        found: Any = _registry.find_class(block_schema_to_key(schema), schema.block_type)
        return found  # type: ignore[no-any-return]  # of `Self` as far as the caller knows

    @classmethod
    def get_block_class_from_key(cls, key: str) -> type[Self]:
        """Give the class that is registered under the slug of a block type.

        Raises:
            UnknownBlockType: If nothing installed here defines it.
        """
        found: Any = _registry.find_class(key)
        return found  # type: ignore[no-any-return]  # of `Self` as far as the caller knows

    @classmethod
    def _class_of(cls, document: BlockDocument) -> "type[Self]":
        """The class to make of a document: this one, unless it is the base of all."""
        if cls is not Block:
            return cls
        block_type = document.block_type
        if block_type is None and document.block_schema is not None:
            block_type = document.block_schema.block_type
        if block_type is None:
            raise ValueError(
                f"The block document '{document.id}' does not say of which type it is."
            )
        found: Any = _registry.find_class(block_type.slug, block_type)
        return found  # type: ignore[no-any-return]  # as above

    @classmethod
    def _from_block_document(cls, block_document: BlockDocument) -> Self:
        """Make a block of its document.

        Raises:
            UnknownBlockType: If nothing installed here defines its class.
            ValidationError: If its values do not fit the class.
        """
        chosen = cls._class_of(block_document)
        data = _with_slugs(block_document.data, block_document.block_document_references)
        block = chosen.model_validate({**data, _SLUG: chosen.get_block_type_slug()})
        return block._take_identity(block_document)

    def _take_identity(self, document: BlockDocument) -> Self:
        cls = type(self)
        self._block_document_id = document.id
        self._block_document_name = document.name
        self._is_anonymous = document.is_anonymous
        # On the class of this very block, as nested classes have their own.
        cls._block_schema_id = document.block_schema_id
        cls._block_type_id = document.block_type_id
        self._define_metadata_on_nested_blocks(document.block_document_references)
        return self

    def _define_metadata_on_nested_blocks(
        self, block_document_references: dict[str, dict[str, Any]]
    ) -> None:
        """Tell the blocks in this one of which documents they are."""
        for name, field in type(self).model_fields.items():
            nested = getattr(self, name, None)
            reference = block_document_references.get(field.alias or name)
            document = (reference or {}).get("block_document")
            if not isinstance(nested, Block) or not document:
                continue
            nested._block_document_id = UUID(str(document["id"]))
            nested._block_document_name = document.get("name")
            nested._is_anonymous = document.get("is_anonymous")
            nested._define_metadata_on_nested_blocks(
                document.get("block_document_references") or {}
            )

    @classmethod
    def _load_from_block_document(
        cls, block_document: BlockDocument, validate: bool = True
    ) -> Self:
        """Make a block of its document, also if that is older than the class.

        Raises:
            UnknownBlockType: If nothing installed here defines its class.
            RuntimeError: With `validate`, if the values do not fit the class.
        """
        try:
            return cls._from_block_document(block_document)
        except ValidationError as error:
            chosen = cls._class_of(block_document)
            misfits = "; ".join(
                f"{'.'.join(map(str, e['loc'])) or 'the values'}: {e['msg']}"
                for e in error.errors(include_url=False, include_input=False)
            )
            named = f"{chosen.get_block_type_slug()}/{block_document.name}"
            if validate:
                raise RuntimeError(
                    f"The stored values of the block {named!r} do not fit the class"
                    f" {chosen.__name__!r}: {misfits}. It may have changed since they were saved:"
                    f" load with `validate=False`, set what is missing, save with `overwrite=True`."
                ) from None  # its text would show the values, secrets among them
            warnings.warn(
                f"The block {named!r} is not valid yet: {misfits}. Set these fields and call"
                f" `save({block_document.name!r}, overwrite=True)` before it is used.",
                stacklevel=4,
            )
            incomplete = chosen._made_of_what_fits(block_document)
            return incomplete._take_identity(block_document)

    @classmethod
    def _made_of_what_fits(cls, document: BlockDocument) -> Self:
        """Make a block without validation as a whole: each value that fits its field does count."""
        data = _with_slugs(document.data, document.block_document_references)
        values = {key: item for key, item in data.items() if key not in (*_IDENTITY, _SLUG)}
        for name, field in cls.model_fields.items():
            key = field.alias or name
            if key not in values:
                if field.is_required():
                    values[key] = None
                continue
            try:
                values[key] = TypeAdapter(field.rebuild_annotation()).validate_python(values[key])
            except ValidationError:
                continue  # as it was stored; the warning names it
        construct: Any = cls.model_construct  # mypy's plugin gives it the base's type
        made: Self = construct(**values)
        return made

    def get_block_placeholder(self) -> str:
        """Give the template that stands for this block, without the braces around it.

        Raises:
            BlockNotSavedError: If it has no document of a name.
        """
        if self._block_document_name is None:
            raise BlockNotSavedError(
                f"A template can only refer to a block that is stored; call `save` on this"
                f" {type(self).__name__} first."
            )
        return f"prefect.blocks.{self.get_block_type_slug()}.{self._block_document_name}"

    # ---- stored blocks ----

    @classmethod
    async def aload(
        cls, name: str, validate: bool = True, client: "PrefectClient | None" = None
    ) -> Self:
        """Load a stored block.

        Args:
            name: Its name; on `Block` itself, `type-slug/name`.
            validate: Whether its values must fit the class. Without, a block saved by an older
                version of its class can be loaded, completed and saved again; a warning says what
                is missing.
            client: The client to ask; by default one from the settings.

        Raises:
            ValueError: If there is no such block.
            UnknownBlockType: If nothing installed here defines its class.
            RuntimeError: If its values do not fit the class, and `validate` is true.
        """
        slug, own_name = cls._name_of(name)
        found = await _storing.read_by_name(_storing.async_client(client), slug, own_name)
        return cls._load_from_block_document(found, validate=validate)._tell_loaded()

    @classmethod
    @async_dispatch(aload)
    def load(cls, name: str, validate: bool = True, client: "PrefectClient | None" = None) -> Self:
        """Load a stored block; `aload` says what the arguments mean and what it raises."""
        slug, own_name = cls._name_of(name)
        found = run(_storing.read_by_name(_storing.blocking_client(client), slug, own_name))
        return cls._load_from_block_document(found, validate=validate)._tell_loaded()

    @classmethod
    async def aload_from_ref(
        cls,
        ref: "str | UUID | dict[str, Any]",
        validate: bool = True,
        client: "PrefectClient | None" = None,
    ) -> Self:
        """Load the stored block a reference leads to.

        Args:
            ref: The id of its document, also as text; or a mapping with `block_document_id`, or
                with `block_document_slug`, which is `type-slug/name`.
            validate: As for `aload`, as is `client`.

        Raises:
            ValueError: If the reference leads to no block; and what `aload` raises.
        """
        found = await _storing.read_by_reference(_storing.async_client(client), ref)
        return cls._load_from_block_document(found, validate=validate)._tell_loaded()

    @classmethod
    @async_dispatch(aload_from_ref)
    def load_from_ref(
        cls,
        ref: "str | UUID | dict[str, Any]",
        validate: bool = True,
        client: "PrefectClient | None" = None,
    ) -> Self:
        """Load the stored block a reference leads to; see `aload_from_ref`."""
        found = run(_storing.read_by_reference(_storing.blocking_client(client), ref))
        return cls._load_from_block_document(found, validate=validate)._tell_loaded()

    @classmethod
    def _name_of(cls, name: str) -> tuple[str, str]:
        """Give type slug and name of the block that `load(name)` means."""
        return _storing.split_slug(name) if cls is Block else (cls.get_block_type_slug(), name)

    def _tell_loaded(self) -> Self:
        """Tell the server that this block was loaded, in the background."""
        from prefect.events.utilities import emit_event  # heavy

        slug = self.get_block_type_slug()
        emit_event(
            f"prefect.block.{slug}.loaded",
            resource={
                "prefect.resource.id": f"prefect.block-document.{self._block_document_id}",
                "prefect.resource.name": self._block_document_name or "",
            },
            related=[
                {
                    "prefect.resource.id": f"prefect.block-type.{slug}",
                    "prefect.resource.role": "block-type",
                }
            ],
        )
        return self

    @classmethod
    async def aregister_type_and_schema(cls, client: "PrefectClient | None" = None) -> None:
        """Make the server know this class of blocks, and those of its fields before it.

        Raises:
            InvalidBlockRegistration: If it is `Block` itself.
        """
        await _storing.register(_storing.async_client(client), cls)

    @classmethod
    @async_dispatch(aregister_type_and_schema)
    def register_type_and_schema(cls, client: "PrefectClient | None" = None) -> None:
        """Make the server know this class of blocks; see `aregister_type_and_schema`."""
        run(_storing.register(_storing.blocking_client(client), cls))

    async def asave(
        self,
        name: str | None = None,
        overwrite: bool = False,
        client: "PrefectClient | None" = None,
    ) -> UUID:
        """Store the values of this block, its secrets too.

        Args:
            name: Lowercase letters, digits and dashes; by default the name it has.
            overwrite: Whether to replace the values of a block of that name.
            client: The client to ask; by default one from the settings.

        Returns:
            The id of its document.

        Raises:
            ValueError: If there is no name, or it is taken, or has other characters.
        """
        return await _storing.save(_storing.async_client(client), self, name, overwrite=overwrite)

    @async_dispatch(asave)
    def save(
        self,
        name: str | None = None,
        overwrite: bool = False,
        client: "PrefectClient | None" = None,
    ) -> UUID:
        """Store the values of this block; `asave` says what it returns and raises."""
        core = _storing.blocking_client(client)
        return run(_storing.save(core, self, name, overwrite=overwrite))

    async def _save(
        self,
        name: str | None = None,
        is_anonymous: bool = False,
        overwrite: bool = False,
        client: "PrefectClient | None" = None,
    ) -> UUID:
        """Store this block, also without a name; for storage that flows bring along."""
        core = _storing.async_client(client)
        return await _storing.save(core, self, name, is_anonymous=is_anonymous, overwrite=overwrite)

    def _save_sync(
        self,
        name: str | None = None,
        is_anonymous: bool = False,
        overwrite: bool = False,
        client: "PrefectClient | None" = None,
    ) -> UUID:
        """Store this block, also without a name; for storage that flows bring along."""
        core = _storing.blocking_client(client)
        return run(_storing.save(core, self, name, is_anonymous=is_anonymous, overwrite=overwrite))

    @classmethod
    async def adelete(cls, name: str, client: "PrefectClient | None" = None) -> None:
        """Delete a stored block.

        Args:
            name: Its name; on `Block` itself, `type-slug/name`.
            client: The client to ask; by default one from the settings.

        Raises:
            ValueError: If there is no such block.
        """
        await _storing.delete(_storing.async_client(client), *cls._name_of(name))

    @classmethod
    @async_dispatch(adelete)
    def delete(cls, name: str, client: "PrefectClient | None" = None) -> None:
        """Delete a stored block; see `adelete`."""
        run(_storing.delete(_storing.blocking_client(client), *cls._name_of(name)))


def _with_slugs(data: dict[str, Any], references: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """Copy a document's data; nested documents say of which type they are, and it gets loaded."""
    copied = dict(data)
    for name, reference in references.items():
        document = reference.get("block_document") or {}
        slug = (document.get("block_type") or {}).get("slug")
        if not isinstance(copied.get(name), dict) or not slug:
            continue
        if slug not in (get_registry_for_type(Block) or {}):
            _registry.find_class(slug, BlockType.model_validate(document["block_type"]))
        inner = document.get("block_document_references") or {}
        copied[name] = {**_with_slugs(copied[name], inner), _SLUG: slug}
    return copied


def _is_whole(info: SerializationInfo) -> bool:
    """Whether every field was to be written."""
    return not (
        info.include
        or info.exclude
        or info.exclude_unset
        or info.exclude_defaults
        or info.exclude_none
    )


def _wrote(written: dict[str, Any], name: str, block: Block) -> bool:
    return not hasattr(block, name) or not block._keys(name).isdisjoint(written)


def _asked_for(info: SerializationInfo, key: str) -> bool:
    """Whether a key that is no field may be written."""
    included: Any = info.include
    excluded: Any = info.exclude
    return (included is None or key in included) and key not in (excluded or ())
