"""How long an HTS voice holds each label, read from the voice's own file.

A voice of hts_engine (file format 1.0) keeps a decision tree for durations: each of its questions
is a list of patterns for a full-context label, and each leaf has, for each state of the phoneme's
model, a mean and a variance in frames. What the engine does with a mean follows
`HTS_set_default_duration` in HTS_sstream.c: rounded, and one frame at the least.
"""

import fnmatch
import re
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Self

_QUESTION = re.compile(r"^QS\s+(\S+)\s*\{(.*)\}\s*$", re.MULTILINE)
_NODE = re.compile(r'^\s*(-?\d+)\s+(\S+)\s+"?([^\s"]+)"?\s+"?([^\s"]+)"?\s*$', re.MULTILINE)
_LEAF = re.compile(r"_(\d+)$")
_DATA = b"[DATA]\n"


@dataclass(frozen=True)
class Durations:
    """The durations of a voice.

    nodes:  by their names: the pattern that a label matches, and where to go if not, and if so
    leaves: the frames that a label of this leaf is held; leaves are counted from 1
    """

    nodes: dict[str, tuple[re.Pattern[str], str, str]]
    leaves: tuple[int, ...]

    @classmethod
    def read(cls, voice: Path) -> Self:
        """Return what the file of a voice says. Raises ValueError where it is of another kind."""
        content = voice.read_bytes()
        header, _, data = content.partition(_DATA)
        states = _figure(header, b"NUM_STATES")
        tree = _part(header, data, b"DURATION_TREE").decode("latin-1")
        return cls(_nodes(tree), _leaves(_part(header, data, b"DURATION_PDF"), states))

    def frames(self, label: str) -> int:
        """Return how many frames a full-context label is held."""
        name = "0"
        while name in self.nodes:
            pattern, if_not, if_so = self.nodes[name]
            name = if_so if pattern.match(label) else if_not
        leaf = _LEAF.search(name)
        if leaf is None:
            raise ValueError(f"there is no node {name}")
        return self.leaves[int(leaf[1]) - 1]


def _figure(header: bytes, key: bytes) -> int:
    found = re.search(rb"^" + key + rb":(\d+)", header, re.MULTILINE)
    if found is None:
        raise ValueError(f"the voice has no {key.decode()}")
    return int(found[1])


def _part(header: bytes, data: bytes, key: bytes) -> bytes:
    found = re.search(rb"^" + key + rb":(\d+)-(\d+)", header, re.MULTILINE)
    if found is None:
        raise ValueError(f"the voice has no {key.decode()}")
    return data[int(found[1]) : int(found[2]) + 1]


def _nodes(tree: str) -> dict[str, tuple[re.Pattern[str], str, str]]:
    patterns = {
        name: re.compile("|".join(map(fnmatch.translate, re.findall(r'"([^"]*)"', patterns))))
        for name, patterns in _QUESTION.findall(tree)
    }
    return {
        node: (patterns[question], if_not, if_so)
        for node, question, if_not, if_so in _NODE.findall(tree)
    }


def _leaves(pdf: bytes, states: int) -> tuple[int, ...]:
    try:
        (count,) = struct.unpack_from("<I", pdf)
        places = range(4, 4 + 8 * states * count, 8 * states)
        leaves = [struct.unpack_from(f"<{states}f", pdf, place) for place in places]
    except struct.error as error:
        raise ValueError("the voice ends too soon") from error
    return tuple(sum(max(int(mean + 0.5), 1) for mean in means) for means in leaves)
