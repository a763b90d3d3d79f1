"""Blocks on the server: registered, saved, read, deleted. One body for both faces.

Every function takes the client to ask as its first argument: a `PrefectClient`, or the core of a
`SyncPrefectClient`, whose endpoints never suspend.
"""

from typing import TYPE_CHECKING, Any
from uuid import UUID

from prefect.exceptions import ObjectAlreadyExists, ObjectNotFound

if TYPE_CHECKING:
    from prefect.blocks.core import Block
    from prefect.client.orchestration import PrefectClient
    from prefect.client.schemas.objects import BlockDocument, BlockType

__all__ = [
    "async_client",
    "blocking_client",
    "delete",
    "read_by_id",
    "read_by_name",
    "read_by_reference",
    "register",
    "save",
]


# ---- clients ------------------------------------------------------------------------------------


def async_client(given: Any) -> "PrefectClient":
    """Give the client to ask from async code: the given one, else one from the settings.

    Raises:
        TypeError: If the given one is for code without an event loop.
    """
    from prefect.client.orchestration import get_client  # heavy

    client = get_client() if given is None else given
    if hasattr(client, "_core"):
        raise TypeError(
            "This was called in a running event loop, with a client for code without one. Pass"
            " `get_client()`, or leave `client` out."
        )
    return client


def blocking_client(given: Any) -> "PrefectClient":
    """Give the core to ask from code without an event loop; typed as what it has in common.

    Raises:
        TypeError: If the given client is async.
    """
    from prefect.client.orchestration import get_client  # heavy

    client = get_client(sync_client=True) if given is None else given
    if not hasattr(client, "_core"):
        raise TypeError(
            "This was called outside of an event loop, with an async client. Pass"
            " `get_client(sync_client=True)`, leave `client` out, or await the method whose name"
            " begins with `a`."
        )
    return client._core  # type: ignore[return-value]  # the same endpoints over another port


# ---- reading ------------------------------------------------------------------------------------


async def read_by_name(client: "PrefectClient", slug: str, name: str) -> "BlockDocument":
    """Read a block document, with its secrets.

    Raises:
        ValueError: If there is no such document.
    """
    try:
        return await client.read_block_document_by_name(name=name, block_type_slug=slug)
    except ObjectNotFound as error:
        raise ValueError(
            f"There is no block named {name!r} of the type {slug!r}. Check both, and that"
            " PREFECT_API_URL is the server it was saved on."
        ) from error


async def read_by_id(client: "PrefectClient", id: UUID) -> "BlockDocument":
    """Read a block document by its id, with its secrets.

    Raises:
        ValueError: If there is no such document.
    """
    try:
        return await client.read_block_document(id)
    except ObjectNotFound as error:
        raise ValueError(f"There is no block document with the id '{id}'.") from error


async def read_by_reference(client: "PrefectClient", reference: Any) -> "BlockDocument":
    """Read the block document a reference leads to.

    Args:
        reference: Its id, also as text; or a mapping with `block_document_id`, or with
            `block_document_slug`, which is `type-slug/name`.

    Raises:
        ValueError: If it is none of these, or there is no such document.
    """
    if isinstance(reference, dict):
        inner = reference.get("$ref", reference)
        if isinstance(inner, dict) and inner.get("block_document_id") is not None:
            return await read_by_id(client, _id(inner["block_document_id"]))
        if isinstance(inner, dict) and inner.get("block_document_slug") is not None:
            return await read_by_name(client, *split_slug(str(inner["block_document_slug"])))
    elif isinstance(reference, (str, UUID)):
        return await read_by_id(client, _id(reference))
    raise ValueError(
        f"{reference!r} does not lead to a block. Give its id, {{'block_document_id': <id>}} or"
        " {'block_document_slug': 'type-slug/name'}."
    )


def split_slug(slug: str) -> tuple[str, str]:
    """Split `type-slug/name`.

    Raises:
        ValueError: If it is not of that form.
    """
    type_slug, slash, name = slug.partition("/")
    if not slash or not type_slug or not name or "/" in name:
        raise ValueError(
            f"{slug!r} does not say which block to load: `Block.load` needs its type and its name,"
            " as in 'secret/my-key'. A class of blocks, such as `Secret`, needs the name alone."
        )
    return type_slug, name


def _id(value: Any) -> UUID:
    try:
        return value if isinstance(value, UUID) else UUID(str(value))
    except ValueError as error:
        raise ValueError(f"{value!r} is no id of a block document: it is no UUID.") from error


# ---- registering --------------------------------------------------------------------------------


async def register(client: "PrefectClient", cls: "type[Block]") -> None:
    """Make the server know a class of blocks, and those of its fields before it.

    The class then knows the ids of its type and its schema.

    Raises:
        InvalidBlockRegistration: If it is the base of all blocks, or is called by a class that is
            no block.
    """
    await _register(client, cls, set())


async def _register(client: "PrefectClient", cls: "type[Block]", done: set[Any]) -> None:
    from prefect.blocks.core import Block, InvalidBlockRegistration  # they import this module

    if cls is Block:
        raise InvalidBlockRegistration(
            "`Block` is the base of all blocks and has no type of its own; register a class that"
            " derives from it."
        )
    done.add(cls)
    for nested in cls._nested_block_classes():
        if nested is not Block and nested not in done:
            await _register(client, nested, done)
    block_type = await _registered_type(client, cls)
    cls._block_type_id = block_type.id
    cls._block_schema_id = await _registered_schema_id(client, cls, block_type.id)


async def _registered_type(client: "PrefectClient", cls: "type[Block]") -> "BlockType":
    from prefect.client.schemas.actions import BlockTypeCreate, BlockTypeUpdate  # heavy

    texts = cls._block_type_texts()
    slug = cls.get_block_type_slug()
    try:
        known = await client.read_block_type_by_slug(slug)
    except ObjectNotFound:
        wanted = BlockTypeCreate(name=cls.get_block_type_name(), slug=slug, **texts)
        try:
            return await client.create_block_type(wanted)
        except ObjectAlreadyExists:  # somebody else was a moment faster
            return await client.read_block_type_by_slug(slug)
    # The server describes the types that every installation has; its words stand.
    if not cls.__module__.startswith("prefect."):
        said = cls._own_texts()
        update = BlockTypeUpdate(**said)
        if any(getattr(update, name) != getattr(known, name) for name in said):
            await client.update_block_type(known.id, update)
    return known


async def _registered_schema_id(
    client: "PrefectClient", cls: "type[Block]", block_type_id: UUID
) -> UUID:
    from prefect.client.schemas.actions import BlockSchemaCreate  # heavy

    version = cls.get_block_schema_version()
    try:
        known = await client.read_block_schema_by_checksum(
            cls._calculate_schema_checksum(), version=version
        )
    except ObjectNotFound:
        known = await client.create_block_schema(
            BlockSchemaCreate(
                fields=cls.model_json_schema(),
                block_type_id=block_type_id,
                capabilities=sorted(cls.get_block_capabilities()),
                version=version,
            )
        )
    return known.id


# ---- saving and deleting ------------------------------------------------------------------------


async def save(
    client: "PrefectClient",
    block: "Block",
    name: str | None,
    *,
    is_anonymous: bool = False,
    overwrite: bool = False,
) -> UUID:
    """Store the values of a block, its secrets too.

    Raises:
        ValueError: If it needs a name and has none, or the name is taken.
        ValidationError: If the name has other characters than lowercase letters, digits, dashes.
    """
    name = name or block._block_document_name
    if name is None and not is_anonymous:
        raise ValueError(
            f"This {type(block).__name__} has no name to be saved under: call `save('some-name')`."
        )
    from prefect.client.schemas.actions import BlockDocumentCreate  # heavy

    await register(client, type(block))
    data = block._document_data()
    document = BlockDocumentCreate(
        name=name,
        data=data,
        # `register` has just set both.
        block_schema_id=block._block_schema_id,
        block_type_id=block._block_type_id,
        is_anonymous=is_anonymous,
    )
    try:
        stored = await client.create_block_document(document)
    except ObjectAlreadyExists as error:
        slug = type(block).get_block_type_slug()
        if not overwrite or name is None:
            raise ValueError(
                f"There is already a block named {name!r} of the type {slug!r}. Save with"
                " `overwrite=True` to replace its values, or choose another name."
            ) from error
        stored = await _replace(client, slug, name, document)
    block._block_document_id = stored.id
    block._block_document_name = stored.name
    block._is_anonymous = stored.is_anonymous
    return stored.id


async def _replace(client: "PrefectClient", slug: str, name: str, document: Any) -> "BlockDocument":
    from prefect.client.schemas.actions import BlockDocumentUpdate  # heavy

    known = await read_by_name(client, slug, name)
    await client.update_block_document(
        known.id,
        BlockDocumentUpdate(block_schema_id=document.block_schema_id, data=document.data),
    )
    return known


async def delete(client: "PrefectClient", slug: str, name: str) -> None:
    """Delete a stored block.

    Raises:
        ValueError: If there is no such block.
    """
    document = await read_by_name(client, slug, name)
    await client.delete_block_document(document.id)
