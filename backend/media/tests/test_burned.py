"""Captions in the picture: what is drawn, and that no text can do anything but be drawn."""

import os
import re
from pathlib import Path

import av
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image, ImageOps

from backend.media import compose
from backend.media.burned import (
    Canvas,
    Span,
    broken,
    burned_cue,
    burned_cues,
    caption_columns,
    caption_script,
    card_script,
    escaped,
)
from backend.media.captions import CLOSERS, OPENERS, text_width
from backend.media.compose import _drawings
from backend.media.drawing import draw
from backend.media.fonts import Font, find_font, lay_out_font
from backend.media.sizes import CANVAS_PX
from backend.media.style import Style
from backend.media.tests.material import RATE_HZ, spoken_script, voiced, write_wav
from backend.media.timeline import Timeline, timeline_from_speech
from backend.speech.spoken import SpokenScript, SpokenSentence, SpokenWord

Pixels = NDArray[np.int16]

GOLDEN = Path(__file__).parent / "golden"
GOLDEN_PX = 480
TOLERANCE = 0.8  # mean absolute difference of 255
SENTENCES = {
    "ja": "お母さん、|直美|は|昨日|、|海|の|骨董|市|で|「|懐かしい|」|と|言っ|て|い|まし|た|よ|。",
    "en": "Happy birthday, |dear |Naomi, |I |hope |to |see |you |by |the |sea |again.",
    "zh": "生日|快乐|，|直美|，|希望|今年|夏天|我们|能|在|海边|再次|见面|。",
    "ko": "생일 |축하해, |나오미. |올여름 |바다에서 |다시 |만나기를 |바라.",
}


@pytest.fixture(scope="module")
def font() -> Font:
    found = find_font(None)
    if found is None:
        pytest.skip("neither mplfonts nor a system's Noto Sans CJK is installed")
    return found


@pytest.fixture(scope="module")
def photo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a calm picture, light above and dark below, of which little has to be kept."""
    target = tmp_path_factory.mktemp("photo") / "photo.png"
    shade = ImageOps.flip(Image.linear_gradient("L"))
    ImageOps.colorize(shade, (70, 60, 90), (250, 200, 160)).resize((960, 960)).save(target)
    return target


def sentence_of(marked: str, length_s: float = 0.6) -> SpokenSentence:
    """Return a sentence of words that are divided by bars, each as long as the others."""
    words = marked.split("|")
    step_s = length_s / len(words)
    return SpokenSentence(
        index=0,
        text="".join(words),
        start_s=0.02,
        end_s=0.02 + length_s,
        words=tuple(
            SpokenWord(text=word, start_s=0.02 + n * step_s, end_s=0.02 + (n + 1) * step_s)
            for n, word in enumerate(words)
        ),
    )


def planned(
    folder: Path, marked: str, language: str, aspect: str, photo: Path, style: Style
) -> Timeline:
    speech = write_wav(folder / "speech.wav", voiced(0.7))
    spoken = SpokenScript(
        sample_rate_hz=RATE_HZ, duration_s=0.7, language=language, sentences=(sentence_of(marked),)
    )
    return timeline_from_speech(spoken, [photo], aspect, speech, style=style)


def drawn(timeline: Timeline, folder: Path, font: Font, segment: int = 0) -> list[Pixels]:
    """Draw one segment and return its frames as RGB."""
    work = folder / "work"
    work.mkdir()
    lay_out_font(font, work)
    target = work / "segment.mp4"
    draw(_drawings(timeline, work, font)[segment], target, lambda _: None, lambda: False)
    with av.open(str(target)) as container:
        return [
            np.asarray(frame.to_ndarray(format="rgb24"), np.int16)
            for frame in container.decode(video=0)
        ]


def difference(one: Pixels, other: Pixels) -> float:
    return float(np.abs(one - other).mean())


# --- looks ----------------------------------------------------------------------------------


@pytest.mark.parametrize("aspect", CANVAS_PX)
@pytest.mark.parametrize("language", SENTENCES)
def test_captions_look_as_they_did(
    language: str, aspect: str, font: Font, photo: Path, tmp_path: Path
) -> None:
    """With GOLDEN=1 in the environment, what they look like now is kept instead."""
    style = Style(burned_captions="word")
    timeline = planned(tmp_path, SENTENCES[language], language, aspect, photo, style)
    frame = lower_part(drawn(timeline, tmp_path, font)[16])
    golden = GOLDEN / f"{language}-{aspect.replace(':', 'x')}.png"
    if os.environ.get("GOLDEN"):
        frame.save(golden, optimize=True)
    assert difference(pixels_of(frame), kept_frame(golden)) <= TOLERANCE


def lower_part(pixels: Pixels) -> Image.Image:
    """Return where captions are, small and in few shades, so that it can be kept."""
    frame = Image.fromarray(pixels.astype(np.uint8))
    frame.thumbnail((GOLDEN_PX, GOLDEN_PX), Image.Resampling.BOX)
    return ImageOps.posterize(frame.crop((0, frame.height * 2 // 3, *frame.size)), 4)


def pixels_of(frame: Image.Image) -> Pixels:
    return np.asarray(frame.convert("RGB"), np.int16)


def kept_frame(golden: Path) -> Pixels:
    with Image.open(golden) as opened:
        return pixels_of(opened)


@pytest.mark.parametrize(
    ("language", "how"), [("ja", "none"), ("ja", "sentence"), ("en", "word")], ids=str
)
def test_another_look_would_be_noticed(
    language: str, how: str, font: Font, photo: Path, tmp_path: Path
) -> None:
    style = Style.model_validate({"burned_captions": how})
    timeline = planned(tmp_path, SENTENCES[language], language, "1:1", photo, style)
    frame = pixels_of(lower_part(drawn(timeline, tmp_path, font)[16]))
    assert difference(frame, kept_frame(GOLDEN / "ja-1x1.png")) > 1.5 * TOLERANCE


def test_each_language_has_its_own_shape_of_a_character(
    font: Font, photo: Path, tmp_path: Path
) -> None:
    style = Style(burned_captions="sentence", waveform="none")
    frames = {}
    for language in ("ja", "zh"):
        folder = tmp_path / language
        folder.mkdir()
        timeline = planned(folder, "直|骨", language, "1:1", photo, style)
        frames[language] = drawn(timeline, folder, font)[16]
    assert (np.abs(frames["ja"] - frames["zh"]) > 80).any()


def test_the_word_that_is_spoken_is_highlighted(font: Font, photo: Path, tmp_path: Path) -> None:
    style = Style(burned_captions="word", waveform="none")
    timeline = planned(tmp_path, "left |middle |right", "en", "16:9", photo, style)
    [segment] = timeline.segments
    frames = drawn(timeline, tmp_path, font)
    places = []
    for span in segment.captions[0].lines[0]:
        frame = frames[round((span.start_s + span.end_s) / 2 * timeline.frame_rate)]
        # The accent has much more red than blue; white has both, the picture here neither.
        amber = (frame[500:, :, 0] - frame[500:, :, 2] > 100) & (frame[500:, :, 0] > 200)
        places.append(float(np.nonzero(amber)[1].mean()))
    assert places[0] < places[1] - 40 < places[2] - 80


# --- what is typed is only drawn ------------------------------------------------------------

HOSTILE = (
    r"{\pos(0,0)}{\fs500}{\an7}X",
    r"{\p1}m 0 0 l 1280 0 1280 720 0 720{\p0}",
    r"\{\pos(0,0)\}x\Ny\ny\hz",
    "{{{\\\\pos(0,0)}}}",
    "a\n\nDialogue: 0,0:00:00.00,9:00:00.00,Text,,0,0,0,,{\\pos(0,0)}X",
    "\u202e\u2066abc\u202d",
    "مرحبا بالعالم",
    "🎉👩\u200d👩\u200d👧\ufe0f🏳️\u200d🌈",
    "\ufe35縦\ufe36\ue000\uf8ff\U000f0000",
    "x" * 300,
)


@pytest.fixture(scope="module")
def untouched(font: Font, photo: Path, tmp_path_factory: pytest.TempPathFactory) -> Pixels:
    """The picture without any captions."""
    folder = tmp_path_factory.mktemp("untouched")
    timeline = planned(folder, "x", "en", "16:9", photo, Style(waveform="none"))
    return drawn(timeline, folder, font)[16]


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_no_text_acts(
    text: str, font: Font, photo: Path, untouched: Pixels, tmp_path: Path
) -> None:
    """Above the captions' own place the picture stays what it is without any."""
    style = Style(burned_captions="word", waveform="none")
    timeline = planned(tmp_path, text, "en", "16:9", photo, style)
    lettered = drawn(timeline, tmp_path, font)[16]
    assert difference(lettered[:480], untouched[:480]) < 1.0


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_a_script_holds_no_tags_but_ours(text: str, font: Font) -> None:
    canvas = Canvas(1280, 720, 90, "en", font)
    cue = burned_cue(0, 1, [[Span(text=text, start_s=0, end_s=1)]])
    for script in (
        caption_script(canvas, [cue], "sentence"),
        caption_script(canvas, [cue], "word"),
        card_script(canvas, text, 2.52),
    ):
        events = script.split("[Events]\n")[1].strip().splitlines()[1:]
        assert len(events) == 1
        blocks = re.findall(r"(?<!\\){[^}]*}", events[0])
        assert all(re.fullmatch(r"{\\1c&H\w{8}&}|{\\an5\\fad\(400,400\)}", b) for b in blocks)


@given(st.text(max_size=80))
def test_what_is_escaped_has_no_open_brace_and_no_bare_backslash(text: str) -> None:
    shown = escaped(text)
    assert not re.search(r"(?<!\\)[{}]", shown)
    assert not re.search(r"\\(?![{}\u2060])", shown)
    assert "\n" not in shown


# --- lines ----------------------------------------------------------------------------------


@pytest.mark.parametrize("language", SENTENCES)
@pytest.mark.parametrize("aspect", CANVAS_PX)
def test_lines_fit_and_are_cut_where_one_may_cut(language: str, aspect: str) -> None:
    columns = caption_columns(*CANVAS_PX[aspect])
    marked = SENTENCES[language] + ("|" if language != "en" else "| ") + SENTENCES[language]
    for cue in burned_cues(sentence_of(marked, 9.0), columns):
        assert len(cue.lines) <= 2
        for line in cue.lines:
            text = "".join(span.text for span in line).rstrip()
            assert text_width(text) <= columns
            assert text[0] not in CLOSERS
            assert text[-1] not in OPENERS
            assert text[0] not in "はがをにのでと", "no line begins with a particle"


@settings(max_examples=60, deadline=None)
@given(st.text(min_size=1, max_size=120), st.integers(8, 60))
def test_a_card_loses_no_letter_and_no_line_is_too_wide(text: str, columns: int) -> None:
    lines = broken(text, columns)
    assert "".join("".join(lines).split()) == "".join(text.split())
    assert all(text_width(line) <= columns for line in lines)


def test_a_card_is_broken_evenly() -> None:
    assert broken("また夏に、海辺で会いましょう。", 20) == ["また夏に、海辺で", "会いましょう。"]
    assert broken("生日快乐直美希望今年", 12) == ["生日快乐直", "美希望今年"]
    assert broken("おめでとうございます。", 12) == ["おめでとうご", "ざいます。"]
    assert broken("Happy birthday dear Naomi", 20) == ["Happy birthday", "dear Naomi"]
    assert broken("one\ntwo", 20) == ["one", "two"]


# --- fonts ----------------------------------------------------------------------------------


def test_the_font_that_is_named_is_the_only_one_looked_for(tmp_path: Path, font: Font) -> None:
    assert find_font(font.path) == font
    assert find_font(tmp_path / "none.otf") is None
    (tmp_path / "broken.otf").write_bytes(b"no font")
    assert find_font(tmp_path / "broken.otf") is None


def test_captions_without_a_font_are_not_drawn(photo: Path, tmp_path: Path) -> None:
    style = Style(burned_captions="sentence")
    timeline = planned(tmp_path, "Hello.", "en", "1:1", photo, style)
    with pytest.raises(ValueError, match="font"):
        compose.compose_video(timeline, tmp_path, lambda _: None, lambda: False)


def test_a_credit_is_burned_in_and_never_spoken(font: Font, photo: Path, tmp_path: Path) -> None:
    speech = tmp_path / "speech.wav"
    spoken = spoken_script(speech, (0.8,)).model_copy(update={"credit": "VOICEVOX:試験花子"})
    style = Style(burned_captions="word")
    timeline = timeline_from_speech(spoken, [photo], "1:1", speech, style=style)
    last = timeline.segments[-1].captions[-1]
    assert last.lines[0][0].text == "音声：VOICEVOX:試験花子"
    assert last.end_s == pytest.approx(timeline.duration_s)
    script = caption_script(Canvas(720, 720, 90, "ja", font), [last], "word")
    assert r"\1c" not in script
    assert script.count("Dialogue:") == 1
