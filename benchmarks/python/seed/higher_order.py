# SPDX-License-Identifier: MIT
# The twin of seed/higher_order.lua.
import os
import sys
from functools import reduce

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from harness import main  # noqa: E402


def run(n, t):
    factor = 3
    tripled = list(map(lambda x: x * factor, t))
    even = list(filter(lambda x: x % 2 == 0, tripled))
    return reduce(lambda a, b: a + b, even, 0)


main(run, lambda r, n: r == 3 * (n // 2) * (n // 2 + 1), lambda n: list(range(1, n + 1)))
