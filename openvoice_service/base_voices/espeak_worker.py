"""eSpeak NG in a process of its own: `python espeak_worker.py`, requests in, speech out.

A program beside the service and not a part of it: eSpeak NG is under the GPL, keeps its state
in globals, and a crash of it must not take the service along. Each request is a line of JSON
{"voice", "text", "rate", "pitch", "range"}; each answer a line {"rate_hz", "bytes", "marks"}
followed by that many bytes of 16-bit samples. {"voice", "spell": [text, …]} asks for the sounds
instead: {"bytes": 0, "spelt": [IPA, …]}. Imports nothing of the service.
"""

import ctypes
import json
import os
import sys
from typing import Any, BinaryIO, NoReturn

import espeakng_loader

SYNCHRONOUS = 2
CHARS_UTF8 = 1
POSITION_CHARACTER = 1
RATE, PITCH, RANGE = 1, 3, 4
EVENT_WORD = 1
# IPA, with the letters of one sound tied by the character in bits 8 to 23.
PHONEME_MODE = 0x02 | 0x80 | ord("^") << 8
_BUFFER_MS = 200


class _Event(ctypes.Structure):
    """espeak_EVENT of speak_lib.h."""

    _fields_ = (
        ("type", ctypes.c_int),
        ("unique_identifier", ctypes.c_uint),
        ("text_position", ctypes.c_int),  # characters, the first is 1
        ("length", ctypes.c_int),
        ("audio_position", ctypes.c_int),  # milliseconds
        ("sample", ctypes.c_int),
        ("user_data", ctypes.c_void_p),
        ("id", ctypes.c_char * 8),
    )


_Callback = ctypes.CFUNCTYPE(
    ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.POINTER(_Event)
)


class Speaker:
    """The library, initialised once."""

    def __init__(self) -> None:
        self._library = ctypes.CDLL(str(espeakng_loader.get_library_path()))
        self._library.espeak_Synth.argtypes = [
            ctypes.c_char_p, ctypes.c_size_t, ctypes.c_uint, ctypes.c_int, ctypes.c_uint,
            ctypes.c_uint, ctypes.c_void_p, ctypes.c_void_p,
        ]  # fmt: skip
        self._library.espeak_TextToPhonemes.argtypes = [
            ctypes.POINTER(ctypes.c_char_p), ctypes.c_int, ctypes.c_int,
        ]  # fmt: skip
        self._library.espeak_TextToPhonemes.restype = ctypes.c_char_p
        folder = str(espeakng_loader.get_data_path()).encode()
        self.rate_hz = self._library.espeak_Initialize(SYNCHRONOUS, _BUFFER_MS, folder, 0)
        if self.rate_hz <= 0:
            raise OSError("eSpeak NG could not be initialised")
        self._samples = bytearray()
        self._marks: list[tuple[int, int]] = []
        self._callback = _Callback(self._take)  # kept: the library holds no reference
        self._library.espeak_SetSynthCallback(self._callback)

    def speak(self, request: dict[str, Any]) -> tuple[bytes, list[tuple[int, int]]]:
        """Return 16-bit samples, and (character, millisecond) of each word."""
        self._samples.clear()
        self._marks.clear()
        self._choose(request["voice"])
        for parameter, value in ((RATE, "rate"), (PITCH, "pitch"), (RANGE, "range")):
            self._library.espeak_SetParameter(parameter, request[value], 0)
        text = request["text"].encode() + b"\0"
        self._library.espeak_Synth(
            text, len(text), 0, POSITION_CHARACTER, 0, CHARS_UTF8, None, None
        )
        self._library.espeak_Synchronize()
        return bytes(self._samples), list(self._marks)

    def spell(self, request: dict[str, Any]) -> list[str]:
        """Return the IPA of each text."""
        self._choose(request["voice"])
        return [self._spelt(text) for text in request["spell"]]

    def _spelt(self, text: str) -> str:
        rest = ctypes.c_char_p(text.encode())
        clauses = []
        while rest.value:  # moved on past each clause, and null after the last
            spelt = self._library.espeak_TextToPhonemes(
                ctypes.byref(rest), CHARS_UTF8, PHONEME_MODE
            )
            clauses.append((spelt or b"").decode())
        return " ".join(filter(None, clauses))

    def _choose(self, voice: str) -> None:
        if self._library.espeak_SetVoiceByName(voice.encode()) != 0:
            raise ValueError("there is no such voice")

    def _take(self, wave: Any, count: int, events: Any) -> int:
        if wave and count > 0:
            self._samples += ctypes.string_at(wave, count * 2)
        index = 0
        while events[index].type != 0:
            event = events[index]
            if event.type == EVENT_WORD:
                self._marks.append((event.text_position - 1, event.audio_position))
            index += 1
        return 0


def serve(requests: BinaryIO, answers: BinaryIO) -> None:
    """Answer until the other side closes.

    Each sentence is spoken by a fresh copy of this process: the library carries noise and phase
    from one sentence to the next, and the same request has to give the same samples.
    """
    speaker = Speaker()
    for line in requests:
        child = os.fork()
        if child == 0:
            _answer(speaker, line, answers)
        _, status = os.waitpid(child, 0)
        if status != 0:
            sys.exit("the sentence could not be spoken")


def _answer(speaker: Speaker, line: bytes, answers: BinaryIO) -> NoReturn:
    try:
        request = json.loads(line)
        if "spell" in request:
            samples, head = b"", {"bytes": 0, "spelt": speaker.spell(request)}
        else:
            samples, marks = speaker.speak(request)
            head = {"rate_hz": speaker.rate_hz, "bytes": len(samples), "marks": marks}
        answers.write(json.dumps(head).encode() + b"\n" + samples)
        answers.flush()
    except BaseException:
        os._exit(1)
    os._exit(0)


if __name__ == "__main__":
    serve(sys.stdin.buffer, sys.stdout.buffer)
