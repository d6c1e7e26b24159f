# SPDX-License-Identifier: MIT
# The twin of seed/nested_loops.lua.
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from harness import main  # noqa: E402


def run(n, _):
    total = 0
    for _ in range(n):
        for _ in range(n):
            total = total + 1
    return total


main(run, lambda r, n: r == n * n)
