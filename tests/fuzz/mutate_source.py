#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Compare the messages of two implementations on damaged source.

    tests/fuzz/mutate_source.py --perigee BIN [--reference BIN] [--seed S] [--rounds N] [FILE ...]

Each round damages pieces of the given scripts (all tests by default): tokens deleted, doubled, swapped, replaced by a token from elsewhere,
characters changed, the end cut off. One process of each implementation then compiles, without running, all of the
round's pieces and prints what load() says. Differences are printed with the seed and the damaged text.
"""

import argparse
import os
import pathlib
import random
import re
import subprocess
import sys
import tempfile

TESTS = pathlib.Path(__file__).resolve().parent.parent
TOKEN = re.compile(rb"\s+|--\[\[.*?\]\]|--[^\n]*|[A-Za-z_]\w*|\d[\w.]*|\"(?:\\.|[^\"\\\n])*\"|'(?:\\.|[^'\\\n])*'|\.\.\.?|[=~<>/]=|::|<<|>>|//|.", re.S)
STRANGE = [b"goto", b"::a::", b"<const>", b"<close>", b"local", b"function", b"end", b"break", b"return", b"...", b"0x", b"1e", b"3..2", b"'\\xZ'",
           b"'\\u{110000000}'", b"'\\300'", b"[[", b"]]", b"[==", b"\"", b"'", b"\\", b"~", b"=", b"(", b")", b"{", b"}", b"$", b"\x80", b"\0", b"until",
           b"0x1p", b"99999999999999999999", b"'\\z", b"--[[", b"#", b":", b";", b"nil", b"and", b"not", b"-", b",", b"<", b"x = x", b"'\\u{}'"]
PER_ROUND = 300
PIECE_LINES = 30

RUNNER = rb"""
local files = ...
for n = 1, tonumber(files) do
    local f = assert(io.open(n .. ".txt", "rb"))
    local text = f:read("a")
    f:close()
    local ok, message = load(text, "=s")
    print(n, ok and "ok" or message)
end
"""


def damage(r, text, pool):
    tokens = TOKEN.findall(text)
    if not tokens:
        return text
    for _ in range(r.choice([1, 1, 1, 2, 4])):
        at = r.randrange(len(tokens))
        kind = r.randrange(8)
        if kind < 3:
            tokens[at] = b""
        elif kind == 3:
            tokens[at] += b" " + tokens[at]
        elif kind == 4:
            other = r.randrange(len(tokens))
            tokens[at], tokens[other] = tokens[other], tokens[at]
        elif kind == 5:
            tokens[at] = r.choice(pool)
        elif kind == 6:
            tokens[at] = b" " + r.choice(STRANGE) + b" "
        else:
            del tokens[at + 1:]
            tokens.append(b"")
    return b"".join(tokens)


def piece(r, text):
    lines = text.split(b"\n")
    start = r.randrange(len(lines))
    return b"\n".join(lines[start:start + r.randint(1, PIECE_LINES)]) if r.random() < 0.8 else text


def answers(binary, folder, count):
    done = subprocess.run([binary, "runner.lua", str(count)], cwd=folder, capture_output=True, timeout=120)
    if done.returncode != 0:
        return None, done.stderr.decode(errors="replace")[-2000:]
    parts = re.split(rb"^(\d+)\t", done.stdout, flags=re.M)
    return dict(zip(map(int, parts[1::2]), parts[2::2])), ""


def compare(args, folder, texts, seed):
    expected, _ = answers(args.reference, folder, len(texts))
    actual, failure = answers(args.perigee, folder, len(texts))
    if actual is None:
        print(f"seed {seed}: failed: {failure}")
        return 1
    wrong = [n for n in expected if expected[n] != actual.get(n)]
    for n in wrong[:5]:
        print(f"seed {seed} text {n}\n  expected {expected[n]!r}\n  actual   {actual.get(n)!r}\n  text {texts[n - 1][-1500:]!r}", flush=True)
    return len(wrong)


def parse_arguments():
    parser = argparse.ArgumentParser(description="Compare messages on damaged source.")
    parser.add_argument("--perigee", default="build/perigee")
    parser.add_argument("--reference", default="lua5.4")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=10)
    parser.add_argument("files", nargs="*", type=pathlib.Path)
    args = parser.parse_args()
    for name in ("perigee", "reference"):
        if os.sep in getattr(args, name):
            setattr(args, name, os.path.abspath(getattr(args, name)))
    args.files = args.files or sorted(TESTS.glob("*/*.lua"))
    return args


def main():
    args = parse_arguments()
    sources = [path.read_bytes() for path in args.files]
    pool = [t for text in sources[::5] for t in TOKEN.findall(text) if t.strip()]
    wrong = 0
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        (folder / "runner.lua").write_bytes(RUNNER)
        for seed in range(args.seed, args.seed + args.rounds):
            r = random.Random(seed)
            texts = [damage(r, piece(r, r.choice(sources)), pool) for _ in range(PER_ROUND)]
            for n, text in enumerate(texts, 1):
                (folder / f"{n}.txt").write_bytes(text)
            wrong += compare(args, folder, texts, seed)
    print(f"{args.rounds * PER_ROUND} texts from seed {args.seed}, {wrong} differ")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
