"""Delivering what is on its way before a process ends without the interpreter's own exit."""

import threading

__all__ = ["deliver_before_the_end"]


def deliver_before_the_end() -> None:
    """Give events and logs their time to leave; for ends that skip the exit hooks."""
    from prefect.client import _background

    # In a thread of its own: an event loop may be running in this one.
    thread = threading.Thread(target=_background._finish, name="prefect-farewell", daemon=True)
    thread.start()
    thread.join(_background.EXIT_SECONDS + 1.0)
