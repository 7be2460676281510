"""The one confidence interval of a share that every chart and report shows."""

from scipy.stats import binomtest


def wilson_interval(count: int, people: int) -> tuple[float, float]:
    """The 95 percent interval of a share (Wilson 1927), in percent, as SciPy computes it."""
    found = binomtest(count, people).proportion_ci(confidence_level=0.95, method="wilson")
    return 100 * float(found.low), 100 * float(found.high)
