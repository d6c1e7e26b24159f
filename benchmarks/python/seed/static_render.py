# SPDX-License-Identifier: MIT
# The twin of seed/static_render.lua.
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from harness import main  # noqa: E402
import site_pages  # noqa: E402


def run(n, sources):
    return sum(len(site_pages.page("Page %d" % i, sources[i - 1])) for i in range(1, n + 1))


main(run, lambda r, n: r == 3325580 or n != 10000, lambda n: [site_pages.source(i) for i in range(1,
    n + 1)])
