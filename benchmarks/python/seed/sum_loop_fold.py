# SPDX-License-Identifier: MIT
# The twin of seed/sum_loop_fold.lua.
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from harness import main  # noqa: E402


def run(n, _):
    acc = 0
    for i in range(1, n + 1):
        acc = acc + i
    return acc


main(run, lambda r, n: r == n * (n + 1) // 2)
