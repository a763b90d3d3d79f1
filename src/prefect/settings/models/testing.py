"""Settings for testing."""

from typing import Any

from prefect.settings.base import PrefectBaseSettings, build_settings_config, setting

__all__ = ["TestingSettings"]


class TestingSettings(PrefectBaseSettings):
    """How the package behaves under test."""

    model_config = build_settings_config(("testing",))

    test_mode: bool = setting(
        False,
        "Whether the package is under test: profiles are left out and everything is logged.",
        aliases=("PREFECT_TEST_MODE",),
    )
    unit_test_mode: bool = setting(
        False, "Whether unit tests of the package are running.", aliases=("PREFECT_UNIT_TEST_MODE",)
    )
    unit_test_loop_debug: bool = setting(
        True,
        "Whether event loops of unit tests run in debug mode.",
        aliases=("PREFECT_UNIT_TEST_LOOP_DEBUG",),
    )
    test_setting: Any = setting(
        "FOO",
        "A setting that means nothing, to try settings with.",
        aliases=("PREFECT_TEST_SETTING",),
    )
