# SPDX-License-Identifier: MIT
# The twin of seed/polynomial.lua.
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from harness import main  # noqa: E402


def poly(a, b, c):
    return a * a + b * b + c * c + a * b + b * c


def run(n, _):
    total, b, c = 0, 7, 3
    for a in range(1, n + 1):
        total = (total + poly(a, b, c)) % 1000003
        b, c = c, b + 1
        if b > 1000:
            b, c = 7, 3
    return total


main(run, lambda r, n: n != 1000000 or r == 126353)
