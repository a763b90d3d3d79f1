"""Delivering what is on its way before a process ends without the interpreter's own exit."""

__all__ = ["deliver_before_the_end"]


def deliver_before_the_end() -> None:
    """Give events and logs their time to leave; for ends that skip the exit hooks."""
    from prefect.client import _background

    _background._finish()
