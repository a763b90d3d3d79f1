"""The facade of the room: every name is there, and importing it loads nothing."""

import subprocess
import sys

import pytest

from prefect import events


@pytest.mark.parametrize("name", events.__all__)
def test_every_published_name_resolves(name: str) -> None:
    assert getattr(events, name) is not None
    assert name in dir(events)


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="NoSuchTrigger"):
        events.NoSuchTrigger  # noqa: B018


def test_importing_the_facade_loads_no_third_party_package() -> None:
    code = (
        "import sys, prefect.events\n"
        "print([name for name in ('pydantic', 'httpx', 'websockets', 'asyncio') if name in"
        " sys.modules])"
    )

    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )

    assert result.stdout.strip() == "[]"


def test_describing_an_automation_loads_no_transport() -> None:
    code = (
        "import sys\n"
        "from prefect.automations import Automation, DoNothing, EventTrigger\n"
        "Automation(name='n', trigger=EventTrigger(expect={'x'}), actions=[DoNothing()])\n"
        "print([name for name in ('httpx', 'websockets', 'ssl') if name in sys.modules])"
    )

    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )

    assert result.stdout.strip() == "[]"
