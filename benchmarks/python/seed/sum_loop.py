# SPDX-License-Identifier: MIT
# The twin of seed/sum_loop.lua.
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from harness import main  # noqa: E402


def run(n, _):
    acc = 1
    for i in range(1, n + 1):
        acc = (acc * 3 ^ i) & 0xFFFFFFFFFFFFFFFF
    return acc


main(run, lambda r, n: n != 100000 or r == -4130613733480825791 % 2**64)
