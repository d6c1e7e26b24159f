#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What docs/embedding.md quotes of a file is what the file says: quotations.py SOURCE

A quotation is a fenced block right behind a paragraph that ends in "from `examples/embed/NAME`:"; its lines stand in the file in this order
without others between them, indented alike. Exit status 1 and a line for each that does not; also if there is none.
"""

import pathlib
import re
import sys

QUOTATION = re.compile(r"from `(examples/embed/[\w.]+)`:\n\n```\w*\n(.*?)```", re.S)


def main():
    root = pathlib.Path(sys.argv[1])
    found = QUOTATION.findall((root / "docs/embedding.md").read_text())
    wrong = [name for name, text in found if text not in (root / name).read_text()]
    for name in wrong:
        print(f"not as in {name}")
    if not found:
        print("no quotations found")
    return 1 if wrong or not found else 0


if __name__ == "__main__":
    sys.exit(main())
