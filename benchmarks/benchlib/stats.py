# SPDX-License-Identifier: MIT
"""Arithmetic on samples: medians, spread, warm-up, ratios and their means.

Spread is half the interquartile range divided by the median: of a quiet machine 0.01, of a noisy
one 0.10. Everything is robust against single outliers, which on a shared machine are the rule."""

import math

NOISE = 0.10  # differences below this are equal (TARGETS: the machine is noisy)


def quantile(values, q):
    """The q-quantile with linear interpolation; the values need not be sorted."""
    s = sorted(values)
    at = q * (len(s) - 1)
    low = math.floor(at)
    high = min(low + 1, len(s) - 1)
    return s[low] + (s[high] - s[low]) * (at - low)


def median(values):
    return quantile(values, 0.5)


def spread(values):
    """Half the interquartile range relative to the median; 0 for fewer than two values."""
    m = median(values)
    if len(values) < 2 or m == 0:
        return 0.0
    return (quantile(values, 0.75) - quantile(values, 0.25)) / 2 / abs(m)


def summary(values):
    """A list of samples as {median, spread, n}, or None for an empty list."""
    if not values:
        return None
    return {"median": median(values), "spread": spread(values), "n": len(values)}


def geometric_mean(ratios):
    """The geometric mean of positive ratios, or None for none."""
    if not ratios:
        return None
    return math.exp(sum(math.log(r) for r in ratios) / len(ratios))


def steady_tail(times):
    """The iterations that count as steady: the second half, of at least one."""
    return times[len(times) // 2:]


def warmup(times, share=0.9):
    """(iterations, seconds) before the speed first reaches `share` of the steady speed and holds it
    for the median of three iterations. (0, 0.0) if the first iteration is already that fast."""
    if not times:
        return 0, 0.0
    limit = median(steady_tail(times)) / share
    for i, t in enumerate(times):
        if t <= limit and median(times[i:i + 3]) <= limit:
            return i, sum(times[:i])
    return len(times), sum(times)


def ratio(a, b):
    """How many times b is faster than a, as {value, noise, clear}; a and b are summaries. The noise
    is the sum of the relative spreads. The ratio is clear unless the noise passes a quarter, or
    passes NOISE and the distance from 1."""
    if not a or not b or a["median"] <= 0 or b["median"] <= 0:
        return None
    value = a["median"] / b["median"]
    noise = a["spread"] + b["spread"]
    clear = noise <= 0.25 and (noise <= NOISE or abs(math.log(value)) > noise)
    return {"value": value, "noise": noise, "clear": clear}


def aggregate(named):
    """Ratios by program name -> {mean, worst, worst_name, n}, or None. `named` maps names to ratios
    (see ratio); unclear ones take part: leaving them out would choose the answer. Their number is
    given as `unclear`."""
    items = [(r["value"], name) for name, r in named.items() if r]
    if not items:
        return None
    worst, worst_name = min(items)
    unclear = sum(1 for r in named.values() if r and not r["clear"])
    return {"mean": geometric_mean([v for v, _ in items]), "worst": worst, "worst_name": worst_name,
            "n": len(items), "unclear": unclear}
