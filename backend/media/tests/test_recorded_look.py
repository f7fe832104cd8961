"""Cards and burned captions of recorded videos, measured as a viewer gets them."""

from pathlib import Path

import av
import numpy as np
import pytest

from backend.media.captions import Cue
from backend.media.fonts import find_font
from backend.media.recording import RecordedVideo
from backend.media.recording_plan import RecordingPlan, Voiceover
from backend.media.style import FILMED_CARD_S, Palette, Style
from backend.media.subtitles import parse_subtitles
from backend.media.tests.material import H264, LIVE_WEBM, ffmpeg, film, spoken_script
from backend.media.tests.test_recording import composed, heard, planned

FLASH_S, FLASH_ENDS_S, FILMED_S = 1.0, 2.0, 3.0
CARDS = {"title_card": "For Mia", "closing_card": "みあちゃんへ"}
BLUE = "#2050ff"


def seen(video: Path) -> list[np.ndarray]:
    with av.open(str(video)) as container:
        return [
            np.asarray(frame.to_ndarray(format="rgb24"), np.uint8)
            for frame in container.decode(video=0)
        ]


def flashing(folder: Path, size: str, rate: int) -> Path:
    """A corner that is white and a beep, both from FLASH_S to FLASH_ENDS_S, on dark grey."""
    on = f"between(t,{FLASH_S},{FLASH_ENDS_S - 0.001})"
    picture = f"color=0x303030:size={size}:rate={rate}:duration={FILMED_S}"
    target = folder / "given.mkv"
    ffmpeg(
        "-f", "lavfi", "-i", f"{picture},drawbox=w=40:h=40:color=white:t=fill:enable='{on}'",
        "-f", "lavfi", "-i", f"sine=frequency=880:duration={FILMED_S},volume='{on}':eval=frame",
        *H264, "-c:a", "pcm_s16le", str(target),
    )  # fmt: skip
    return target


def looking(plan: RecordingPlan, folder: Path, **style: str) -> RecordedVideo:
    changed = RecordingPlan(
        **{name: getattr(plan, name) for name in plan.__dataclass_fields__}
        | {"style": Style.model_validate(style), "font": find_font(None)}
    )
    return composed(changed, folder)


@pytest.mark.parametrize(("size", "rate"), [("320x180", 30), ("180x320", 15)])
def test_picture_sound_and_captions_come_after_the_card(
    size: str, rate: int, tmp_path: Path
) -> None:
    given = (Cue(start_s=FLASH_S, end_s=FLASH_ENDS_S, text="Hello there"),)
    plan = planned(flashing(tmp_path, size, rate), captions=given)
    made = looking(plan, tmp_path / "out", burned_captions="word", **CARDS)
    whole_s = FILMED_S + 2 * FILMED_CARD_S
    assert made.duration_s == pytest.approx(whole_s, abs=0.05)
    frames, late = seen(made.video), round(FILMED_CARD_S * rate)
    assert len(frames) == pytest.approx(whole_s * rate, abs=1)
    filmed = frames[late : late + round(FILMED_S * rate)]
    lit = [number / rate for number, frame in enumerate(filmed) if frame[:30, :30].mean() > 200]
    assert lit[0] == pytest.approx(FLASH_S, abs=1.5 / rate)
    assert lit[-1] == pytest.approx(FLASH_ENDS_S, abs=2.5 / rate)
    samples, rate_hz = heard(made.video)
    heard_s = int(np.argmax(np.abs(samples) > 0.05)) / rate_hz
    [cue] = parse_subtitles(made.captions.read_bytes())
    assert cue.start_s == pytest.approx(FILMED_CARD_S + FLASH_S, abs=0.001)
    assert heard_s == pytest.approx(cue.start_s, abs=0.05)
    lettered = [number / rate for number, frame in enumerate(filmed) if _has_letters(frame)]
    assert lettered[0] == pytest.approx(FLASH_S, abs=0.05 + 1 / rate)
    assert lettered[-1] == pytest.approx(FLASH_ENDS_S, abs=0.05 + 1 / rate)
    for middle_s in (FILMED_CARD_S / 2, whole_s - FILMED_CARD_S / 2):
        assert _middle(frames[round(middle_s * rate)]).max() > 230, "a card has letters"
    assert max(_middle(frame).max() for frame in filmed) < 100


def _has_letters(frame: np.ndarray) -> bool:
    return bool(frame[frame.shape[0] * 3 // 4 :].max() > 200)


def _middle(frame: np.ndarray) -> np.ndarray:
    height = frame.shape[0]
    return frame[height * 2 // 5 : height * 3 // 5]


@pytest.mark.parametrize("how", ["sentence", "word"])
def test_only_what_a_voice_says_lights_up_word_by_word(how: str, tmp_path: Path) -> None:
    speech = tmp_path / "speech.wav"
    spoken = spoken_script(speech, (2.0,))
    source = film(tmp_path / "given", 3.0, "-an", *LIVE_WEBM, "-vf", "drawbox=color=black:t=fill")
    palette = Palette(accent=BLUE)
    plan = planned(source, voiceover=Voiceover(speech, spoken), palette=palette, language="ja")
    frames = seen(looking(plan, tmp_path / "out", burned_captions=how).video)
    start_s, end_s = (plan.lead_s + at for at in (0.02, 2.02))

    def blue_at(time_s: float) -> float:
        """Return how far to the right what is blue lies, 0 where nothing is."""
        frame = frames[round(time_s * plan.made_rate)].astype(int)
        places = np.nonzero(frame[:, :, 2] - frame[:, :, 0] > 100)[1]
        return float(places.mean()) if len(places) else 0.0

    first, second = blue_at(start_s + 0.5), blue_at(end_s - 0.5)
    assert (0 < first < second) if how == "word" else (first == second == 0)
    assert blue_at(end_s + 0.3) == 0


def test_captions_of_its_script_stand_where_they_are_heard(tmp_path: Path) -> None:
    plan = planned(flashing(tmp_path, "320x180", 30), script="Hello there.")
    made = looking(plan, tmp_path / "out", burned_captions="sentence", title_card="For Mia")
    assert made.aligned is not None
    for written in (made.captions, made.aligned):
        [cue] = parse_subtitles(written.read_bytes())
        assert cue.start_s == pytest.approx(FILMED_CARD_S + FLASH_S, abs=0.05)
    lettered = [number / 30 for number, frame in enumerate(seen(made.video)) if _has_letters(frame)]
    assert lettered[0] == pytest.approx(FILMED_CARD_S + FLASH_S, abs=0.05 + 1 / 30)


def test_music_is_heard_under_both_cards_and_ends_after_the_last(tmp_path: Path) -> None:
    music = tmp_path / "music.wav"
    ffmpeg("-f", "lavfi", "-i", "sine=frequency=1500:duration=2", str(music))
    plan = planned(film(tmp_path / "given", 1.0, "-an", *LIVE_WEBM), music=music)
    made = looking(plan, tmp_path / "out", **CARDS)
    samples, rate_hz = heard(made.video)

    def level(from_s: float, to_s: float) -> float:
        return float(np.abs(samples[int(from_s * rate_hz) : int(to_s * rate_hz)]).mean())

    assert len(samples) / rate_hz == pytest.approx(made.duration_s, abs=0.1)
    assert level(1.0, 2.0) > 0.01
    assert level(4.3, 4.8) > 0.01
    assert level(made.duration_s - 0.1, made.duration_s) < level(4.3, 4.8) / 4


def test_where_nothing_is_written_no_font_is_needed(tmp_path: Path) -> None:
    plan = planned(film(tmp_path / "given", 0.5, *LIVE_WEBM))
    made = composed(plan, tmp_path / "out")
    assert made.duration_s == plan.kept_s
    assert not [*made.video.parent.glob("*.ass"), *made.video.parent.glob("fonts")]
