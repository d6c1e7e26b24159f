# SPDX-License-Identifier: MIT
# The twin of seed/record_fields.lua.
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from harness import main  # noqa: E402


class Record:
    __slots__ = ("x", "y", "z")

    def __init__(self):
        self.x, self.y, self.z = 1, 0, 3


def run(n, p):
    p.y = 0
    acc = 0
    for i in range(1, n + 1):
        acc = acc + p.x + p.y + p.z
        p.y = i
    return acc


main(run, lambda r, n: r == 4 * n + n * (n - 1) // 2, lambda n: Record())
