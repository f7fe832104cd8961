"""Captions that can be read: few words at a time, cut where one would breathe, nothing lost."""

import itertools
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.media.captions import (
    LINE_WIDTH,
    Cue,
    as_subrip,
    as_text,
    as_webvtt,
    cues_of_sentence,
    text_width,
)
from backend.speech.spoken import SpokenSentence, SpokenWord

ENGLISH = (
    "When I think of the summer we spent by the sea, I remember the long evenings, the boats "
    "coming home, and you laughing at the gulls; I hope that this year brings you many more "
    "days like those, and that we get to share a few of them."
)
JAPANESE = (
    "去年の夏に海辺で過ごした日々を思い出すと、長い夕暮れや港へ帰ってくる船、"
    "そしてカモメを見て笑っていたあなたの姿が目に浮かびます、"
    "今年もそんな日がたくさん訪れますように。"
)


def sentence_of(parts: list[str], separator: str = "") -> SpokenSentence:
    """Return a sentence whose words last 0.1 s a letter."""
    words, now_s = [], 1.0
    for part in parts:
        words.append(SpokenWord(text=part, start_s=now_s, end_s=now_s + 0.1 * len(part)))
        now_s += 0.1 * len(part)
    return SpokenSentence(
        index=0, text=separator.join(parts), start_s=1.0, end_s=now_s, words=tuple(words)
    )


def japanese() -> SpokenSentence:
    return sentence_of(re.findall(r"[^、。の]{1,4}[、。の]?|[、。の]", JAPANESE))


def english() -> SpokenSentence:
    return sentence_of(ENGLISH.split(), " ")


@pytest.mark.parametrize("sentence", [english(), japanese()], ids=["en", "ja"])
def test_a_long_sentence_becomes_readable_cues(sentence: SpokenSentence) -> None:
    cues = cues_of_sentence(sentence)
    assert len(cues) >= 3
    for cue in cues:
        lines = cue.text.split("\n")
        assert len(lines) <= 2
        assert all(text_width(line) <= LINE_WIDTH for line in lines), cue.text
        assert lines[-1][0] not in "、。，．,.;"


@pytest.mark.parametrize("sentence", [english(), japanese()], ids=["en", "ja"])
def test_cues_hold_the_whole_text_and_follow_each_other(sentence: SpokenSentence) -> None:
    cues = cues_of_sentence(sentence)
    joined = "".join(cue.text for cue in cues)
    assert re.sub(r"\s", "", joined) == re.sub(r"\s", "", sentence.text)
    assert cues[0].start_s == sentence.start_s
    assert cues[-1].end_s == sentence.end_s
    for before, after in itertools.pairwise(cues):
        assert before.start_s < before.end_s <= after.start_s


@pytest.mark.parametrize("sentence", [english(), japanese()], ids=["en", "ja"])
def test_a_cue_begins_when_its_first_word_is_heard(sentence: SpokenSentence) -> None:
    starts = {round(word.start_s, 6) for word in sentence.words}
    for cue in cues_of_sentence(sentence):
        assert round(cue.start_s, 6) in starts


def test_cuts_prefer_clause_ends() -> None:
    ends = [cue.text[-1] for cue in cues_of_sentence(english())[:-1]]
    assert sum(end in ",;" for end in ends) >= len(ends) / 2


def test_a_short_sentence_is_one_line() -> None:
    [cue] = cues_of_sentence(sentence_of(["お誕生日", "おめでとう。"]))
    assert cue.text == "お誕生日おめでとう。"


def test_words_that_do_not_occur_in_the_text_do_no_harm() -> None:
    words = (SpokenWord(text="other", start_s=0.1, end_s=0.5),)
    sentence = SpokenSentence(index=0, text="Hello there.", start_s=0.1, end_s=1.0, words=words)
    assert [cue.text for cue in cues_of_sentence(sentence)] == ["Hello there."]


@settings(max_examples=60, deadline=None)
@given(st.text(min_size=1, max_size=200).filter(lambda text: text.strip()))
def test_any_text_survives(text: str) -> None:
    sentence = SpokenSentence(index=0, text=text, start_s=0.5, end_s=4.0)
    cues = cues_of_sentence(sentence)
    joined = "".join(cue.text for cue in cues)
    assert re.sub(r"\s", "", joined) == re.sub(r"\s", "", text)
    assert all(0.5 <= cue.start_s < cue.end_s <= 4.05 for cue in cues)


@pytest.mark.parametrize(
    ("texts", "written"),
    [
        (
            ["去年の夏に\n海辺で", "過ごした。", "また来年！"],
            "去年の夏に海辺で過ごした。\nまた来年！\n",
        ),
        (["Happy birthday,\ndear", "Naomi.", "See you"], "Happy birthday, dear Naomi.\nSee you\n"),
        (["생일\n축하해"], "생일 축하해\n"),
        ([], ""),
    ],
    ids=["ja", "en", "ko", "none"],
)
def test_a_transcript_has_a_sentence_a_line(texts: list[str], written: str) -> None:
    assert as_text([Cue(start_s=0, end_s=1, text=text) for text in texts]) == written


def test_webvtt_escapes_what_would_be_markup() -> None:
    cues = [Cue(start_s=0.4, end_s=3661.0005, text="a < b --> c & d\n<b>bold</b>")]
    assert as_webvtt(cues) == (
        "WEBVTT\n\n1\n00:00:00.400 --> 01:01:01.000\n"
        "a &lt; b --&gt; c &amp; d\n&lt;b&gt;bold&lt;/b&gt;\n"
    )


def test_subrip_leaves_nothing_that_would_be_taken_for_a_tag() -> None:
    text = as_subrip([Cue(start_s=0, end_s=1, text="<i>a</i> {\\an8}b")])
    assert not set("<{") & set(text.splitlines()[2])
