# SPDX-License-Identifier: MIT
"""The programs: found in the tree, never listed by hand. Sizes stand once, in the Lua file's call
of H.main; the twins in other languages receive them as arguments."""

import fnmatch
import os
import re
from dataclasses import dataclass, field

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
SUITES = ("seed", "micro", "idioms", "programs")
EXTENSIONS = {"python": ".py", "js": ".js", "c": ".c"}


@dataclass
class Program:
    name: str
    suite: str
    path: str
    twins: dict = field(default_factory=dict)  # language -> path
    spec: dict = field(default_factory=dict)   # size, quick, reps as the Lua file states them
    idea: str = ""

    @property
    def full(self):
        return self.suite + "/" + self.name

    def arguments(self, language, quick):
        """Size arguments: Lua programs know their own; twins are told."""
        if language == "lua":
            return ["--quick"] if quick else []
        size, reps = self.spec.get("size", 1), self.spec.get("reps", 1)
        if quick:
            reps = -(-reps // (2 if "quick" in self.spec else 5))
            size = self.spec.get("quick", size)
        return [str(size), "--reps=%d" % reps]


def parse_spec(text):
    """The numbers of H.main { size = .., quick = .., reps = .. }, and the file's first comment
    line."""
    at = text.rfind("H.main {")
    spec = {}
    if at >= 0:
        for key in ("size", "quick", "reps"):
            m = re.search(r"\b%s = (\d+)\b" % key, text[at:])
            if m:
                spec[key] = int(m.group(1))
        if "prepare = true" in text[at:]:
            spec["prepare"] = True
    return spec


def idea(text):
    """The comment a program opens with, as one line."""
    lines = []
    for line in text.splitlines():
        if not line.startswith("--"):
            break
        lines.append(line.lstrip("- ").strip())
    return " ".join(lines)


def load(suite, name):
    path = os.path.join(ROOT, suite, name + ".lua")
    with open(path) as f:
        text = f.read()
    program = Program(name, suite, path, spec=parse_spec(text), idea=idea(text))
    for language, extension in EXTENSIONS.items():
        twin = os.path.join(ROOT, language, suite, name + extension)
        if os.path.exists(twin):
            program.twins[language] = twin
    return program


def discover():
    programs = []
    for suite in SUITES:
        folder = os.path.join(ROOT, suite)
        for file in sorted(os.listdir(folder)) if os.path.isdir(folder) else []:
            if file.endswith(".lua"):
                programs.append(load(suite, file[:-4]))
    return programs


def select(programs, names):
    """The programs that match any of the names: a suite, a program, suite/program, or a pattern
    with * and ?. Raises ValueError with the first name that matches nothing."""
    if not names:
        return programs
    chosen = []
    for name in names:
        name = name.rstrip("/")
        hits = [p for p in programs if name == p.suite or fnmatch.fnmatch(p.name, name)
            or fnmatch.fnmatch(p.full, name)]
        if not hits:
            raise ValueError("no benchmark is called " + name)
        chosen += [p for p in hits if p not in chosen]
    return chosen
