"""Bases of blocks by what they are for: credentials, notifications, jobs, databases, storage.

Integration packages derive from them, so that a flow can be given another service without being
rewritten. Nothing here talks to a service itself.
"""

import logging
from abc import ABC, abstractmethod
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, Generic, TypeAlias, TypeVar

from typing_extensions import Self

from prefect.blocks.core import Block
from prefect.exceptions import MissingContextError
from prefect.logging.loggers import get_logger, get_run_logger

__all__ = [
    "CredentialsBlock",
    "DatabaseBlock",
    "JobBlock",
    "JobRun",
    "LoggerOrAdapter",
    "NotificationBlock",
    "NotificationError",
    "ObjectStorageBlock",
    "SecretBlock",
]

T = TypeVar("T")

LoggerOrAdapter: TypeAlias = "logging.Logger | logging.LoggerAdapter[Any]"


def _logger_for(block: object) -> LoggerOrAdapter:
    """Give the logger of the current run; outside of runs, one named after the class."""
    try:
        return get_run_logger()
    except MissingContextError:
        return get_logger(type(block).__name__)


class CredentialsBlock(Block, ABC):
    """Credentials, and the client they open."""

    @property
    def logger(self) -> LoggerOrAdapter:
        """The logger of the current run; outside of runs, one named after the class."""
        return _logger_for(self)

    @abstractmethod
    def get_client(self, *args: Any, **kwargs: Any) -> Any:
        """Give a client of the service, ready for use.

        Where a service has several clients, the arguments say which.
        """


class NotificationError(Exception):
    """Raised when a notification could not be sent.

    Args:
        log: What the sender had to say; kept as `log`.
    """

    def __init__(self, log: str) -> None:
        super().__init__(log)
        self.log = log


class NotificationBlock(Block, ABC):
    """Something that sends a message to people."""

    _block_schema_capabilities = ["notify"]
    _raise_on_failure: bool = False

    @property
    def logger(self) -> LoggerOrAdapter:
        """The logger of the current run; outside of runs, one named after the class."""
        return _logger_for(self)

    @abstractmethod
    async def notify(self, body: str, subject: str | None = None) -> None:
        """Send a message.

        Args:
            body: The message.
            subject: Its subject, where the service has one.
        """

    @contextmanager
    def raise_on_failure(self) -> Generator[None, None, None]:
        """Raise `NotificationError` within this block when a message cannot be sent.

        Otherwise the failure is logged, or raised, as the service's class decides.
        """
        before = self._raise_on_failure
        self._raise_on_failure = True
        try:
            yield
        finally:
            self._raise_on_failure = before


class JobRun(ABC, Generic[T]):
    """One run of a job of another service; no block itself."""

    @property
    def logger(self) -> LoggerOrAdapter:
        """The logger of the current run; outside of runs, one named after the class."""
        return _logger_for(self)

    @abstractmethod
    async def wait_for_completion(self) -> logging.Logger:
        """Wait until the job is done."""

    @abstractmethod
    async def fetch_result(self) -> T:
        """Give the result of the job, which must be done."""


class JobBlock(Block, ABC, Generic[T]):
    """A job of another service that can be started."""

    @property
    def logger(self) -> LoggerOrAdapter:
        """The logger of the current run; outside of runs, one named after the class."""
        return _logger_for(self)

    @abstractmethod
    async def trigger(self) -> JobRun[T]:
        """Start the job, and give the run of it that began."""


class DatabaseBlock(Block, ABC):
    """A database that runs statements.

    Usable as a context manager where a subclass says what entering and leaving mean.
    """

    @property
    def logger(self) -> LoggerOrAdapter:
        """The logger of the current run; outside of runs, one named after the class."""
        return _logger_for(self)

    @abstractmethod
    async def fetch_one(
        self, operation: str, parameters: dict[str, Any] | None = None, **execution_kwargs: Any
    ) -> tuple[Any, ...]:
        """Run a query and give its next row.

        Args:
            operation: The query.
            parameters: Values of its parameters, by name.
            **execution_kwargs: Further options of the database's driver.
        """

    @abstractmethod
    async def fetch_many(
        self,
        operation: str,
        parameters: dict[str, Any] | None = None,
        size: int | None = None,
        **execution_kwargs: Any,
    ) -> list[tuple[Any, ...]]:
        """Run a query and give some of its rows; as `fetch_one`, and at most `size`."""

    @abstractmethod
    async def fetch_all(
        self, operation: str, parameters: dict[str, Any] | None = None, **execution_kwargs: Any
    ) -> list[tuple[Any, ...]]:
        """Run a query and give all its rows; as `fetch_one`."""

    @abstractmethod
    async def execute(
        self, operation: str, parameters: dict[str, Any] | None = None, **execution_kwargs: Any
    ) -> None:
        """Run a statement that gives nothing back; as `fetch_one`."""

    @abstractmethod
    async def execute_many(
        self, operation: str, seq_of_parameters: list[dict[str, Any]], **execution_kwargs: Any
    ) -> None:
        """Run a statement once for each set of parameters."""

    async def __aenter__(self) -> Self:
        raise NotImplementedError(self._not_entered("async with"))

    async def __aexit__(self, *args: Any) -> None:
        raise NotImplementedError(self._not_entered("async with"))

    def __enter__(self) -> Self:
        raise NotImplementedError(self._not_entered("with"))

    def __exit__(self, *args: Any) -> None:
        raise NotImplementedError(self._not_entered("with"))

    def _not_entered(self, statement: str) -> str:
        return f"{type(self).__name__} cannot be used in `{statement}`: its class does not say how."


class ObjectStorageBlock(Block, ABC):
    """A store of objects: files by key, in a bucket or container."""

    @property
    def logger(self) -> LoggerOrAdapter:
        """The logger of the current run; outside of runs, one named after the class."""
        return _logger_for(self)

    @abstractmethod
    async def download_object_to_path(
        self, from_path: str, to_path: str | Path, **download_kwargs: Any
    ) -> Path:
        """Copy an object into a local file, and give that file's path."""

    @abstractmethod
    async def download_object_to_file_object(
        self, from_path: str, to_file_object: BinaryIO, **download_kwargs: Any
    ) -> BinaryIO:
        """Copy an object into an open file, and give that file."""

    @abstractmethod
    async def download_folder_to_path(
        self, from_folder: str, to_folder: str | Path, **download_kwargs: Any
    ) -> Path:
        """Copy the objects under a prefix into a local folder, and give that folder's path."""

    @abstractmethod
    async def upload_from_path(
        self, from_path: str | Path, to_path: str, **upload_kwargs: Any
    ) -> str:
        """Copy a local file into an object, and give its key."""

    @abstractmethod
    async def upload_from_file_object(
        self, from_file_object: BinaryIO, to_path: str, **upload_kwargs: Any
    ) -> str:
        """Copy an open file into an object, and give its key."""

    @abstractmethod
    async def upload_from_folder(
        self, from_folder: str | Path, to_folder: str, **upload_kwargs: Any
    ) -> str:
        """Copy a local folder into objects under a prefix, and give that prefix."""


class SecretBlock(Block, ABC):
    """A secret that is kept by another service."""

    @property
    def logger(self) -> LoggerOrAdapter:
        """The logger of the current run; outside of runs, one named after the class."""
        return _logger_for(self)

    @abstractmethod
    async def read_secret(self) -> bytes:
        """Read the secret from the service."""

    @abstractmethod
    async def write_secret(self, secret_data: bytes) -> str:
        """Store the secret with the service, and give its key there."""
