# SPDX-License-Identifier: MIT
#
# The interactive mode on a terminal: terminal.py PERIGEE_BINARY
#
# Each step types some keys and waits until the screen shows a text that only the right reaction
# produces. Silent when all is well; else prints the step and what the screen showed, status 1.

import ctypes
import os
import pty
import select
import sys
import tempfile
import time

PATIENCE = 10.0
CTRL_C, CTRL_D, CTRL_U, TAB, UP = "\x03", "\x04", "\x15", "\t", "\x1b[A"


class Session:
    """A program on a pseudo-terminal."""

    def __init__(self, command, environment):
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.environ.update(environment)
            os.execv(command[0], command)
        self.screen = ""

    def read_some(self, seconds):
        """True if anything came; the terminal's end counts as nothing."""
        ready, _, _ = select.select([self.fd], [], [], seconds)
        if not ready:
            return False
        try:
            data = os.read(self.fd, 4096)
        except OSError:
            return False
        self.screen += data.decode("utf-8", "replace")
        return data != b""

    def expect(self, text):
        """Waits for text on the screen, then forgets the screen up to it."""
        end = time.time() + PATIENCE
        while text not in self.screen:
            if time.time() > end:
                raise AssertionError(f"expected {text!r}, screen {self.screen!r}")
            self.read_some(0.1)
        before, _, self.screen = self.screen.partition(text)
        return before

    def type(self, keys):
        # libedit shows its prompt a moment before it takes the terminal over
        time.sleep(0.05)
        os.write(self.fd, keys.encode())

    def leave(self):
        """Types Ctrl-D, again if the terminal itself has swallowed it; returns the status."""
        end = time.time() + PATIENCE
        while time.time() < end:
            try:
                self.type(CTRL_D)
            except OSError:  # it has closed the terminal
                pass
            self.read_some(0.2)
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                return os.waitstatus_to_exitcode(status)
        os.kill(self.pid, 9)
        os.waitpid(self.pid, 0)
        raise AssertionError(f"did not leave, screen {self.screen!r}")


def test_input(s):
    s.expect("Perigee")
    s.expect("> ")
    s.type("print(6 * 7)\n")
    s.expect("\n42\r\n")
    s.expect("> ")
    s.type("for i = 1, 2 do\n")
    s.expect(">> ")
    s.type("print('line' .. i) end\n")
    s.expect("line2\r\n")
    s.expect("> ")


def test_interrupts(s):
    s.type("print('run' .. 'ning') while true do end\n")
    s.expect("running\r\n")
    s.type(CTRL_C)
    s.expect("interrupted!")
    s.expect("> ")
    s.type("nonsense nonsense")
    s.expect("nonsense nonsense")
    s.type(CTRL_C)
    s.expect("> ")
    s.type("'still' .. 'here'\n")
    s.expect("stillhere")
    s.expect("> ")
    s.type("do\n")
    s.expect(">> ")
    s.type(CTRL_C)
    s.expect("> ")
    s.type("'void' .. 'ed'\n")
    s.expect("voided")
    s.expect("> ")


def test_completion(s):
    s.type("string.form" + TAB + "('%d!', 5)\n")
    s.expect("\n5!")
    s.expect("> ")
    s.type("f = io.stdout\n")
    s.expect("> ")
    s.type("f:fl" + TAB + "() print(io.ty" + TAB + "(f) .. '!')\n")
    s.expect("\nfile!")
    s.expect("> ")
    s.type("t = setmetatable({}, {__index = function() print('tra' .. 'p') end})\n")
    s.expect("> ")
    s.type("t.a.b" + TAB + CTRL_U + "'quiet' .. 'ly'\n")
    if "\ntrap" in s.expect("quietly"):
        raise AssertionError("completion ran a metamethod")
    s.expect("> ")
    s.type("c = setmetatable({}, {__index = {method_a = print, field_a = 1}})\n")
    s.expect("> ")
    s.type("c:me" + TAB + "('called')\n")
    s.expect("called\r\n")
    s.expect("> ")
    s.type("retur" + TAB + " 'key' .. 'word'\n")
    s.expect("keyword")
    s.expect("> ")


def test_history(s, path):
    s.type("'remem' .. 'bered'\n")
    s.expect("remembered")
    s.expect("> ")
    s.type(UP + "\n")
    s.expect("remembered")
    s.expect("> ")
    if s.leave() != 0:
        raise AssertionError("status after Ctrl-D")
    with open(path, encoding="utf-8") as file:
        if "remem" not in file.read():
            raise AssertionError("history file lacks the line")


def has_libedit():
    try:
        ctypes.CDLL("libedit.so.2")
        return True
    except OSError:
        return False


def main():
    with tempfile.TemporaryDirectory() as directory:
        history = os.path.join(directory, "history")
        session = Session([sys.argv[1]], {"PERIGEE_HISTORY": history, "TERM": "xterm"})
        test_input(session)
        test_interrupts(session)
        if has_libedit():
            test_completion(session)
            test_history(session, history)
        else:
            session.leave()


if __name__ == "__main__":
    try:
        main()
    except AssertionError as failure:
        print(failure)
        sys.exit(1)
