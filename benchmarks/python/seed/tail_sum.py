# SPDX-License-Identifier: MIT
# The twin of seed/tail_sum.lua.
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from harness import main  # noqa: E402


# Python has no tail calls: the recursion is cut in pieces that fit its stack, the usual way round.
def sum_to(n, acc, stop):
    if n == stop:
        return acc
    return sum_to(n - 1, acc + n, stop)


def run(n, _):
    acc = 0
    while n > 0:
        stop = max(0, n - 800)
        acc = sum_to(n, acc, stop)
        n = stop
    return acc


main(run, lambda r, n: r == n * (n + 1) // 2)
