"""A stand-in of the VOICEVOX engine: its calls, its shapes and its timing, with tones for voices.

`python -m openvoice_service.base_voices.voicevox.tests.double --port 50021` serves it alone.
"""

import argparse
import asyncio
import io
import json
import math
import struct
import threading
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from typing import Any

import numpy as np
import pyopenjtalk
import soundfile
import uvicorn
from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse, StreamingResponse
from PIL import Image, ImageDraw

from openvoice_service.base_voices.voicevox.tests.contract import Contract

RATE_HZ = 24_000
HANAKO, TARO = "7ffcb7ce-00ec-4bdc-82cd-45a8889e43ff", "388f246b-8c41-4ac1-8e2d-5d79f3ff56d9"
POLICY = (
    "# {0} の利用規約\n\n「VOICEVOX:{0}」と表示すれば使えます。\n\n商用利用には許諾が必要です。"
)
CHARACTERS: dict[str, tuple[str, list[tuple[int, str, str]]]] = {
    HANAKO: ("試験花子", [(2, "ノーマル", "talk"), (4, "うれしい", "talk"), (3_000, "歌", "sing")]),
    TARO: ("見本太郎", [(11, "ノーマル", "talk")]),
}
_COLOURS = {HANAKO: "#e0559a", TARO: "#3b8f5a"}
# Long sounds, so that a wrong reckoning shows; another for each style.
_VOWEL_S, _CONSONANT_S, _PAUSE_S, _UPSPEAK_S = 0.113, 0.047, 0.31, 0.15
_GAP_S = 0.015
_VOWELS = {
    "a": "アカサタナハマヤラワガザダバパァャヮ",
    "i": "イキシチニヒミリギジヂビピィ",
    "u": "ウクスツヌフムユルグズヅブプヴゥュ",
    "e": "エケセテネヘメレゲゼデベペェ",
    "o": "オコソトノホモヨロヲゴゾドボポォョ",
}
_BARE = "アイウエオ"


class VoicevoxDouble:
    """The stand-in; `faults` says by path what goes wrong: see `FAULTS`, and `late`.

    late: answers only when `go_on` is set
    """

    def __init__(self) -> None:
        self.contract = Contract()
        self.faults: dict[str, str] = {}
        self.go_on = threading.Event()
        self.version = "0.25.0"
        self.warm: set[int] = set()
        self.app = FastAPI()
        for method, path, answer in (
            ("GET", "/version", self._version),
            ("GET", "/speakers", self._speakers),
            ("GET", "/speaker_info", self._speaker_info),
            ("POST", "/initialize_speaker", self._initialise),
            ("POST", "/audio_query", self._audio_query),
            ("POST", "/accent_phrases", self._accent_phrases),
            ("POST", "/synthesis", self._synthesis),
        ):
            self.app.add_api_route(path, self._described(answer), methods=[method])
        self.app.add_api_route("/_resources/{name}", self._resource, methods=["GET"])

    def _described(self, answer: Callable[[Request, Any], Response]) -> Callable[[Request], Any]:
        async def call(request: Request) -> Response:
            method, path = request.method, request.url.path
            raw = await request.body()
            body = json.loads(raw) if raw else None
            self.contract.check_request(method, path, request.query_params, body)
            fault = self.faults.get(path)
            if fault == "late":
                await asyncio.to_thread(self.go_on.wait, 30)
            elif fault is not None:
                return FAULTS[fault]()
            given = answer(request, body)
            kind = given.headers.get("content-type", "")
            self.contract.check_answer(method, path, given.status_code, kind, bytes(given.body))
            return given

        return call

    # --- who there is ---------------------------------------------------------------------------

    def _version(self, _request: Request, _body: Any) -> Response:
        return JSONResponse(self.version)

    def _speakers(self, _request: Request, _body: Any) -> Response:
        return JSONResponse(
            [
                {
                    "name": name,
                    "speaker_uuid": character,
                    "styles": [{"name": s, "id": i, "type": kind} for i, s, kind in styles],
                    "version": "1.0.0",
                    "supported_features": {"permitted_synthesis_morphing": "NOTHING"},
                }
                for character, (name, styles) in CHARACTERS.items()
            ]
        )

    def _speaker_info(self, request: Request, _body: Any) -> Response:
        character = request.query_params["speaker_uuid"]
        name, styles = CHARACTERS[character]
        # The address that the caller used, which may lead nowhere from elsewhere.
        base = "http://an.address.that.leads.nowhere:1/_resources"
        infos = [
            {
                "id": style,
                "icon": f"{base}/icon-{character}.png",
                "portrait": None,
                "voice_samples": [f"{base}/sample-{style}-{n}.wav" for n in range(3)],
            }
            for style, _, _ in styles
        ]
        return JSONResponse(
            {
                "policy": POLICY.format(name),
                "portrait": f"{base}/portrait-{character}.png",
                "style_infos": infos,
            }
        )

    async def _resource(self, name: str) -> Response:
        fault = self.faults.get("/_resources")
        if fault is not None:
            return FAULTS[fault]()
        kind, _, rest = name.partition("-")
        if kind == "sample":
            tone = _tone(500.0 + 20 * int(rest.split("-")[0]), 24_000)
            return Response(_wav(tone), media_type="audio/wav")
        size = (256, 256) if kind == "icon" else (300, 500)
        return Response(_picture(rest.removesuffix(".png"), size), media_type="image/png")

    # --- what is said ---------------------------------------------------------------------------

    def _initialise(self, request: Request, _body: Any) -> Response:
        self.warm.add(int(request.query_params["speaker"]))
        return Response(status_code=204)

    def _audio_query(self, request: Request, _body: Any) -> Response:
        style = int(request.query_params["speaker"])
        return JSONResponse(
            {
                "accent_phrases": phrases_of(request.query_params["text"], style),
                "speedScale": 1.0,
                "pitchScale": 0.0,
                "intonationScale": 1.0,
                "volumeScale": 1.0,
                "prePhonemeLength": 0.1,
                "postPhonemeLength": 0.1,
                "pauseLength": None,
                "pauseLengthScale": 1.0,
                "outputSamplingRate": RATE_HZ,
                "outputStereo": False,
                "kana": "",
            }
        )

    def _accent_phrases(self, request: Request, _body: Any) -> Response:
        text, style = request.query_params["text"], int(request.query_params["speaker"])
        if request.query_params.get("is_kana") != "true":
            return JSONResponse(phrases_of(text, style))
        try:
            return JSONResponse(phrases_of_kana(text, style))
        except ValueError as error:
            detail = {"text": str(error), "error_name": "UNKNOWN_TEXT", "error_args": {}}
            return JSONResponse(detail, status_code=400)

    def _synthesis(self, request: Request, query: Any) -> Response:
        rises = request.query_params.get("enable_interrogative_upspeak", "true") == "true"
        return Response(_wav(sound_of(query, upspeak=rises)), media_type="audio/wav")


# --- faults -------------------------------------------------------------------------------------


def _drip() -> Response:
    async def drops() -> AsyncIterator[bytes]:
        while True:
            yield b" "
            await asyncio.sleep(0.02)

    return StreamingResponse(drops(), media_type="application/json")


def _flood() -> Response:
    async def waves() -> AsyncIterator[bytes]:
        while True:
            yield bytes(1024 * 1024)
            await asyncio.sleep(0.001)

    return StreamingResponse(waves(), media_type="audio/wav")


def _lying_header() -> Response:
    """A WAV that claims an hour and holds a fifth of a second."""
    raw = bytearray(_wav(_tone(440.0, RATE_HZ // 5)))
    raw[40:44] = struct.pack("<I", 3_600 * RATE_HZ * 2)
    return Response(bytes(raw), media_type="audio/wav")


FAULTS: dict[str, Callable[[], Response]] = {
    "500": lambda: Response("Internal Server Error", status_code=500),
    "503": lambda: Response(status_code=503),
    "nothing": lambda: Response(b"", media_type="application/json"),
    "a page": lambda: Response("<html>Hello</html>", media_type="text/html"),
    "another shape": lambda: JSONResponse({"accent_phrases": "none"}),
    "a redirect": lambda: Response(status_code=307, headers={"Location": "http://127.0.0.1:1/"}),
    "drip": _drip,
    "flood": _flood,
    "a lying header": _lying_header,
    "an hour": lambda: Response(_wav(np.zeros(400 * 8_000), 8_000), media_type="audio/wav"),
    "nobody": lambda: JSONResponse([]),
}


# --- readings -----------------------------------------------------------------------------------


def phrases_of(text: str, style: int) -> list[dict[str, Any]]:
    """Return the accent phrases of a text."""
    phrases: list[dict[str, Any]] = []
    for word in pyopenjtalk.run_frontend(text, predict_nani=False):
        # The engine names moras by their phonemes; in a line of kana it takes ヲ as well.
        pron = word["pron"].replace("’", "").replace("ヲ", "オ")
        kana = _split(pron) if word["mora_size"] else []
        if kana and phrases and word["chain_flag"] == 1 and phrases[-1]["pause_mora"] is None:
            phrases[-1]["moras"] += [_mora(each, style) for each in kana]
        elif kana:
            phrases.append(_phrase(kana, word["acc"] or len(kana), style))
        elif phrases and word["string"] in ("、", "，"):
            phrases[-1]["pause_mora"] = _pause()
        elif phrases and word["string"] in ("？", "?"):
            phrases[-1]["is_interrogative"] = True
    if phrases:
        phrases[-1]["pause_mora"] = None
    return [_melodious(phrase) for phrase in phrases]


def phrases_of_kana(kana: str, style: int) -> list[dict[str, Any]]:
    """Return the accent phrases of kana with marks. Raises ValueError."""
    phrases = []
    for part in kana.replace("、", "、/").split("/"):
        plain = part.rstrip("、？").replace("_", "")
        before, mark, after = plain.partition("'")
        moras = _split(before + after)
        if not mark or not moras or "".join(moras) != before + after:
            raise ValueError(f"判別できない読み仮名があります: {part}")
        phrase = _phrase(moras, len(_split(before)), style)
        phrase["is_interrogative"] = part.endswith("？")
        phrase["pause_mora"] = _pause() if part.endswith("、") else None
        phrases.append(_melodious(phrase))
    return phrases


def _split(kana: str) -> list[str]:
    moras: list[str] = []
    for letter in kana:
        if moras and letter in "ァィゥェォャュョヮ":
            moras[-1] += letter
        elif letter == "ー" and moras:
            moras.append(_BARE["aiueo".index(_vowel(moras[-1]))])
        elif "ァ" <= letter <= "ヴ":
            moras.append(letter)
    return moras


def _vowel(mora: str) -> str:
    found = (vowel for vowel, row in _VOWELS.items() if mora[-1] in row)
    return next(found, "a")


def _phrase(kana: Sequence[str], accent: int, style: int) -> dict[str, Any]:
    moras = [_mora(each, style) for each in kana]
    return {"moras": moras, "accent": accent, "pause_mora": None, "is_interrogative": False}


def _mora(kana: str, style: int) -> dict[str, Any]:
    is_bare = kana in _BARE or kana in ("ン", "ッ", "ヲ")
    return {
        "text": kana,
        "consonant": None if is_bare else "k",
        "consonant_length": None if is_bare else _CONSONANT_S,
        "vowel": {"ン": "N", "ッ": "cl"}.get(kana, _vowel(kana)),
        "vowel_length": _VOWEL_S + 0.01 * (style % 5),
        "pitch": 0.0 if kana == "ッ" else 5.5,
    }


def _pause() -> dict[str, Any]:
    return {
        "text": "、",
        "consonant": None,
        "consonant_length": None,
        "vowel": "pau",
        "vowel_length": _PAUSE_S,
        "pitch": 0.0,
    }


def _melodious(phrase: dict[str, Any]) -> dict[str, Any]:
    """Raise the moras that the accent makes high: from the second one up to the accent."""
    for index, mora in enumerate(phrase["moras"], start=1):
        is_high = index <= phrase["accent"] and (index > 1 or phrase["accent"] == 1)
        if mora["pitch"] > 0:
            mora["pitch"] = 5.8 if is_high else 5.4
    return phrase


# --- sound --------------------------------------------------------------------------------------


def sound_of(query: Mapping[str, Any], *, upspeak: bool = True) -> np.ndarray:
    """Return a tone for each mora, after a gap that shows where it begins."""
    moras = [mora for phrase in query["accent_phrases"] for mora in _sounding(phrase, upspeak)]
    voiced = [mora["pitch"] * 2 ** query["pitchScale"] for mora in moras if mora["pitch"] > 0]
    middle = float(np.mean(voiced)) if voiced else 0.0
    pieces = [_silence(query["prePhonemeLength"], query)]
    for mora in moras:
        samples = _samples(mora["consonant_length"] or 0.0, query)
        if mora["vowel"] == "pau":
            pause_s = query["pauseLength"] or mora["vowel_length"]
            pieces.append(_silence(pause_s * query.get("pauseLengthScale", 1.0), query))
            continue
        samples += _samples(mora["vowel_length"], query)
        pitch = mora["pitch"] * 2 ** query["pitchScale"]
        sung = (pitch - middle) * query["intonationScale"] + middle if pitch > 0 else math.log(90)
        tone = _tone(math.exp(sung), samples)
        tone[: min(round(_GAP_S * RATE_HZ), samples)] = 0.0
        pieces.append(tone * query["volumeScale"])
    pieces.append(_silence(query["postPhonemeLength"], query))
    return np.concatenate(pieces)


def _sounding(phrase: Mapping[str, Any], upspeak: bool) -> list[dict[str, Any]]:
    moras = list(phrase["moras"])
    if upspeak and phrase.get("is_interrogative") and moras and moras[-1]["pitch"] > 0:
        raised = {"consonant_length": None, "vowel_length": _UPSPEAK_S}
        moras.append({**moras[-1], **raised, "pitch": min(moras[-1]["pitch"] + 0.3, 6.5)})
    return moras + ([phrase["pause_mora"]] if phrase.get("pause_mora") else [])


def _samples(length_s: float, query: Mapping[str, Any]) -> int:
    frames = int(np.round(length_s / query["speedScale"] * 93.75))
    return frames * 256


def _silence(length_s: float, query: Mapping[str, Any]) -> np.ndarray:
    return np.zeros(_samples(length_s, query))


def _tone(frequency_hz: float, samples: int) -> np.ndarray:
    phase = 2 * np.pi * frequency_hz * np.arange(samples) / RATE_HZ
    wave = np.sin(phase) + 0.4 * np.sin(2 * phase) + 0.2 * np.sin(3 * phase)
    return np.asarray(0.2 * wave)


def _wav(samples: np.ndarray, rate_hz: int = RATE_HZ) -> bytes:
    buffer = io.BytesIO()
    soundfile.write(buffer, samples, rate_hz, format="WAV", subtype="PCM_16")
    return buffer.getvalue()


def _picture(character: str, size: tuple[int, int]) -> bytes:
    image = Image.new("RGB", size, _COLOURS[character])
    width, height = size
    draw = ImageDraw.Draw(image)
    draw.ellipse((width * 0.2, height * 0.25, width * 0.8, height * 0.85), fill="#ffe3cc")
    for x in (0.38, 0.62):
        draw.ellipse((width * (x - 0.05), height * 0.45, width * (x + 0.05), height * 0.55), "#333")
    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    return buffer.getvalue()


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    options = parser.parse_args()
    uvicorn.run(VoicevoxDouble().app, port=options.port, log_level="error", access_log=False)
