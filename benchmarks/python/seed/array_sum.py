# SPDX-License-Identifier: MIT
# The twin of seed/array_sum.lua.
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from harness import main  # noqa: E402


def run(n, _):
    t = []
    for i in range(1, n + 1):
        t.append(i)
    total = 0
    for v in t:
        total += v
    return total


main(run, lambda r, n: r == n * (n + 1) // 2)
