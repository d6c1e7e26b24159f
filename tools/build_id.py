#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Writes perigee_build_id.h: the id by which the runtime and the compilers' plugin know that they
are of one build.

They share struct layouts, opcodes and slow paths, so the id is the version and a hash over every
header of the runtime, the profile and the tiers, and over what the caller passes besides (options
that change layouts). A dependency file makes ninja run this again when one of them changes.

    build_id.py OUTPUT DEPFILE SOURCE_ROOT VERSION [OPTION...]
"""
import hashlib
import pathlib
import sys


def main():
    output, depfile, root, version, *options = sys.argv[1:]
    root = pathlib.Path(root)
    headers = sorted(h for d in ("runtime", "profile", "tiers") for h in (root / d).rglob("*.h"))
    digest = hashlib.sha256("\0".join(options).encode())
    for header in headers:
        digest.update(f"\0{header.relative_to(root)}\0".encode() + header.read_bytes())
    pathlib.Path(output).write_text(f'#define PERIGEE_BUILD_ID "{version}-{digest.hexdigest()[:12]}"\n')
    names = " ".join(str(h).replace(" ", "\\ ") for h in headers)
    pathlib.Path(depfile).write_text(f"{pathlib.Path(output).name}: {names}\n")


main()
