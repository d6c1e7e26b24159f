# SPDX-License-Identifier: MIT
# The twin of seed/fib.lua.
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from harness import main  # noqa: E402


def fib(n):
    if n < 2:
        return n
    return fib(n - 1) + fib(n - 2)


main(lambda n, _: fib(n), lambda r, n: r == {25: 75025, 30: 832040}.get(n, r))
