"""Typed input for flow runs: what a run waits for, who sends it, and how it is received.

    class Person(RunInput):
        name: str

    person = pause_flow_run(wait_for_input=Person)      # in a flow, answered by a person

    Person(name="Ada").send_to(flow_run_id)             # from another flow or a script
    for person in Person.receive(timeout=60): ...       # in the flow
    for number in receive_input(int, timeout=60): ...   # of any type that JSON can hold

An input that a run pauses for is stored under three keys of the run, its keyset: the JSON schema of
what is wanted, a description, and the response. An input that is sent is stored under a key of its
own, which starts with the name of its type. Receiving looks for new keys from time to time; it is
written once, over a port that asks and waits either way.
"""

import time
from inspect import isclass
from types import UnionType
from typing import (
    Any,
    ClassVar,
    Generic,
    Literal,
    Protocol,
    TypeAlias,
    TypeVar,
    Union,
    cast,
    get_origin,
    overload,
)
from uuid import UUID, uuid4

from pydantic import BaseModel, ConfigDict, PrivateAttr, create_model
from typing_extensions import Self

from prefect._dual import run
from prefect._internal.compatibility.async_dispatch import async_dispatch
from prefect.client._faces import awaited, blocked
from prefect.client.schemas._models.flow_run_inputs import FlowRunInput
from prefect.client.schemas._models.states import State
from prefect.input.actions import (
    acreate_flow_run_input_from_model,
    afilter_flow_run_input,
    create_flow_run_input_from_model,
    ensure_flow_run_id,
    filter_flow_run_input,
)

__all__ = [
    "AutomaticRunInput",
    "BaseRunInput",
    "GetAutomaticInputHandler",
    "GetInputHandler",
    "Keyset",
    "RunInput",
    "RunInputMetadata",
    "asend_input",
    "keyset_from_base_key",
    "keyset_from_paused_state",
    "receive_input",
    "run_input_subclass_from_type",
    "send_input",
]

R = TypeVar("R", bound="RunInput")
T = TypeVar("T")
Model = TypeVar("Model", bound="BaseRunInput")

Keyset: TypeAlias = dict[
    Literal["description"] | Literal["response"] | Literal["schema"],
    str,
]
"""The keys under which a run stores what it waits for, and finds what it got."""

SENDER_PREFIX = "prefect.flow-run."


def keyset_from_paused_state(state: State[Any]) -> Keyset:
    """Return the keys of the input that a paused or suspended run waits for.

    Raises:
        RuntimeError: If the state is another one.
    """
    if not state.is_paused():
        raise RuntimeError(
            f"Only a run that is paused or suspended waits for input; this state is"
            f" {state.type.value}."
        )
    return keyset_from_base_key(f"{str(state.name).lower()}-{state.state_details.pause_key}")


def keyset_from_base_key(base_key: str) -> Keyset:
    """Return the keys of an input, which all start with the same word."""
    return {
        "description": f"{base_key}-description",
        "response": f"{base_key}-response",
        "schema": f"{base_key}-schema",
    }


class RunInputMetadata(BaseModel):
    """Where an input came from.

    Attributes:
        key: Under which it is stored.
        sender: Who sent it; `prefect.flow-run.<id>` for a flow run.
        receiver: The flow run it was sent to.
    """

    model_config = ConfigDict(defer_build=True)

    key: str
    sender: str | None = None
    receiver: UUID


class BaseRunInput(BaseModel):
    """What all inputs have in common."""

    model_config = ConfigDict(extra="forbid", defer_build=True)

    _description: ClassVar[str | None] = None
    _metadata: RunInputMetadata | None = PrivateAttr(None)

    @property
    def metadata(self) -> RunInputMetadata:
        """Where this input came from.

        Raises:
            RuntimeError: If it was not received: somebody made it here.
        """
        if self._metadata is None:
            raise RuntimeError(
                f"This {type(self).__name__} was not received from anywhere, so it has no metadata."
            )
        return self._metadata

    @classmethod
    def keyset_from_type(cls) -> Keyset:
        """Return the keys of inputs of this type that a run waits for by name."""
        return keyset_from_base_key(cls.__name__.lower())

    @classmethod
    async def asave(cls, keyset: Keyset, flow_run_id: UUID | None = None) -> None:
        """Say what a flow run waits for; see `save`."""
        run_id = ensure_flow_run_id(flow_run_id)
        await awaited(lambda api: cls._save(api, keyset, run_id))

    @classmethod
    @async_dispatch(asave)
    def save(cls, keyset: Keyset, flow_run_id: UUID | None = None) -> None:
        """Say what a flow run waits for: store the schema and the description of this type.

        Args:
            keyset: Where.
            flow_run_id: Default: the run around this code.
        """
        run_id = ensure_flow_run_id(flow_run_id)
        blocked(lambda api: cls._save(api, keyset, run_id))

    @classmethod
    async def aload(cls, keyset: Keyset, flow_run_id: UUID | None = None) -> Self:
        """Read the response that a flow run got; see `load`."""
        run_id = ensure_flow_run_id(flow_run_id)
        loaded: Self = await awaited(lambda api: cls._load(api, keyset, run_id))
        return loaded

    @classmethod
    @async_dispatch(aload)
    def load(cls, keyset: Keyset, flow_run_id: UUID | None = None) -> Self:
        """Read the response that a flow run got; without one, every field has its default.

        Args:
            keyset: Where.
            flow_run_id: Default: the run around this code.

        Raises:
            ValidationError: If the response, or its absence, does not fit this type.
        """
        run_id = ensure_flow_run_id(flow_run_id)
        loaded: Self = blocked(lambda api: cls._load(api, keyset, run_id))
        return loaded

    @classmethod
    def load_from_flow_run_input(cls, flow_run_input: FlowRunInput) -> Self:
        """Make an input of what was stored for a flow run.

        Raises:
            ValidationError: If it does not fit this type.
        """
        instance = cls(**flow_run_input.decoded_value)
        instance._metadata = RunInputMetadata(
            key=flow_run_input.key,
            sender=flow_run_input.sender,
            receiver=flow_run_input.flow_run_id,
        )
        return instance

    @classmethod
    def with_initial_data(
        cls: type[Model], description: str | None = None, **kwargs: Any
    ) -> type[Model]:
        """Return a type like this one with other defaults, which people see filled in.

        Args:
            description: Shown to people above the form, in Markdown.
            kwargs: Field → its default.
        """
        fields: dict[str, Any] = {
            name: (
                cls.model_fields[name].annotation if name in cls.model_fields else type(value),
                value,
            )
            for name, value in kwargs.items()
        }
        initial = create_model(cls.__name__, __base__=cls, __module__=cls.__module__, **fields)
        if description is not None:
            initial._description = description
        return initial

    async def arespond(
        self,
        run_input: "RunInput",
        sender: str | None = None,
        key_prefix: str | None = None,
    ) -> None:
        """Answer the flow run that sent this input; see `respond`."""
        await asend_input(run_input, self._sending_run(), sender, key_prefix)

    @async_dispatch(arespond)
    def respond(
        self,
        run_input: "RunInput",
        sender: str | None = None,
        key_prefix: str | None = None,
    ) -> None:
        """Answer the flow run that sent this input.

        Args:
            run_input: The answer.
            sender: Default: the flow run around this code.
            key_prefix: What the answer's key starts with; default: the name of its type.

        Raises:
            RuntimeError: If it was not sent by a flow run.
        """
        send_input(run_input, self._sending_run(), sender, key_prefix, _sync=True)  # type: ignore[call-arg]  # of `async_dispatch`

    async def asend_to(
        self, flow_run_id: UUID, sender: str | None = None, key_prefix: str | None = None
    ) -> None:
        """Send this input to a flow run; see `send_to`."""
        await asend_input(self, flow_run_id, sender, key_prefix)

    @async_dispatch(asend_to)
    def send_to(
        self, flow_run_id: UUID, sender: str | None = None, key_prefix: str | None = None
    ) -> None:
        """Send this input to a flow run.

        Args:
            flow_run_id: The run.
            sender: Default: the flow run around this code.
            key_prefix: What its key starts with; default: the name of its type.
        """
        send_input(self, flow_run_id, sender, key_prefix, _sync=True)  # type: ignore[call-arg]  # of `async_dispatch`

    def _sending_run(self) -> UUID:
        sender = self._metadata.sender if self._metadata is not None else None
        if sender is None or not sender.startswith(SENDER_PREFIX):
            raise RuntimeError(
                f"Only a flow run can be answered, but the sender of this {type(self).__name__} is"
                f" {sender!r}. Use `send_input` with the id of the run that is to get the answer."
            )
        return UUID(sender.removeprefix(SENDER_PREFIX))

    @classmethod
    async def _save(cls, api: Any, keyset: Keyset, run_id: UUID) -> None:
        import json

        schema = json.dumps(cls.model_json_schema(by_alias=True))
        await api.create_flow_run_input(run_id, keyset["schema"], schema)
        if cls._description:
            description = json.dumps(cls._description)
            await api.create_flow_run_input(run_id, keyset["description"], description)

    @classmethod
    async def _load(cls, api: Any, keyset: Keyset, run_id: UUID) -> Any:
        text = await _response(api, run_id, keyset["response"])
        instance = cls() if text is None else cls.model_validate_json(text)
        instance._metadata = RunInputMetadata(key=keyset["response"], receiver=run_id)
        return instance


async def _response(api: Any, run_id: UUID, key: str) -> str | None:
    from prefect.exceptions import PrefectHTTPStatusError  # heavy: derives from httpx's errors

    try:
        text: str = await api.read_flow_run_input(run_id, key)
    except PrefectHTTPStatusError as error:
        if error.response.status_code != 404:
            raise
        return None
    return text


class RunInput(BaseRunInput):
    """Input of a type that users define: derive from it and declare the fields."""

    @classmethod
    def receive(
        cls,
        timeout: float | None = 3600,
        poll_interval: float = 10,
        raise_timeout_error: bool = False,
        exclude_keys: set[str] | None = None,
        key_prefix: str | None = None,
        flow_run_id: UUID | None = None,
    ) -> "GetInputHandler[Self]":
        """Receive inputs of this type, one after the other; see `receive_input`."""
        return GetInputHandler(
            run_input_cls=cls,
            key_prefix=key_prefix or _key_prefix(cls),
            timeout=timeout,
            poll_interval=poll_interval,
            raise_timeout_error=raise_timeout_error,
            exclude_keys=exclude_keys,
            flow_run_id=flow_run_id,
        )

    @classmethod
    def subclass_from_base_model_type(cls, model_cls: type[BaseModel]) -> "type[RunInput]":
        """Make an input type of a pydantic model."""
        bases: Any = (RunInput, model_cls)
        made: Any = create_model(
            f"{model_cls.__name__}RunInput", __base__=bases, __module__=model_cls.__module__
        )
        return cast("type[RunInput]", made)


class AutomaticRunInput(BaseRunInput, Generic[T]):
    """Input of any type: what it is about stands in `value`."""

    value: T

    @classmethod
    async def aload(cls, keyset: Keyset, flow_run_id: UUID | None = None) -> T:  # type: ignore[override]  # contract: the value itself
        """Read the value that a flow run got; see `load`."""
        return (await super().aload(keyset, flow_run_id)).value

    @classmethod
    @async_dispatch(aload)
    def load(cls, keyset: Keyset, flow_run_id: UUID | None = None) -> T:  # type: ignore[override]  # contract: the value itself
        """Read the value that a flow run got.

        Args:
            keyset: Where.
            flow_run_id: Default: the run around this code.

        Raises:
            ValidationError: If there is none, or it is of another type.
        """
        run_id = ensure_flow_run_id(flow_run_id)
        value: T = blocked(lambda api: cls._load(api, keyset, run_id)).value
        return value

    @classmethod
    def subclass_from_type(cls, _type: type[T]) -> "type[AutomaticRunInput[T]]":
        """Make an input type of any type."""
        union = get_origin(_type) in (Union, UnionType)
        name = "" if union else getattr(_type, "__name__", "")
        made = create_model(
            f"{name}AutomaticRunInput", __base__=AutomaticRunInput, value=(_type, ...)
        )
        return cast("type[AutomaticRunInput[T]]", made)

    @classmethod
    def receive(
        cls,
        timeout: float | None = 3600,
        poll_interval: float = 10,
        raise_timeout_error: bool = False,
        exclude_keys: set[str] | None = None,
        key_prefix: str | None = None,
        flow_run_id: UUID | None = None,
        with_metadata: bool = False,
    ) -> "GetAutomaticInputHandler[T]":
        """Receive values of this type, one after the other; see `receive_input`."""
        return GetAutomaticInputHandler(
            run_input_cls=cls,
            key_prefix=key_prefix or _key_prefix(cls),
            timeout=timeout,
            poll_interval=poll_interval,
            raise_timeout_error=raise_timeout_error,
            exclude_keys=exclude_keys,
            flow_run_id=flow_run_id,
            with_metadata=with_metadata,
        )


def _key_prefix(input_type: type[BaseRunInput]) -> str:
    return f"{input_type.__name__.lower()}-auto"


def run_input_subclass_from_type(
    _type: type[R] | type[T] | BaseModel,
) -> type[AutomaticRunInput[T]] | type[R]:
    """Find or make the input type of a type.

    Args:
        _type: An input type (given back as it is), a pydantic model, an instance of one (its values
            become the defaults), or any other type.
    """
    if isinstance(_type, BaseModel):
        made = run_input_subclass_from_type(type(_type))
        values = {name: getattr(_type, name) for name in type(_type).model_fields}
        return cast("type[R]", cast("type[RunInput]", made).with_initial_data(**values))
    kind: Any = _type
    if isclass(kind) and get_origin(kind) is None:  # `list[int]` passes for a class on 3.10
        if issubclass(kind, RunInput):
            return cast("type[R]", kind)
        if issubclass(kind, BaseModel):
            return cast("type[R]", RunInput.subclass_from_base_model_type(kind))
    return AutomaticRunInput.subclass_from_type(cast("type[T]", _type))


# ---- receiving ----------------------------------------------------------------------------------


class _Port(Protocol):
    """How the API is asked, and how one waits."""

    async def inputs(self, handler: "_Handler") -> list[FlowRunInput]: ...
    async def sleep(self, seconds: float) -> None: ...


class _BlockingPort:
    async def inputs(self, handler: "_Handler") -> list[FlowRunInput]:
        return handler.filter_for_inputs_sync()

    async def sleep(self, seconds: float) -> None:
        time.sleep(seconds)  # noqa: ASYNC251  # the blocking port has no event loop to block


class _AsyncPort:
    async def inputs(self, handler: "_Handler") -> list[FlowRunInput]:
        return await handler.filter_for_inputs()

    async def sleep(self, seconds: float) -> None:
        import anyio  # heavy; an event loop is running here anyway

        await anyio.sleep(seconds)


class _Handler:
    """Looks for inputs of a flow run that it has not seen, until there is one or time is over."""

    def __init__(
        self,
        key_prefix: str,
        timeout: float | None,
        poll_interval: float,
        raise_timeout_error: bool,
        exclude_keys: set[str] | None,
        flow_run_id: UUID | None,
    ) -> None:
        self.key_prefix = key_prefix
        self.timeout = timeout
        self.poll_interval = poll_interval
        self.raise_timeout_error = raise_timeout_error
        self.exclude_keys: set[str] = set(exclude_keys or ())
        self.flow_run_id = ensure_flow_run_id(flow_run_id)

    async def filter_for_inputs(self) -> list[FlowRunInput]:
        """Look once for an input that was not received yet."""
        found: list[FlowRunInput] = await afilter_flow_run_input(
            key_prefix=self.key_prefix,
            limit=1,
            exclude_keys=self.exclude_keys,
            flow_run_id=self.flow_run_id,
        )
        self.exclude_keys.update(item.key for item in found)
        return found

    def filter_for_inputs_sync(self) -> list[FlowRunInput]:
        """Look once for an input that was not received yet."""
        look: Any = filter_flow_run_input
        found: list[FlowRunInput] = look(
            key_prefix=self.key_prefix,
            limit=1,
            exclude_keys=self.exclude_keys,
            flow_run_id=self.flow_run_id,
            _sync=True,  # whoever calls this blocks, in an event loop or not
        )
        self.exclude_keys.update(item.key for item in found)
        return found

    async def _wait(self, port: _Port) -> FlowRunInput:
        started = time.monotonic()
        while True:
            found = await port.inputs(self)
            if found:
                return found[0]
            pause = self.poll_interval
            if self.timeout is not None:
                left = self.timeout - (time.monotonic() - started)
                if left <= 0:
                    raise TimeoutError(
                        f"No input {self.key_prefix!r} came for flow run '{self.flow_run_id}'"
                        f" within {self.timeout:g} s."
                    )
                pause = min(pause, left)  # and look once more at the very end
            await port.sleep(pause)


_BLOCKING: _Port = _BlockingPort()
_ASYNC: _Port = _AsyncPort()


class GetInputHandler(_Handler, Generic[R]):
    """Gives the inputs of one type that a flow run gets, in `for` or `async for`, or by `next`."""

    def __init__(
        self,
        run_input_cls: type[R],
        key_prefix: str,
        timeout: float | None = 3600,
        poll_interval: float = 10,
        raise_timeout_error: bool = False,
        exclude_keys: set[str] | None = None,
        flow_run_id: UUID | None = None,
    ) -> None:
        super().__init__(
            key_prefix, timeout, poll_interval, raise_timeout_error, exclude_keys, flow_run_id
        )
        self.run_input_cls = run_input_cls

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> R:
        try:
            return self.to_instance(run(self._wait(_BLOCKING)))
        except TimeoutError:
            if self.raise_timeout_error:
                raise
            raise StopIteration from None

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> R:
        try:
            return await self.anext()
        except TimeoutError:
            if self.raise_timeout_error:
                raise
            raise StopAsyncIteration from None

    def to_instance(self, flow_run_input: FlowRunInput) -> R:
        """Make an input of what is stored."""
        return self.run_input_cls.load_from_flow_run_input(flow_run_input)

    async def anext(self) -> R:
        """Wait for the next input; see `next`."""
        return self.to_instance(await self._wait(_ASYNC))

    @async_dispatch(anext)
    def next(self) -> R:
        """Wait for the next input.

        Raises:
            TimeoutError: If none came in time.
            ValidationError: If it does not fit the type.
        """
        return self.to_instance(run(self._wait(_BLOCKING)))


class GetAutomaticInputHandler(_Handler, Generic[T]):
    """Gives the values that a flow run gets, in `for` or `async for`, or by `next`.

    With `with_metadata`, gives the `AutomaticRunInput` that holds the value instead.
    """

    def __init__(
        self,
        run_input_cls: type[AutomaticRunInput[T]],
        key_prefix: str,
        timeout: float | None = 3600,
        poll_interval: float = 10,
        raise_timeout_error: bool = False,
        exclude_keys: set[str] | None = None,
        flow_run_id: UUID | None = None,
        with_metadata: bool = False,
    ) -> None:
        super().__init__(
            key_prefix, timeout, poll_interval, raise_timeout_error, exclude_keys, flow_run_id
        )
        self.run_input_cls = run_input_cls
        self.with_metadata = with_metadata

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> T | AutomaticRunInput[T]:
        try:
            return self.to_instance(run(self._wait(_BLOCKING)))
        except TimeoutError:
            if self.raise_timeout_error:
                raise
            raise StopIteration from None

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> T | AutomaticRunInput[T]:
        try:
            return await self.anext()
        except TimeoutError:
            if self.raise_timeout_error:
                raise
            raise StopAsyncIteration from None

    async def anext(self) -> T | AutomaticRunInput[T]:
        """Wait for the next value; see `next`."""
        return self.to_instance(await self._wait(_ASYNC))

    @async_dispatch(anext)
    def next(self) -> T | AutomaticRunInput[T]:
        """Wait for the next value.

        Raises:
            TimeoutError: If none came in time.
            ValidationError: If it is of another type.
        """
        return self.to_instance(run(self._wait(_BLOCKING)))

    def to_instance(self, flow_run_input: FlowRunInput) -> T | AutomaticRunInput[T]:
        """Make a value of what is stored."""
        instance = self.run_input_cls.load_from_flow_run_input(flow_run_input)
        return instance if self.with_metadata else instance.value


async def asend_input(
    run_input: Any,
    flow_run_id: UUID,
    sender: str | None = None,
    key_prefix: str | None = None,
) -> None:
    """Send an input to a flow run; see `send_input`."""
    key, model = _keyed(run_input, key_prefix)
    await acreate_flow_run_input_from_model(key, model, flow_run_id, sender)


@async_dispatch(asend_input)
def send_input(
    run_input: Any,
    flow_run_id: UUID,
    sender: str | None = None,
    key_prefix: str | None = None,
) -> None:
    """Send an input to a flow run.

    Args:
        run_input: A `RunInput`, a pydantic model, or any value that JSON can hold.
        flow_run_id: The run.
        sender: Default: the flow run around this code, if there is one.
        key_prefix: What its key starts with; default: the name of its type.
    """
    key, model = _keyed(run_input, key_prefix)
    create_flow_run_input_from_model(key, model, flow_run_id, sender, _sync=True)  # type: ignore[call-arg]  # of `async_dispatch`


def _keyed(run_input: Any, key_prefix: str | None) -> tuple[str, BaseRunInput]:
    model: BaseRunInput
    if isinstance(run_input, BaseRunInput):
        model = run_input
    elif isinstance(run_input, BaseModel):
        values = {name: getattr(run_input, name) for name in type(run_input).model_fields}
        model = RunInput.subclass_from_base_model_type(type(run_input)).model_construct(**values)
    else:
        model = AutomaticRunInput.subclass_from_type(type(run_input))(value=run_input)
    return f"{key_prefix or _key_prefix(type(model))}-{uuid4()}", model


@overload
def receive_input(  # type: ignore[overload-overlap]  # models are told from other types first
    input_type: type[R] | BaseModel,
    timeout: float | None = 3600,
    poll_interval: float = 10,
    raise_timeout_error: bool = False,
    exclude_keys: set[str] | None = None,
    key_prefix: str | None = None,
    flow_run_id: UUID | None = None,
    with_metadata: bool = False,
) -> GetInputHandler[R]: ...


@overload
def receive_input(
    input_type: type[T],
    timeout: float | None = 3600,
    poll_interval: float = 10,
    raise_timeout_error: bool = False,
    exclude_keys: set[str] | None = None,
    key_prefix: str | None = None,
    flow_run_id: UUID | None = None,
    with_metadata: bool = False,
) -> GetAutomaticInputHandler[T]: ...


def receive_input(
    input_type: type[R] | type[T] | BaseModel,
    timeout: float | None = 3600,
    poll_interval: float = 10,
    raise_timeout_error: bool = False,
    exclude_keys: set[str] | None = None,
    key_prefix: str | None = None,
    flow_run_id: UUID | None = None,
    with_metadata: bool = False,
) -> GetAutomaticInputHandler[T] | GetInputHandler[R]:
    """Receive inputs of a flow run, one after the other, in `for` or `async for`.

    Args:
        input_type: A `RunInput`, a pydantic model, or any other type.
        timeout: Seconds to wait for each; None waits as long as it takes.
        poll_interval: Seconds between looks.
        raise_timeout_error: Whether a loop ends with `TimeoutError` rather than silently when
            none comes in time.
        exclude_keys: Keys of inputs that were received before.
        key_prefix: What their keys start with; default: the name of the type.
        flow_run_id: Default: the run around this code.
        with_metadata: Whether to give the input that holds the value, for types that are no models.
    """
    found: Any = run_input_subclass_from_type(input_type)
    options: dict[str, Any] = {"with_metadata": with_metadata}
    handler: GetAutomaticInputHandler[T] | GetInputHandler[R] = found.receive(
        timeout=timeout,
        poll_interval=poll_interval,
        raise_timeout_error=raise_timeout_error,
        exclude_keys=exclude_keys,
        key_prefix=key_prefix,
        flow_run_id=flow_run_id,
        **(options if issubclass(found, AutomaticRunInput) else {}),
    )
    return handler
