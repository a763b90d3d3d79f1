"""Random intervals, so that many clients do not do the same thing at the same moment.

Used by polling loops and retries. A Poisson process has exponentially distributed intervals; the
clamped ones keep the average but never stray far from it.
"""

from __future__ import annotations

import math
import random

__all__ = [
    "bounded_poisson_interval",
    "clamped_poisson_interval",
    "exponential_cdf",
    "lower_clamp_multiple",
    "poisson_interval",
]

_LN2 = math.log(2)


def poisson_interval(average_interval: float, lower: float = 0, upper: float = 1) -> float:
    """Draw an interval of a Poisson process.

    Args:
        average_interval: Seconds between two events on average; 0 gives 0.
        lower: Smallest quantile to draw from, 0 to 1.
        upper: Largest quantile to draw from, 0 to 1.
    """
    # Quantile function of the exponential distribution; 1 itself would be infinity.
    quantile = (
        min(random.SystemRandom().uniform(lower, upper), math.nextafter(1.0, 0.0)) if upper else 0.0
    )
    return -math.log1p(-quantile) * average_interval


def exponential_cdf(x: float, average_interval: float) -> float:
    """Give the share of a Poisson process's intervals that are not longer than `x`."""
    return -math.expm1(-x / average_interval)


def lower_clamp_multiple(k: float) -> float:
    """Find the lower bound that goes with an upper one, so that the average stays about the same.

    Args:
        k: The upper bound, as a multiple of the median of the process.

    Returns:
        The lower bound as a multiple of the median: as many intervals lie below it as lie above
        the upper bound, a share of 2 ** -k.

    Raises:
        ValueError: If `k` is not above 0.
    """
    if k <= 0:
        raise ValueError(f"The upper bound must be above 0, but got {k!r}")
    if k >= 50:
        return 0.0  # the share above is smaller than the rounding error of a float
    return -math.log2(-math.expm1(-k * _LN2))


def clamped_poisson_interval(average_interval: float, clamping_factor: float = 0.3) -> float:
    """Draw an interval of a Poisson process that stays near the average.

    Args:
        average_interval: Seconds between two events on average.
        clamping_factor: How far the interval may exceed the average, as a share of it; the lower
            bound follows so that the average stays.

    Raises:
        ValueError: If `clamping_factor` is not above 0.
    """
    if clamping_factor <= 0:
        raise ValueError(f"clamping_factor must be above 0, but got {clamping_factor!r}")
    upper_multiple = 1 + clamping_factor
    upper_bound = average_interval * upper_multiple
    lower_bound = max(0.0, average_interval * lower_clamp_multiple(upper_multiple))
    return bounded_poisson_interval(lower_bound, upper_bound)


def bounded_poisson_interval(lower_bound: float, upper_bound: float) -> float:
    """Draw an interval of a Poisson process between two bounds, whose middle is the average.

    Args:
        lower_bound: Shortest interval, in seconds.
        upper_bound: Longest interval, in seconds, not below `lower_bound`.
    """
    average = (lower_bound + upper_bound) / 2
    if average == 0:
        return 0.0
    interval = poisson_interval(
        average, exponential_cdf(lower_bound, average), exponential_cdf(upper_bound, average)
    )
    return min(max(interval, lower_bound), upper_bound)
