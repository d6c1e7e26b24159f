# SPDX-License-Identifier: MIT
# The twin of seed/static_site.lua.
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from harness import main  # noqa: E402
import site_pages  # noqa: E402


def run(n, folder):
    size = 0
    for i in range(1, n + 1):
        with open("%s/%d.md" % (folder, i)) as f:
            source = f.read()
        html = site_pages.page("Page %d" % i, source)
        with open("%s/%d.html" % (folder, i), "w") as f:
            f.write(html)
        size += len(html)
    return size


def setup(n):
    folder = os.environ["BENCH_SITE_DIR"]
    if not os.path.exists("%s/%d.md" % (folder, n)):
        for i in range(1, n + 1):
            with open("%s/%d.md" % (folder, i), "w") as f:
                f.write(site_pages.source(i))
    return folder


main(run, lambda r, n: r == 3325580 or n != 10000, setup)
