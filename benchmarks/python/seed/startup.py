# SPDX-License-Identifier: MIT
# The twin of seed/startup.lua.
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from harness import main  # noqa: E402


main(lambda n, _: n, lambda r, n: r == 1)
