# SPDX-License-Identifier: MIT
# The twin of seed/fib_iter.lua.
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from harness import main  # noqa: E402


def run(n, _):
    a, b = 0, 1
    for _ in range(n):
        a, b = b, (a + b) & 0xFFFFFFFFFFFFFFFF
    return a


main(run, lambda r, n: n != 100000 or r == 2754320626097736315)
