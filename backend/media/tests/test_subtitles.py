"""Captions that somebody sends are read strictly and written anew."""

import pytest

from backend.media.captions import Cue, as_subrip, as_webvtt
from backend.media.subtitles import MAX_CUES, SubtitlesUnreadable, parse_subtitles

TWO = [
    Cue(start_s=1.0, end_s=2.5, text="First\nline"),
    Cue(start_s=3600.0, end_s=3601.25, text="ん"),
]


@pytest.mark.parametrize("write", [as_webvtt, as_subrip])
def test_what_we_write_is_read_again(write) -> None:
    assert parse_subtitles(write(TWO).encode()) == TWO


@pytest.mark.parametrize(
    "content",
    [
        "WEBVTT\n\n00:01.000 --> 00:02.500\nFirst\nline\n\n1:00:00.000 --> 1:00:01.250\nん",
        "\ufeffWEBVTT - a title\n\nNOTE\nnothing\n\nSTYLE\n::cue { color: red }\n\nREGION\nid:x\n\n"
        "name\n00:00:01.000 --> 00:00:02.500 align:start line:0\n<v Anna>First\n<i>line</i>\n\n"
        "01:00:00.000 --> 01:00:01.250\nん\n",
        "1\r\n00:00:01,000 --> 00:00:02,500\r\n{\\an8}First\r\nline\r\n\r\n\r\n"
        "2\r\n01:00:00,000 --> 01:00:01,250\r\n<font color='red'>ん</font>\r\n",
        "9\n01:00:00,000 --> 01:00:01,250\nん\n\n1\n00:00:01,000 --> 00:00:02,500\nFirst\nline\n",
    ],
    ids=["bare WebVTT", "all of WebVTT", "SubRip", "out of order"],
)
def test_text_and_times_are_all_that_is_taken_over(content: str) -> None:
    assert parse_subtitles(content.encode()) == TWO


def test_what_looks_like_markup_stays_text() -> None:
    raw = (
        b"WEBVTT\n\n00:01.000 --> 00:02.000\n1 &lt; 2 &amp; <script>alert(1)</script> a --&gt; b\n"
    )
    [cue] = parse_subtitles(raw)
    assert cue.text == "1 < 2 & alert(1) a --> b"
    assert "1 &lt; 2 &amp; alert(1) a --&gt; b" in as_webvtt([cue])
    assert parse_subtitles(as_webvtt([cue]).encode()) == [cue]


@pytest.mark.parametrize(
    ("content", "line"),
    [
        (b"", 1),
        (b"\n\n \n", 1),
        (b"hello", 1),
        (b"WEBVTT", 1),
        (b"WEBVTT\n\n00:02.000 --> 00:01.000\nx", 3),
        (b"WEBVTT\n\n00:01.000 --> 00:01.000\nx", 3),
        (b"WEBVTT\n\n00:01.000 -> 00:02.000\nx", 4),
        (b"WEBVTT\n\n00:61.000 --> 01:02.000\nx", 3),
        (b"WEBVTT\n\n99:00:00.000 --> 99:00:01.000\nx", 3),
        (b"1\n00:00:01,00 --> 00:00:02,000\nx", 2),
        (b"WEBVTT\n\nfirst\nsecond\n00:01.000 --> 00:02.000\nx", 4),
        (b"WEBVTT\n\n00:01.000 --> 00:02.000\n\xff", 4),
        ("WEBVTT\n\n00:01.000 --> 00:02.000\nx".encode("utf-16"), 1),
        (b"WEBVTT\n\n00:01.000 --> 00:02.000\nx\n\n" * (MAX_CUES + 2), 6),
    ],
)
def test_what_can_be_read_no_further_names_the_line(content: bytes, line: int) -> None:
    with pytest.raises(SubtitlesUnreadable) as refused:
        parse_subtitles(content)
    assert refused.value.line == line
