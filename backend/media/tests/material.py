"""Files for the tests, made on the spot: a photo with texture, speech-like sound, videos."""

import random
import struct
import subprocess
import wave
import zlib
from array import array
from pathlib import Path

import imageio_ffmpeg
import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from backend.speech.spoken import SpokenScript, SpokenSentence, SpokenWord

RATE_HZ = 24_000


def ffmpeg(*arguments: str) -> None:
    """Run ffmpeg outside any jail: what it makes here is the test's own."""
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-nostdin", "-y", *arguments]
    subprocess.run(command, check=True, timeout=60)


def draw_photo(target: Path, width_px: int = 900, height_px: int = 900, kind: str = "JPEG") -> Path:
    """Draw a picture whose texture shows every shift: soft spots of all sizes."""
    dice = random.Random(7)
    picture = Image.new("RGB", (width_px, height_px), (120, 110, 100))
    pen = ImageDraw.Draw(picture)
    for _ in range(600):
        x, y, r = dice.random() * width_px, dice.random() * height_px, dice.randint(6, 60)
        colour = tuple(dice.randint(20, 235) for _ in range(3))
        pen.ellipse((x - r, y - r, x + r, y + r), fill=colour)
    picture.filter(ImageFilter.GaussianBlur(1.2)).save(target, kind)
    return target


def write_wav(target: Path, samples: list[float], rate_hz: int = RATE_HZ) -> Path:
    """Write mono 16-bit sound from samples in -1..1."""
    with wave.open(str(target), "wb") as out:
        out.setparams((1, 2, rate_hz, 0, "NONE", ""))
        out.writeframes(array("h", [round(s * 32_767) for s in samples]).tobytes())
    return target


def voiced(length_s: float, level: float = 0.3, rate_hz: int = RATE_HZ) -> list[float]:
    """Return something that measures like speech: syllables of a buzz, with a peak now and then."""
    n = np.arange(round(length_s * rate_hz))
    t = n / rate_hz
    harmonics = np.arange(1, 12)[:, None]
    buzz = (np.sin(2 * np.pi * 130 * harmonics * t) / harmonics).sum(axis=0) / 1.8
    syllable = 0.35 + 0.65 * np.abs(np.sin(np.pi * 3.1 * t))
    peak = np.where(n % (rate_hz // 5) < 40, 2.2, 1.0)
    loud: list[float] = np.clip(level * syllable * buzz * peak, -1.0, 1.0).tolist()
    return loud


def spoken_script(
    target: Path, lengths_s: tuple[float, ...], pause_s: float = 0.45, level: float = 0.3
) -> SpokenScript:
    """Write speech with a pause after each sentence to `target`; return what was said when."""
    samples = [0.0] * (RATE_HZ // 50)
    sentences = []
    for index, length_s in enumerate(lengths_s):
        start_s = len(samples) / RATE_HZ
        samples += voiced(length_s, level)
        end_s = len(samples) / RATE_HZ
        text = f"これは{index + 1}番目の文です。"
        half_s = (start_s + end_s) / 2
        words = (
            SpokenWord(text="これは", start_s=start_s, end_s=half_s),
            SpokenWord(text=text[3:], start_s=half_s, end_s=end_s),
        )
        sentences.append(
            SpokenSentence(index=index, text=text, start_s=start_s, end_s=end_s, words=words)
        )
        is_last = index == len(lengths_s) - 1
        samples += [0.0] * round((0.1 if is_last else pause_s) * RATE_HZ)
    write_wav(target, samples)
    return SpokenScript(
        sample_rate_hz=RATE_HZ,
        duration_s=len(samples) / RATE_HZ,
        language="ja",
        sentences=tuple(sentences),
    )


def png_claiming(width_px: int, height_px: int) -> bytes:
    """Return a PNG of a few bytes that claims to be `width_px` x `height_px`."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        check = zlib.crc32(kind + body)
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", check)

    header = struct.pack(">IIBBBBB", width_px, height_px, 8, 2, 0, 0, 0)
    rows = zlib.compress(bytes(10_000_000), 9)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")
    )


# What a browser's recorder writes: no duration, no index, as it can't go back in the file.
LIVE_WEBM = ("-c:v", "libvpx", "-deadline", "realtime", "-cpu-used", "8", "-c:a", "libopus",
             "-f", "webm", "-live", "1")  # fmt: skip
H264 = ("-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p")
LIVE_MP4 = (*H264, "-c:a", "aac", "-f", "mp4",
            "-movflags", "+frag_keyframe+empty_moov+default_base_moof")  # fmt: skip
PHONE_MP4 = (*H264, "-c:a", "aac", "-f", "mp4")


def film(
    target: Path, length_s: float, *options: str, size: str = "320x180", rate: float = 30
) -> Path:
    """Film a test picture with a tone, as `options` say; the picture changes in each frame."""
    picture = f"testsrc2=size={size}:rate={rate}:duration={length_s}"
    sound = f"sine=frequency=330:sample_rate=48000:duration={length_s}"
    ffmpeg("-f", "lavfi", "-i", picture, "-f", "lavfi", "-i", sound, *options, str(target))
    return target


def draw_face(target: Path, size_px: tuple[int, int], middle_px: tuple[int, int], r: float) -> Path:
    """Draw somebody who looks at us; `r` is half the width of the head, in pixels."""
    picture = Image.new("RGB", size_px, (120, 150, 180))
    pen = ImageDraw.Draw(picture)

    def oval(x: float, y: float, half_width: float, half_height: float, colour: str) -> None:
        left, top = middle_px[0] + (x - half_width) * r, middle_px[1] + (y - half_height) * r
        pen.ellipse((left, top, left + 2 * half_width * r, top + 2 * half_height * r), fill=colour)

    oval(0, -0.25, 1.0, 1.15, "#3c2d23")
    oval(0, 0.1, 0.78, 1.0, "#e0b496")
    for side in (-0.36, 0.36):
        oval(side, -0.12, 0.24, 0.15, "#966955")
        oval(side, -0.1, 0.15, 0.07, "#f5f5f5")
        oval(side, -0.1, 0.075, 0.08, "#1e1919")
        oval(side, -0.33, 0.22, 0.04, "#37281e")
    oval(0, 0.12, 0.10, 0.25, "#eec8ac")
    oval(0, 0.32, 0.17, 0.07, "#aa735f")
    oval(0, 0.62, 0.34, 0.10, "#a04646")
    oval(0, 0.95, 0.3, 0.06, "#be9176")
    picture.filter(ImageFilter.GaussianBlur(r / 33)).save(target, "JPEG", quality=92)
    return target
