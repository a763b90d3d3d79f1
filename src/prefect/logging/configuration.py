"""Setting logging up: which loggers there are, how loud, and where their records go.

The engine, the workers and the command line call `setup_logging`; importing this sets nothing up.
The defaults stand in `_defaults`; a file of the user's takes their place, and every value of
either can be overridden by a variable named after its place:
`PREFECT_LOGGING_LOGGERS_PREFECT_LEVEL=DEBUG`.
"""

from __future__ import annotations

import copy
import logging
import logging.config
import os
import re
from pathlib import Path
from typing import Any

from prefect.settings._current import group

__all__ = [
    "DEFAULT_LOGGING_SETTINGS_PATH",
    "PROCESS_LOGGING_CONFIG",
    "ensure_logging_setup",
    "load_logging_config",
    "setup_logging",
]

DEFAULT_LOGGING_SETTINGS_PATH = Path(__file__).parent / "logging.yml"
"""Stands for the defaults: where a file of them would lie. Nothing is read from there."""

PROCESS_LOGGING_CONFIG: dict[str, Any] = {}
"""The configuration of this process; empty until logging is set up."""

_STYLES = {
    "log.web_url": "bright_blue",
    "log.local_url": "bright_blue",
    "log.info_level": "cyan",
    "log.warning_level": "yellow3",
    "log.error_level": "red3",
    "log.critical_level": "bright_red",
    "log.completed_state": "green",
    "log.cancelled_state": "yellow3",
    "log.failed_state": "red3",
    "log.crashed_state": "bright_red",
    "log.cached_state": "bright_blue",
    "log.flow_run_name": "magenta",
    "log.flow_name": "bold magenta",
}


def _defaults() -> dict[str, Any]:
    """Make the configuration that counts without a file, with the levels that settings give."""
    line = "%(asctime)s.%(msecs)03d | %(levelname)-7s | "
    level = group("logging").level
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "simple": {"format": "%(asctime)s.%(msecs)03d | %(message)s", "datefmt": "%H:%M:%S"},
            "standard": {
                "()": "prefect.logging.formatters.PrefectFormatter",
                "format": line + "%(name)s - %(message)s",
                "flow_run_fmt": line + "Flow run %(flow_run_name)r - %(message)s",
                "task_run_fmt": line + "Task run %(task_run_name)r - %(message)s",
                "datefmt": "%H:%M:%S",
            },
            "debug": {
                "format": line + "%(threadName)-12s | %(name)s - %(message)s",
                "datefmt": "%H:%M:%S",
            },
            "json": {"class": "prefect.logging.formatters.JsonFormatter", "format": "default"},
        },
        "handlers": {
            "console": {
                "level": 0,
                "class": "prefect.logging.handlers.PrefectConsoleHandler",
                "formatter": "standard",  # standard error, also when that is replaced later
                "styles": dict(_STYLES),
            },
            "api": {"level": 0, "class": "prefect.logging.handlers.APILogHandler"},
            "worker_api": {"level": 0, "class": "prefect.logging.handlers.WorkerAPILogHandler"},
            "debug": {
                "level": 0,
                "class": "logging.StreamHandler",
                "formatter": "debug",
                "stream": "ext://sys.stderr",
            },
        },
        "loggers": {
            "prefect": {"level": level},
            "prefect.extra": {"level": level, "handlers": ["api"], "propagate": False},
            "prefect.flow_runs": {"level": "NOTSET", "handlers": ["api"]},
            "prefect.task_runs": {"level": "NOTSET", "handlers": ["api"]},
            "prefect.workers": {"level": "NOTSET", "handlers": ["worker_api"]},
            "prefect.server": {"level": group("server").logging_level},
            "prefect.client": {"level": level},
            "prefect.infrastructure": {"level": level},
            "prefect._internal": {
                "level": group("internal").logging_level,
                "handlers": ["debug"],
                "propagate": False,
            },
            "uvicorn": {
                "level": group("server").logging_level,
                "handlers": ["console"],
                "propagate": False,
            },
            "fastapi": {
                "level": group("server").logging_level,
                "handlers": ["console"],
                "propagate": False,
            },
        },
        "root": {"level": "WARNING", "handlers": ["console"]},
    }


def load_logging_config(path: Path) -> dict[str, Any]:
    """Read a configuration, with what the environment overrides in it.

    Args:
        path: A YAML or JSON file in the form of `logging.config.dictConfig`;
            `${PREFECT_LOGGING_LEVEL}` and the like stand for values of settings and variables.
            `DEFAULT_LOGGING_SETTINGS_PATH` gives the defaults.

    Raises:
        PrefectImportError: If it is YAML and the extra `yaml` is not installed.
        ValueError: If the file holds no mapping.
    """
    path = Path(path)
    config = _defaults() if path == DEFAULT_LOGGING_SETTINGS_PATH else _read(path)
    _override(config, ("PREFECT_LOGGING",))
    return config


def _read(path: Path) -> dict[str, Any]:
    text = re.sub(r"\$\{?(PREFECT_\w+)\}?", _value_of, path.read_text(encoding="utf-8"))
    if path.suffix == ".json":
        import json  # heavy: only needed for such a file

        config = json.loads(text)
    else:
        from prefect._extras import require

        config = require("yaml", extra="yaml", what=f"reading {path}").safe_load(text)
    if not isinstance(config, dict):
        raise ValueError(f"{str(path)!r} must hold a mapping that configures logging")
    return config


def _value_of(match: re.Match[str]) -> str:
    """Give what a reference in a file stands for: the variable, or else the setting."""
    name = match[1]
    if name in os.environ:
        return os.environ[name]
    import prefect.settings  # heavy: only needed for files that refer to settings

    setting = getattr(prefect.settings, name, None)
    return match[0] if setting is None else str(setting.value())


def _override(part: dict[str, Any], place: tuple[str, ...]) -> None:
    """Put the values of variables in the place of those they are named after."""
    for key, value in part.items():
        key_place = (*place, str(key))
        if isinstance(value, dict):
            _override(value, key_place)
            continue
        name = re.sub(r"\W", "_", "_".join(key_place)).upper()
        if name in os.environ:
            part[key] = _converted(os.environ[name], like=value)


def _converted(text: str, *, like: Any) -> Any:
    if isinstance(like, bool):
        return text.strip().lower() in {"1", "true", "yes", "on"}
    if isinstance(like, list):
        return [item.strip() for item in text.split(",") if item.strip()]
    if isinstance(like, int) and text.strip().lstrip("-").isdigit():
        return int(text)
    return text


def setup_logging(incremental: bool | None = None) -> dict[str, Any]:
    """Set logging up for this process, as the settings say.

    Args:
        incremental: Whether to change levels only and leave handlers as they are; by default so
            once it has been set up.

    Returns:
        The configuration, as `logging.config.dictConfig` got it.
    """
    logging_settings = group("logging")
    own = logging_settings.config_path
    path = own if own.exists() else DEFAULT_LOGGING_SETTINGS_PATH
    config = load_logging_config(path)
    if incremental is None:
        incremental = bool(PROCESS_LOGGING_CONFIG)
    config["incremental"] = incremental
    if path == DEFAULT_LOGGING_SETTINGS_PATH and logging.root.handlers:
        # The program has set logging up itself: its handlers stay, and take our records too.
        config.pop("root", None)
    _leave_out_missing_handlers(config)
    logging.config.dictConfig(copy.deepcopy(config))  # it changes what it gets
    extra_config = config.get("loggers", {}).get("prefect.extra", {})
    for name in logging_settings.extra_loggers or ():
        _follow(logging.getLogger(name), like=logging.getLogger("prefect.extra"))
    PROCESS_LOGGING_CONFIG.clear()
    PROCESS_LOGGING_CONFIG.update(config)
    logging.getLogger("prefect.extra").propagate = bool(extra_config.get("propagate", False))
    return config


def _follow(logger: logging.Logger, *, like: logging.Logger) -> None:
    """Send a library's records where those of runs go, if they are loud enough."""
    for handler in like.handlers:
        if handler not in logger.handlers:
            logger.addHandler(handler)
    if logger.level == logging.NOTSET:
        logger.setLevel(like.level)


def _leave_out_missing_handlers(config: dict[str, Any]) -> None:
    """Leave out handlers of Prefect's that this distribution does not have.

    The loggers that name them go on to the handlers of their parents.
    """
    from importlib import import_module

    room = "prefect.logging.handlers"
    handlers = config.get("handlers", {})
    for name, handler in list(handlers.items()):
        module, _, class_name = str(handler.get("class", "")).rpartition(".")
        # The room is loaded by name: it lies above this one.
        if module == room and not hasattr(import_module(room), class_name):
            del handlers[name]
            for logger in (*config.get("loggers", {}).values(), config.get("root", {})):
                if name in logger.get("handlers", ()):
                    logger["handlers"] = [item for item in logger["handlers"] if item != name]


def ensure_logging_setup() -> None:
    """Set logging up, unless that was done in this process."""
    if not PROCESS_LOGGING_CONFIG:
        setup_logging()
