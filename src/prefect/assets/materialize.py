"""`@materialize`: a task that makes assets."""

from collections.abc import Callable
from typing import Any, ParamSpec, TypeVar

from typing_extensions import Unpack

from prefect.assets.core import Asset

TYPE_CHECKING = False
if TYPE_CHECKING:
    from prefect.tasks import MaterializingTask, TaskOptions

__all__ = ["materialize"]

P = ParamSpec("P")
R = TypeVar("R")


def materialize(
    *assets: str | Asset,
    by: str | None = None,
    **task_kwargs: "Unpack[TaskOptions]",
) -> "Callable[[Callable[P, R]], MaterializingTask[P, R]]":
    """Make a function a task that makes assets; every run tells that it did.

    Args:
        assets: The assets, or their keys.
        by: The tool that makes them, such as `"dbt"`.
        task_kwargs: Options of the task, as for `@task`.

    Returns:
        A decorator.

    Raises:
        TypeError: If no asset is given, or one is neither a key nor an asset.
        ValidationError: If a key is no URI.
    """
    if not assets:
        raise TypeError(
            "`@materialize` needs at least one asset: `@materialize('s3://bucket/orders.csv')`."
        )
    made = [_as_asset(asset) for asset in assets]

    def decorate(function: "Callable[P, R]") -> "MaterializingTask[P, R]":
        # An upward hop: the decorator gives a task, and tasks stand above assets.
        from prefect.tasks import MaterializingTask

        options: dict[str, Any] = dict(task_kwargs)
        task: MaterializingTask[P, R] = MaterializingTask(
            fn=function, assets=made, materialized_by=by, **options
        )
        return task

    return decorate


def _as_asset(asset: Any) -> Asset:
    if isinstance(asset, Asset):
        return asset
    if isinstance(asset, str):
        return Asset(key=asset)
    raise TypeError(f"An asset is given as an `Asset` or by its key, a string, not as {asset!r}.")
