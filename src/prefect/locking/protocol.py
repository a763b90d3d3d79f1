"""What a lock manager has to offer; integration packages bring their own."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

__all__ = ["LockManager"]


@runtime_checkable
class LockManager(Protocol):
    """Locks by key, each with a holder.

    Times are seconds; None means without limit.
    """

    def acquire_lock(
        self,
        key: str,
        holder: str,
        acquire_timeout: float | None = None,
        hold_timeout: float | None = None,
    ) -> bool:
        """Take a lock, waiting for it.

        Args:
            key: Of the lock.
            holder: Who takes it; whoever has it already gets it again.
            acquire_timeout: How long to wait for it.
            hold_timeout: After how long it is released by itself.

        Returns:
            Whether the holder has it.
        """
        ...

    async def aacquire_lock(
        self,
        key: str,
        holder: str,
        acquire_timeout: float | None = None,
        hold_timeout: float | None = None,
    ) -> bool:
        """Take a lock without blocking the event loop; as `acquire_lock`."""
        ...

    def release_lock(self, key: str, holder: str) -> None:
        """Give a lock back.

        Raises:
            ValueError: If the holder does not have it.
        """
        ...

    def is_locked(self, key: str) -> bool:
        """Say whether somebody has the lock."""
        ...

    def is_lock_holder(self, key: str, holder: str) -> bool:
        """Say whether the holder has the lock."""
        ...

    def wait_for_lock(self, key: str, timeout: float | None = None) -> bool:
        """Wait until nobody has the lock.

        Returns:
            Whether that is so; False when the time is over.
        """
        ...

    async def await_for_lock(self, key: str, timeout: float | None = None) -> bool:
        """Wait without blocking the event loop; as `wait_for_lock`."""
        ...
