"""The decoder's windows cover every frame once, hear enough, and come in few lengths."""

import pytest

from openvoice_service.engines.openvoice.decoding import decoder_windows, padded_frames


@pytest.mark.parametrize(
    "frames", [1, 2, 63, 64, 65, 300, 448, 449, 863, 864, 2_000, 5_168, 51_680]
)
def test_every_frame_once_and_its_neighbours_heard(frames: int) -> None:
    total = padded_frames(frames)
    windows = decoder_windows(total)
    assert total >= frames
    assert [w.begin for w in windows] == [0, *(w.end for w in windows[:-1])]
    assert windows[-1].end == windows[-1].last == total
    for window in windows:
        assert window.first == 0 or window.begin - window.first >= 16
        assert window.last == total or window.last - window.end >= 16


def test_a_minute_of_sentences_needs_few_lengths_and_wastes_little() -> None:
    totals = [padded_frames(frames) for frames in range(1, 6_000)]
    lengths = {w.last - w.first for total in totals for w in decoder_windows(total)}
    assert len(lengths) <= 7
    work = sum(w.last - w.first for w in decoder_windows(padded_frames(864)))
    assert work <= 1.15 * 864
