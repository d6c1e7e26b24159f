# SPDX-License-Identifier: MIT
# The twin of seed/string_concat.lua.
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from harness import main  # noqa: E402


def run(n, _):
    r = ""
    for _ in range(n):
        r = r + "x"
    return len(r)


main(run, lambda r, n: r == n)
