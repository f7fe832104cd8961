"""`python -m backend.media.check FILE [--timeline T] [--spoken S]`: is what was promised in it?

Everything is measured in the decoded file: loudness, when speech is heard against when captions
appear, and how the picture moves from frame to frame, in fractions of a pixel. Without the
timeline only what needs no plan is checked; with what was spoken, captions against its moras.
"""

import argparse
import itertools
import math
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from backend.media.captions import CREDIT_S, Cue
from backend.media.mastering import measure_loudness
from backend.media.timeline import CARD_FRAMES, MARGIN_AFTER_S, MARGIN_BEFORE_S, Segment, Timeline
from backend.speech.spoken import SpokenScript

Plane = NDArray[np.float32]
CUE_TOLERANCE_S = 0.100
MORA_TOLERANCE_S = 0.050
LOUDNESS_LUFS, LOUDNESS_TOLERANCE_LU, MAX_PEAK_DB = -16.0, 1.0, -1.0
DURATION_TOLERANCE_S = 0.2
STEP_TOLERANCE_PX = 0.1
# Speech begins where the level first comes this near to the loud parts.
ONSET_RANGE_DB = 30.0
_LEVEL_HOP_S = 0.005
_PATCH_PX = 160
_PATCHES = 6
_SHIFT_PRECISION_PX = 0.002


@dataclass(frozen=True)
class Finding:
    """One promise: what was measured, what is allowed, and whether it holds."""

    name: str
    measured: str
    allowed: str
    holds: bool


def check_video(
    video: Path,
    timeline: Timeline | None = None,
    motion: bool = True,
    spoken: SpokenScript | None = None,
) -> list[Finding]:
    """Return every finding about `video`, which was drawn from `timeline`.

    motion: whether to follow the picture too, which takes several times the video's duration
    spoken: what is said, with the times of its moras
    """
    findings = [*_check_tracks(video), *_check_loudness(video), _check_faststart(video)]
    if timeline is not None:
        findings += [_check_duration(video, timeline), _check_words(video, timeline)]
    # Under music no pause can be heard, and burned words do not move with the photo.
    if timeline is not None and timeline.music is None:
        findings.append(_check_cues(video, timeline))
    if timeline is not None and spoken is not None:
        findings.append(_check_moras(video, timeline, spoken))
    if timeline is not None and motion and not timeline.style.has_text:
        findings.append(_check_motion(video, timeline))
    return findings


# --- container ------------------------------------------------------------------------------


def _check_tracks(video: Path) -> list[Finding]:
    with av.open(str(video)) as container:
        kinds = {stream.type: stream for stream in container.streams}
        names = {kind: stream.codec_context.name for kind, stream in kinds.items()}
        language = kinds["subtitle"].language if "subtitle" in kinds else None
    wanted = {"video": "h264", "audio": "aac", "subtitle": "mov_text"}
    return [
        Finding("tracks", " + ".join(names.values()), " + ".join(wanted.values()), names == wanted),
        Finding("caption language", str(language), "set", language not in (None, "und")),
    ]


def _check_faststart(video: Path) -> Finding:
    names = []
    with video.open("rb") as stream:
        while header := stream.read(8):
            names.append(header[4:].decode("latin-1"))
            size = int.from_bytes(header[:4], "big")
            stream.seek(size - 8, 1)
    early = names.index("moov") < names.index("mdat")
    return Finding("faststart", " ".join(names), "moov before mdat", early)


def _check_duration(video: Path, timeline: Timeline) -> Finding:
    with av.open(str(video)) as container:
        duration_s = (container.duration or 0) / 1_000_000
    spoken = [segment for segment in timeline.segments if not segment.card]
    last, cards = spoken[-1], len(timeline.segments) - len(spoken)
    speech_s = (last.speech_start + last.speech_samples) / timeline.sample_rate_hz
    after_s = MARGIN_AFTER_S if timeline.credit is None else CREDIT_S
    wanted_s = speech_s + MARGIN_BEFORE_S + after_s + cards * CARD_FRAMES / timeline.frame_rate
    # Each sentence lasts whole frames.
    allowed_s = DURATION_TOLERANCE_S + len(spoken) * 0.5 / timeline.frame_rate
    off_s = abs(duration_s - wanted_s)
    allowed = f"{wanted_s:.2f} ± {allowed_s:.2f} s"
    return Finding("duration", f"{duration_s:.2f} s", allowed, off_s <= allowed_s)


# --- sound ----------------------------------------------------------------------------------


def _check_loudness(video: Path) -> list[Finding]:
    with tempfile.TemporaryDirectory() as work:
        loudness = measure_loudness(video.resolve(), Path(work))
    loud_enough = abs(loudness.lufs - LOUDNESS_LUFS) <= LOUDNESS_TOLERANCE_LU
    allowed = f"{LOUDNESS_LUFS} ± {LOUDNESS_TOLERANCE_LU} LUFS"
    return [
        Finding("loudness", f"{loudness.lufs:.1f} LUFS", allowed, loud_enough),
        Finding(
            "true peak",
            f"{loudness.peak_db:.1f} dB",
            f"≤ {MAX_PEAK_DB} dB",
            loudness.peak_db <= MAX_PEAK_DB,
        ),
    ]


def _check_words(video: Path, timeline: Timeline) -> Finding:
    shown = [cue.text for cue in embedded_cues(video)]
    planned = [cue.text for cue in timeline.cues]
    same = sum(one == other for one, other in zip(shown, planned, strict=False))
    return Finding("captions", f"{same} the same", f"{len(planned)}", shown == planned)


def _check_cues(video: Path, timeline: Timeline) -> Finding:
    stretches = heard_stretches(video)
    worst_s = max(_off_s(cue, stretches) for cue in first_cues(embedded_cues(video), timeline))
    allowed = f"≤ {CUE_TOLERANCE_S * 1000:.0f} ms"
    measured = f"{worst_s * 1000:.0f} ms"
    return Finding("captions to speech", measured, allowed, worst_s <= CUE_TOLERANCE_S)


def _check_moras(video: Path, timeline: Timeline, spoken: SpokenScript) -> Finding:
    """Compare captions with the moras, which a voice knows exactly.

    A sentence's captions begin with its first mora and end with its last; between them, where one
    gives way to the next, it is at the edge of a mora.
    """
    allowed = f"≤ {MORA_TOLERANCE_S * 1000:.0f} ms"
    cues = embedded_cues(video)
    whole, said = first_cues(cues, timeline), [one.moras for one in spoken.sentences if one.moras]
    if not said or len(whole) != len(said):
        measured = f"{len(whole)} captioned, {len(said)} with moras"
        return Finding("captions to moras", measured, allowed, holds=False)
    off_s = [
        abs(shown_s - _shown_s(timeline, heard_s))
        for cue, moras in zip(whole, said, strict=True)
        for shown_s, heard_s in ((cue.start_s, moras[0].start_s), (cue.end_s, moras[-1].end_s))
    ]
    begins_s = [_shown_s(timeline, mora.start_s) for moras in said for mora in moras]
    off_s += [_nearest_s(cue.start_s, begins_s) for cue in _spoken_cues(cues, timeline)]
    holds = max(off_s) <= MORA_TOLERANCE_S
    return Finding("captions to moras", f"{max(off_s) * 1000:.0f} ms", allowed, holds)


def _shown_s(timeline: Timeline, spoken_s: float) -> float:
    """Return when a moment of the speech is heard in the video."""
    sample = spoken_s * timeline.sample_rate_hz
    spoken = [segment for segment in timeline.segments if not segment.card]
    own = [segment for segment in spoken if segment.speech_start <= sample] or spoken[:1]
    begin_s = (own[-1].start_frame + own[-1].lead_frames) / timeline.frame_rate
    return begin_s + spoken_s - own[-1].speech_start / timeline.sample_rate_hz


def _nearest_s(time_s: float, others_s: Sequence[float]) -> float:
    return min(abs(time_s - other_s) for other_s in others_s)


def _spoken_cues(cues: list[Cue], timeline: Timeline) -> list[Cue]:
    return cues if timeline.credit is None else cues[:-1]  # a credit is shown in silence


def first_cues(cues: list[Cue], timeline: Timeline) -> list[Cue]:
    """Return one cue a sentence, from its first word to its last: those edges can be heard."""
    whole = []
    cues = _spoken_cues(cues, timeline)
    for begin_s, end_s in _sentence_spans(timeline):
        own = [cue for cue in cues if begin_s - 0.05 <= cue.start_s < end_s]
        if own:  # a card has none
            whole.append(Cue(start_s=own[0].start_s, end_s=own[-1].end_s, text=own[0].text))
    return whole


def _sentence_spans(timeline: Timeline) -> list[tuple[float, float]]:
    """Return when each sentence's stretch of video begins and ends."""
    starts = [segment.start_frame for segment in timeline.segments if not segment.goes_on]
    edges = [frame / timeline.frame_rate for frame in (*starts, timeline.frame_count)]
    return list(itertools.pairwise(edges))


def _off_s(cue: Cue, stretches: Sequence[tuple[float, float]]) -> float:
    """Return how far its beginning is from where sound begins, or its end from where it ends."""
    begin_s = min(abs(begin_s - cue.start_s) for begin_s, _ in stretches)
    return max(begin_s, min(abs(end_s - cue.end_s) for _, end_s in stretches))


def embedded_cues(video: Path) -> list[Cue]:
    """Return the captions of the MP4's own track."""
    cues = []
    with av.open(str(video)) as container:
        stream = container.streams.subtitles[0]
        for packet in container.demux(stream):
            raw = bytes(packet)
            length = int.from_bytes(raw[:2], "big") if len(raw) >= 2 else 0
            if not length or packet.pts is None or packet.time_base is None:
                continue
            start_s = float(packet.pts * packet.time_base)
            end_s = start_s + float((packet.duration or 0) * packet.time_base)
            cues.append(Cue(start_s=start_s, end_s=end_s, text=raw[2 : 2 + length].decode()))
    return cues


def heard_stretches(video: Path, pause_s: float = 0.2) -> list[tuple[float, float]]:
    """Return when speech is heard, by energy; silences shorter than `pause_s` don't count."""
    samples, rate_hz = _decoded_sound(video)
    hop = round(_LEVEL_HOP_S * rate_hz)
    power = (samples[: len(samples) // hop * hop].reshape(-1, hop) ** 2).mean(axis=1)
    levels = 10 * np.log10(power + 1e-12)
    loud = np.flatnonzero(levels > np.percentile(levels, 95) - ONSET_RANGE_DB)
    stretches: list[tuple[float, float]] = []
    for frame in loud.tolist():
        start_s, end_s = frame * _LEVEL_HOP_S, (frame + 1) * _LEVEL_HOP_S
        if stretches and start_s - stretches[-1][1] < pause_s:
            stretches[-1] = (stretches[-1][0], end_s)
        else:
            stretches.append((start_s, end_s))
    return stretches


def _decoded_sound(video: Path) -> tuple[Plane, int]:
    with av.open(str(video)) as container:
        stream = container.streams.audio[0]
        rate_hz = int(stream.rate or 48_000)
        blocks = [
            np.asarray(frame.to_ndarray(), np.float32).reshape(-1)
            for frame in container.decode(stream)
            if frame.pts is None or frame.pts >= 0
        ]
    return np.concatenate(blocks), rate_hz


# --- picture --------------------------------------------------------------------------------


def _check_motion(video: Path, timeline: Timeline) -> Finding:
    deviations = [d for segment in timeline.segments for d in step_deviations_px(video, segment)]
    worst = max(deviations, default=math.inf)
    allowed = f"≤ {STEP_TOLERANCE_PX} px a frame"
    return Finding("motion", f"{worst:.3f} px", allowed, worst <= STEP_TOLERANCE_PX)


def step_deviations_px(video: Path, segment: Segment) -> list[float]:
    """Return how far each step from frame to frame is from the planned one, in pixels.

    Patches with texture are followed: the frame is sampled where the plan says the patch of the
    first frame has gone, and the remaining shift is found by least squares (Lucas & Kanade 1981).
    """
    frames = _luma_of(video, segment)
    first = next(frames)
    focus = np.array(
        [segment.motion.focus[1] * first.shape[0], segment.motion.focus[0] * first.shape[1]]
    )
    patches = _textured_patches(first)
    before = [np.zeros(2) for _ in patches]
    deviations = []
    for number, frame in enumerate(frames, start=1):
        zoom = _planned_zoom(segment, number)
        spline = ndimage.spline_filter(frame, order=3, output=np.float32)
        for index, patch in enumerate(patches):
            shift = _shift_px(spline, patch, focus, zoom, before[index])
            deviations.append(float(np.hypot(*(shift - before[index]))))
            before[index] = shift
    return deviations


def _planned_zoom(segment: Segment, frame: int) -> float:
    return 1 + segment.motion.depth * (1 - math.cos(2 * math.pi * frame / segment.frame_count)) / 2


def _luma_of(video: Path, segment: Segment) -> Iterator[Plane]:
    last = segment.start_frame + segment.frame_count
    with av.open(str(video)) as container:
        for number, frame in enumerate(container.decode(video=0)):
            if number >= last:
                return
            if number >= segment.start_frame:
                gray = frame.to_ndarray(format="gray")
                yield np.asarray(gray, np.float32)


@dataclass(frozen=True)
class _Patch:
    """Points (2, n) as row and column, the first frame's values there and its gradients (2, n)."""

    points: Plane
    values: Plane
    gradients: Plane


def _textured_patches(first: Plane) -> list[_Patch]:
    """Return the patches in which a shift shows best, above the waveform and off the edges."""
    soft = ndimage.gaussian_filter(first, 1.0)
    rows, columns = np.gradient(soft)
    margin, usable = _PATCH_PX, round(first.shape[0] * 0.78) - _PATCH_PX
    places = [
        (top, left)
        for top in range(margin, usable, _PATCH_PX)
        for left in range(margin, first.shape[1] - 2 * margin, _PATCH_PX)
    ]

    def texture(place: tuple[int, int]) -> float:
        area = np.s_[place[0] : place[0] + _PATCH_PX, place[1] : place[1] + _PATCH_PX]
        return float(min((rows[area] ** 2).sum(), (columns[area] ** 2).sum()))

    best = sorted(places, key=texture, reverse=True)[:_PATCHES]
    return [_patch(first, rows, columns, place) for place in best]


def _patch(first: Plane, rows: Plane, columns: Plane, place: tuple[int, int]) -> _Patch:
    grid = np.mgrid[place[0] : place[0] + _PATCH_PX, place[1] : place[1] + _PATCH_PX]
    points = grid.reshape(2, -1)
    inside = (points[0], points[1])
    gradients = np.stack([rows[inside], columns[inside]]).astype(np.float32)
    return _Patch(points.astype(np.float32), first[inside], gradients)


def _shift_px(
    spline: Plane,
    patch: _Patch,
    focus: NDArray[np.float64],
    zoom: float,
    guess: NDArray[np.float64],
) -> NDArray[np.float64]:
    shift = guess.copy()
    normal = patch.gradients @ patch.gradients.T
    for _ in range(6):
        places = focus[:, None] + (patch.points - focus[:, None]) * zoom + shift[:, None]
        seen = ndimage.map_coordinates(spline, places, order=3, prefilter=False, mode="nearest")
        difference = seen - patch.values
        difference -= difference.mean()
        step = np.linalg.solve(normal, patch.gradients @ difference)
        shift = shift - step
        if np.abs(step).max() < _SHIFT_PRECISION_PX:
            break
    return shift


# --- command --------------------------------------------------------------------------------


def main() -> None:
    """Print a table; end with status 1 when something does not hold."""
    parser = argparse.ArgumentParser(prog="python -m backend.media.check")
    parser.add_argument("video", type=Path)
    parser.add_argument("--timeline", type=Path)
    parser.add_argument("--spoken", type=Path)
    options = parser.parse_args()
    timeline = spoken = None
    if options.timeline is not None:
        timeline = Timeline.model_validate_json(options.timeline.read_text())
    if options.spoken is not None:
        spoken = SpokenScript.model_validate_json(options.spoken.read_text())
    findings = check_video(options.video, timeline, spoken=spoken)
    for finding in findings:
        mark = "ok  " if finding.holds else "FAIL"
        sys.stdout.write(f"{mark} {finding.name:20} {finding.measured:28} {finding.allowed}\n")
    sys.exit(0 if all(finding.holds for finding in findings) else 1)


if __name__ == "__main__":
    main()
