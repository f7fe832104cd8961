"""Reads the shell of a guide: simple commands, pipes, substitutions, assignments.

It knows less than a shell, and refuses what it does not know: nothing goes unread.
"""

import re
from dataclasses import dataclass, field

SUBSTITUTED = "<substituted>"
ENDS = "\n;|&"
FORBIDDEN = "(`{}"
_ASSIGNMENT = re.compile(r"([A-Za-z_]\w*)=(.*)", re.DOTALL)
_VARIABLE = re.compile(r"\$(?:\{(\w+)\}|(\w+))")


class NotUnderstood(ValueError):
    """Shell that this reader does not know."""


@dataclass(frozen=True)
class Command:
    """One simple command.

    words: without quotes; a $(…) in a word reads SUBSTITUTED, a $VARIABLE stays as it is
    sets:  assignments in front, name to value
    uses:  names of variables
    files: targets of redirections
    """

    words: tuple[str, ...]
    sets: dict[str, str] = field(default_factory=dict)
    uses: tuple[str, ...] = ()
    files: tuple[str, ...] = ()


def read_commands(script: str) -> list[Command]:
    """Return all commands, those in $(…) before the one that uses them. Raises NotUnderstood."""
    return _Reader(script.replace("\\\n", " ")).read()


class _Reader:
    def __init__(self, text: str) -> None:
        self._text, self._at = text, 0
        self._found: list[Command] = []
        self._uses: list[str] = []

    def read(self) -> list[Command]:
        self._read_list("")
        return self._found

    def _peek(self) -> str:
        return self._text[self._at : self._at + 1]

    def _read_list(self, end: str) -> None:
        outer_uses, self._uses = self._uses, []
        words: list[str] = []
        files: list[str] = []
        while (character := self._peek()) and character != end:
            if character in ENDS:
                self._finish(words, files)
                words, files = [], []
                self._at += 1
            elif character in " \t":
                self._at += 1
            elif character == "#":
                self._at = (self._text + "\n").index("\n", self._at)
            elif character in "<>":
                files.append(self._read_target())
            else:
                words.append(self._read_word(end))
        self._finish(words, files)
        self._uses = outer_uses
        if self._peek() != end:
            raise NotUnderstood(f"no {end} follows")

    def _finish(self, words: list[str], files: list[str]) -> None:
        sets: dict[str, str] = {}
        while words and (match := _ASSIGNMENT.fullmatch(words[0])):
            sets[match[1]] = match[2]
            words = words[1:]
        if words or sets or files:
            self._found.append(Command(tuple(words), sets, tuple(self._uses), tuple(files)))
        self._uses = []

    def _read_target(self) -> str:
        match = re.compile(r"(>>|>|<)[ \t]*(?![<>&])").match(self._text, self._at)
        if match is None:
            raise NotUnderstood(f"a redirection: {self._text[self._at : self._at + 20]!r}")
        self._at = match.end()
        return self._read_word("")

    def _read_word(self, end: str) -> str:
        word = ""
        while (character := self._peek()) and character not in f" \t<>{ENDS}{end}":
            if character == "'":
                close = self._text.index("'", self._at + 1)
                word += self._text[self._at + 1 : close]
                self._at = close + 1
            elif character == '"':
                word += self._read_quoted()
            elif character in FORBIDDEN and (character != "{" or not word):
                raise NotUnderstood(f"{character} in {self._text[self._at : self._at + 20]!r}")
            else:
                word += self._read_piece()
        return word

    def _read_quoted(self) -> str:
        self._at += 1
        word = ""
        while self._peek() != '"':
            if not self._peek():
                raise NotUnderstood("a quotation has no end")
            word += self._read_piece()
        self._at += 1
        return word

    def _read_piece(self) -> str:
        """Return a character, or what stands for a substitution or a variable."""
        if self._text.startswith("$(", self._at):
            self._at += 2
            self._read_list(")")
            self._at += 1
            return SUBSTITUTED
        if match := _VARIABLE.match(self._text, self._at):
            self._at = match.end()
            self._uses.append(match[1] or match[2])
            return f"${match[1] or match[2]}"
        if self._peek() == "\\":
            self._at += 1
        self._at += 1
        return self._text[self._at - 1]
