# SPDX-License-Identifier: MIT
# The twin of seed/hash_map.lua.
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from harness import main  # noqa: E402


def run(n, _):
    m = {}
    for i in range(n):
        m[i] = i * 2
    total = 0
    for i in range(n):
        total += m[i]
    return total


main(run, lambda r, n: r == n * (n - 1))
