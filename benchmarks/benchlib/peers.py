# SPDX-License-Identifier: MIT
"""What runs the programs: Perigee in its tiers, and the peers. One row each; what is missing is
noted and left out."""

import os
import shutil
import subprocess
import tempfile
from dataclasses import dataclass

# name: language, command, how to ask its version
PEERS = {
    "lua5.4": ("lua", ["lua5.4"], ["-v"]),
    "luajit": ("lua", ["luajit"], ["-v"]),
    "luajit-joff": ("lua", ["luajit", "-joff"], ["-v"]),
    "python3": ("python", ["/usr/bin/python3"], ["--version"]),
    "pypy3": ("python", ["pypy3"], ["--version"]),
    "node": ("js", ["node"], ["--version"]),
    "c": ("c", [], []),
}
DEFAULT_PEERS = "lua5.4,luajit,python3,pypy3,node,c"
TIERS = {"interp": ["--tier=interp"], "baseline": ["--tier=baseline"], "opt": []}


@dataclass
class Runner:
    name: str
    language: str
    command: list
    version: str = ""
    subject: bool = False  # Perigee, as against a peer

    def argv(self, program):
        """The command for a program, or None if it has no version in this language."""
        if self.language == "lua":
            return self.command + [program.path]
        twin = program.twins.get(self.language)
        if not twin:
            return None
        if self.language == "c":
            binary = compiled(twin)
            return [binary] if binary else None
        return self.command + [twin]


_c_folder = None
_c_done = {}


def compiled(source):
    """Compiles a C twin once, with -O2, in a folder that lives as long as the run; None if the
    compiler refuses."""
    global _c_folder
    if source not in _c_done:
        _c_folder = _c_folder or tempfile.TemporaryDirectory(prefix="bench-c-")
        program = os.path.join(_c_folder.name, str(len(_c_done)))
        done = subprocess.run(["cc", "-O2", "-std=gnu11", "-fwrapv", "-o", program, source, "-lm"])
        _c_done[source] = program if done.returncode == 0 else None
    return _c_done[source]


def version(command, ask):
    try:
        done = subprocess.run(command[:1] + ask, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, timeout=10, text=True)
        return " ".join(done.stdout.split())[:90]
    except (OSError, subprocess.SubprocessError):
        return ""


def find_peer(name):
    """A Runner for a peer's name, or for name=command; None if it is not installed."""
    if "=" in name:
        name, command = name.split("=", 1)
        row = ("lua", command.split(), ["-v"])
    elif name in PEERS:
        row = PEERS[name]
    else:
        raise ValueError("no peer is called %s; known: %s" % (name, ", ".join(PEERS)))
    language, command, ask = row
    if language == "c":
        return Runner(name, language, [], version(["cc"],
            ["--version"])) if shutil.which("cc") else None
    found = shutil.which(command[0]) or (language == "python"
        and shutil.which(os.path.basename(command[0])))
    if not found:
        return None
    command = [found] + command[1:]
    return Runner(name, language, command, version(command, ask))


def assemble(perigee, tiers, peers):
    """(runners, notes): Perigee's tiers first, then the peers; a note for each that is missing."""
    runners, notes = [], []
    if not (os.path.isfile(perigee) and os.access(perigee, os.X_OK)):
        notes.append("perigee is missing (%s): build it first; peers only" % perigee)
    else:
        for tier in tiers:
            if tier not in TIERS:
                raise ValueError("no tier is called %s; known: %s" % (tier, ", ".join(TIERS)))
            name = "perigee" if tier == "opt" else "perigee:" + tier
            command = [os.path.abspath(perigee)]
            runners.append(Runner(name, "lua", command + TIERS[tier], version(command, ["-v"]),
                True))
    for name in peers:
        runner = find_peer(name)
        if runner:
            runners.append(runner)
        else:
            notes.append("%s is not installed: skipped" % name)
    return runners, notes
