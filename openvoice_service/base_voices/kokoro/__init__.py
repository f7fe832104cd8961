"""Kokoro-82M: the neural base voice, where its files and ONNX Runtime are present."""

import importlib.util
from pathlib import Path

from openvoice_service.base_voices.espeak_ng import EspeakProcess
from openvoice_service.base_voices.kokoro.alphabetic import read_alphabetic
from openvoice_service.base_voices.kokoro.japanese import read_japanese
from openvoice_service.base_voices.kokoro.network import Network
from openvoice_service.base_voices.kokoro.reading import Clause
from openvoice_service.base_voices.kokoro.voice import KokoroVoice
from openvoice_service.models.download import is_published
from openvoice_service.models.manifest import KOKORO, Model
from openvoice_service.readings import Reading

__all__ = ["KokoroVoice", "kokoro_voices", "why_not_here"]

# By the first letter of a voice's name: its language, the accent that it reads and what people
# call that. Chinese and Korean are left out: eSpeak NG's sounds are not what those voices know.
_LANGUAGES = {
    "a": ("en", "en-us", "US English"),
    "b": ("en", "en-gb", "British English"),
    "e": ("es", "es", "Español"),
    "f": ("fr", "fr", "Français"),
    "j": ("ja", "ja", "日本語"),
}


def why_not_here(models_dir: Path, published: Model = KOKORO) -> str | None:
    """Return why the neural base voice can't be used, as a sentence, or None if it can.

    Reads every file: a second or less for the third of a gigabyte that is published.
    """
    if any(importlib.util.find_spec(name) is None for name in ("onnxruntime", "onnx")):
        return "The neural base voice needs ONNX Runtime: `make models` brings it."
    folder = models_dir / published.folder
    for file in published.files:
        if not (folder / file.target).is_file():
            return f"The neural base voice is not in {folder}: `make models` fetches it."
    for file in published.files:
        if not is_published(folder / file.target, file):
            return f"{file.target} of the neural base voice is not as published: run `make models`."
    return None


def kokoro_voices(
    models_dir: Path, espeak: EspeakProcess, published: Model = KOKORO
) -> list[KokoroVoice]:
    """Return the published voices, the default of each language before its others."""
    network = Network(models_dir / published.folder)
    names = [Path(file.target).stem for file in published.files if file.target.endswith(".bin")]
    return [_voice(network, name, espeak) for name in names]


def _voice(network: Network, name: str, espeak: EspeakProcess) -> KokoroVoice:
    language, accent, title = _LANGUAGES[name[0]]
    title = f"{name.split('_')[1].title()}, {title}"
    if language == "ja":
        return KokoroVoice(network, name, title, language, read_japanese)

    def read_here(text: str, _reading: Reading | None) -> list[Clause]:
        return read_alphabetic(text, accent, espeak.spell)

    return KokoroVoice(network, name, title, language, read_here)
