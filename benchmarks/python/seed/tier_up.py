# SPDX-License-Identifier: MIT
# The twin of seed/tier_up.lua.
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from harness import main  # noqa: E402


class Point:
    def __init__(self, x, y):
        self.x = x
        self.y = y

    def advance(self, k):
        self.x = (self.x + k) % 1009
        self.y = (self.y + self.x) % 1013
        return self.x + self.y


def run(n, _):
    p, total, t = Point(1, 2), 0, [0] * 65
    for i in range(1, n + 1):
        total = total + p.advance(i)
        t[i % 64 + 1] = total
    return total + len(t) - 1


main(run, lambda r, n: n != 10000 or r == 10035957)
