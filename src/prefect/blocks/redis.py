"""`RedisStorageContainer`: results and other files in a Redis database.

Needs the package `redis`, when the first file is read or written.
"""

from pathlib import Path
from typing import Any

from pydantic import Field, SecretStr
from typing_extensions import Self

from prefect._internal.compatibility.async_dispatch import async_dispatch
from prefect.filesystems import WritableFileSystem

__all__ = ["RedisStorageContainer"]


class RedisStorageContainer(WritableFileSystem):
    """Files in a Redis database, each under its path as the key.

    Attributes:
        host: The server.
        port: Its port.
        db: Number of the database.
        username: Whom to sign in as.
        password: The password.
        connection_string: All of these in one URL, `redis://…`; wins over the others.
    """

    _block_type_name = "Redis Storage Container"

    host: str | None = Field(default=None, description="The server.")
    port: int = Field(default=6379, description="Its port.")
    db: int = Field(default=0, description="Number of the database.")
    username: SecretStr | None = Field(default=None, description="Whom to sign in as.")
    password: SecretStr | None = Field(default=None, description="The password.")
    connection_string: SecretStr | None = Field(
        default=None, description="All of these in one URL; wins over the others."
    )

    def block_initialization(self) -> None:
        """Check that the block says where the database is.

        Raises:
            ValueError: If there is neither a host nor a connection string, or a user without a
                password.
        """
        if self.connection_string is not None:
            return
        if not self.host:
            raise ValueError("Where is the database? Give `host`, or a `connection_string`.")
        if self.username is not None and self.password is None:
            raise ValueError("There is a `username` without a `password`; give both or none.")

    async def aread_path(self, path: Path | str) -> bytes | None:
        """Give the content of a file; None if there is none.

        Raises:
            PrefectImportError: If the package `redis` is not installed.
        """
        async with self._client("redis.asyncio") as client:
            content: bytes | None = await client.get(str(path))
        return content

    @async_dispatch(aread_path)
    def read_path(  # type: ignore[override]  # or a coroutine; None for what is missing
        self, path: Path | str
    ) -> bytes | None:
        """Give the content of a file; None if there is none."""
        with self._client("redis") as client:
            content: bytes | None = client.get(str(path))
        return content

    async def awrite_path(self, path: Path | str, content: bytes) -> bool:
        """Write a file.

        Returns:
            Whether the database took it.

        Raises:
            PrefectImportError: If the package `redis` is not installed.
        """
        async with self._client("redis.asyncio") as client:
            return bool(await client.set(str(path), content))

    @async_dispatch(awrite_path)
    def write_path(  # type: ignore[override]  # or a coroutine
        self, path: Path | str, content: bytes
    ) -> bool:
        """Write a file; returns whether the database took it."""
        with self._client("redis") as client:
            return bool(client.set(str(path), content))

    def _client(self, module: str) -> Any:
        import importlib

        try:
            redis = importlib.import_module(module)
        except ModuleNotFoundError as error:
            from prefect.exceptions import PrefectImportError

            raise PrefectImportError(
                "Storage in Redis needs the package 'redis', which is not installed here. Run"
                " `pip install redis` to add it."
            ) from error
        if self.connection_string is not None:
            return redis.Redis.from_url(self.connection_string.get_secret_value())
        return redis.Redis(
            host=self.host,
            port=self.port,
            db=self.db,
            username=self.username.get_secret_value() if self.username else None,
            password=self.password.get_secret_value() if self.password else None,
        )

    @classmethod
    def from_host(
        cls,
        host: str,
        port: int = 6379,
        db: int = 0,
        username: str | SecretStr | None = None,
        password: str | SecretStr | None = None,
    ) -> Self:
        """Make a block of an address and credentials."""
        return cls(host=host, port=port, db=db, username=username, password=password)

    @classmethod
    def from_connection_string(cls, connection_string: str | SecretStr) -> Self:
        """Make a block of a URL, `redis://user:password@host:port/db`."""
        return cls(connection_string=connection_string)
