# SPDX-License-Identifier: MIT
# The twin of seed/objects.lua.
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from harness import main  # noqa: E402


def run(n, _):
    kept = []
    for i in range(1, n + 1):
        kept.append({"id": i, "value": i * 2, "name": "object"})
    last = kept[-1]
    return last["id"] + last["value"] + len(kept)


main(run, lambda r, n: r == 4 * n)
