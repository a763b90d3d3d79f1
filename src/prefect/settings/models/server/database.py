"""Settings of the database of the server."""

import warnings
from pathlib import Path
from typing import Literal
from urllib.parse import quote

from pydantic import Field, SecretStr

from prefect.settings._parsing import Secret
from prefect.settings.base import Lookup, PrefectBaseSettings, build_settings_config, setting

__all__ = [
    "SQLAlchemyConnectArgsSettings",
    "SQLAlchemySettings",
    "SQLAlchemyTLSSettings",
    "ServerDatabaseSettings",
    "default_database_connection_url",
    "warn_on_database_password_value_without_usage",
]

_PASSWORD_PLACEHOLDERS = (
    "${PREFECT_SERVER_DATABASE_PASSWORD}",
    "${PREFECT_API_DATABASE_PASSWORD}",
)


class SQLAlchemyTLSSettings(PrefectBaseSettings):
    """TLS between the server and Postgres."""

    model_config = build_settings_config(
        ("server", "database", "sqlalchemy", "connect_args", "tls")
    )

    enabled: bool = setting(False, "Whether the connection to the database is encrypted.")
    ca_file: str | None = setting(None, "File with the certificates of the authorities to trust.")
    cert_file: str | None = setting(
        None, "File with the certificate of the server as a client of the database."
    )
    key_file: str | None = setting(None, "File with the key of that certificate.")
    check_hostname: bool = setting(
        True, "Whether the name in the database's certificate must match its host."
    )


class SQLAlchemyConnectArgsSettings(PrefectBaseSettings):
    """What is passed on to the driver of the database."""

    model_config = build_settings_config(("server", "database", "sqlalchemy", "connect_args"))

    application_name: str | None = setting(None, "Name under which the server appears in Postgres.")
    search_path: str | None = setting(None, "Schemas in which Postgres looks for tables.")
    statement_cache_size: int | None = setting(
        None, "Most prepared statements that the driver remembers."
    )
    prepared_statement_cache_size: int | None = setting(
        None, "Most prepared statements that SQLAlchemy remembers."
    )
    tls: SQLAlchemyTLSSettings = Field(
        default_factory=SQLAlchemyTLSSettings, description="Encryption."
    )


class SQLAlchemySettings(PrefectBaseSettings):
    """How SQLAlchemy keeps connections to the database."""

    model_config = build_settings_config(("server", "database", "sqlalchemy"))

    connect_args: SQLAlchemyConnectArgsSettings = Field(
        default_factory=SQLAlchemyConnectArgsSettings, description="Arguments of the driver."
    )
    pool_size: int = setting(
        5, "How many connections are kept open.", aliases=("PREFECT_SQLALCHEMY_POOL_SIZE",)
    )
    pool_recycle: int = setting(
        3600, "How long a connection is used before it is replaced, in seconds."
    )
    pool_timeout: float | None = setting(
        30.0, "Longest wait for a free connection, in seconds; no limit when empty."
    )
    max_overflow: int = setting(
        10,
        "How many connections may be opened beyond those that are kept.",
        aliases=("PREFECT_SQLALCHEMY_MAX_OVERFLOW",),
    )


class ServerDatabaseSettings(PrefectBaseSettings):
    """Where the database of the server is, and how it is used."""

    model_config = build_settings_config(("server", "database"))

    sqlalchemy: SQLAlchemySettings = Field(
        default_factory=SQLAlchemySettings, description="Connections."
    )
    connection_url: Secret | None = setting(
        None,
        "URL of the database; made from the parts below, else a SQLite file in the home directory.",
        aliases=("PREFECT_API_DATABASE_CONNECTION_URL",),
    )
    driver: Literal["postgresql+asyncpg", "sqlite+aiosqlite"] | None = setting(
        None,
        "Driver of the database: `postgresql+asyncpg` or `sqlite+aiosqlite`.",
        aliases=("PREFECT_API_DATABASE_DRIVER",),
    )
    host: str | None = setting(
        None, "Host of the database.", aliases=("PREFECT_API_DATABASE_HOST",)
    )
    port: int | None = setting(
        None, "Port of the database; 5432 when not set.", aliases=("PREFECT_API_DATABASE_PORT",)
    )
    user: str | None = setting(
        None, "User of the database.", aliases=("PREFECT_API_DATABASE_USER",)
    )
    name: str | None = setting(
        None, "Name of the database; with SQLite, its file.", aliases=("PREFECT_API_DATABASE_NAME",)
    )
    password: Secret | None = setting(
        None,
        "Password of the user; also put where the URL says `${PREFECT_SERVER_DATABASE_PASSWORD}`.",
        aliases=("PREFECT_API_DATABASE_PASSWORD",),
    )
    echo: bool = setting(
        False, "Whether SQL statements are logged.", aliases=("PREFECT_API_DATABASE_ECHO",)
    )
    migrate_on_start: bool = setting(
        True,
        "Whether the server brings the database up to date when it starts.",
        aliases=("PREFECT_API_DATABASE_MIGRATE_ON_START",),
    )
    timeout: float | None = setting(
        10.0,
        "Longest time that a statement may take, in seconds; no limit when empty.",
        aliases=("PREFECT_API_DATABASE_TIMEOUT",),
    )
    connection_timeout: float | None = setting(
        5.0,
        "Longest wait for a connection to the database, in seconds; no limit when empty.",
        aliases=("PREFECT_API_DATABASE_CONNECTION_TIMEOUT",),
    )
    migration_timeout: float | None = setting(
        None,
        "Longest time that a statement of a migration may take, in seconds; no limit when empty.",
        gt=0,
    )

    def derive(self, get: Lookup) -> None:
        """Make the URL of the database."""
        url = self.connection_url.get_secret_value() if self.connection_url else None
        if url is None:
            made = default_database_connection_url(self, get("home"))
            self._derive_default("connection_url", SecretStr(made))
        elif any(placeholder in url for placeholder in _PASSWORD_PLACEHOLDERS):
            if self.password is None:
                raise ValueError(
                    "PREFECT_SERVER_DATABASE_CONNECTION_URL has a place for the password, which is"
                    " not set; set PREFECT_SERVER_DATABASE_PASSWORD"
                )
            for placeholder in _PASSWORD_PLACEHOLDERS:
                url = url.replace(placeholder, self.password.get_secret_value())
            self._overrule("connection_url", SecretStr(url))
        warn_on_database_password_value_without_usage(self)


def default_database_connection_url(settings: ServerDatabaseSettings, home: Path) -> str:
    """Make the URL of the database from its parts.

    Raises:
        ValueError: The driver is the one of Postgres and a part it needs is not set.
    """
    if settings.driver != "postgresql+asyncpg":
        return f"sqlite+aiosqlite:///{settings.name or home / 'prefect.db'}"
    parts = {"host": settings.host, "user": settings.user, "name": settings.name}
    missing = [f"PREFECT_SERVER_DATABASE_{key.upper()}" for key, part in parts.items() if not part]
    if missing:
        raise ValueError(
            f"PREFECT_SERVER_DATABASE_DRIVER is {settings.driver!r}, which also needs"
            f" {', '.join(missing)}; set them, or PREFECT_SERVER_DATABASE_CONNECTION_URL"
        )
    user = quote(str(settings.user), safe=" +")
    if settings.password:
        user += ":" + quote(settings.password.get_secret_value(), safe=" +")
    return f"{settings.driver}://{user}@{settings.host}:{settings.port or 5432}/{settings.name}"


def warn_on_database_password_value_without_usage(settings: ServerDatabaseSettings) -> None:
    """Warn about a password that is set while the URL of the database has no place for it."""
    if settings.password is None or settings.connection_url is None:
        return
    password = settings.password.get_secret_value()
    url = settings.connection_url.get_secret_value()
    if password and password not in url and quote(password, safe=" +") not in url:
        warnings.warn(
            "PREFECT_SERVER_DATABASE_PASSWORD is set but the URL of the database does not use it."
            " Write ${PREFECT_SERVER_DATABASE_PASSWORD} in"
            " PREFECT_SERVER_DATABASE_CONNECTION_URL, or unset the password.",
            stacklevel=2,
        )
