"""`python -m backend.campaigns.bench [--rows N]`: what a row costs that shares all but its name.

Everything is the product's own: its processes, its queues, the real speech service, real ffmpeg.
First three messages are made whole, each with sentences of its own, so that nothing of them was
spoken or drawn before; then a campaign of one template and many names.
"""

import argparse
import os
import statistics
import sys
import time
from pathlib import Path
from typing import Any

from backend.media.bench.memory import watched
from backend.tests_processes.rig import SPEECH, Rig, wait_until

ROWS, WHOLE, MANY = 20, 3, 200
SPEECH_BAR, WHOLE_BAR, MEMORY_BAR = 1.3, 8.0, 1.1
WITHIN_S = 900.0
# What is done often enough to be seen, and seldom enough not to be felt.
LOOK_EVERY_S = 0.25
COMMON = (
    "今日はみんなで集まって、卒業のお祝いをしています。",
    "三年間、毎日のように顔を合わせて、いろいろな話をしました。",
    "春の遠足では、雨に降られて、駅まで走ったことを覚えています。",
    "夏の合宿では、夜遅くまで練習をして、先生に叱られました。",
    "秋の文化祭では、準備が間に合わず、前の日に泊まりこみました。",
    "冬の朝は寒くて、教室のストーブのまわりに集まりました。",
    "どの季節にも、忘れられない思い出があります。",
    "これから先は、それぞれ別の道を歩いていきます。",
    "困ったときには、この日のことを思い出してください。",
    "いつでも、ここに帰ってきていいのです。",
    "みんなで植えた桜の木も、少しずつ大きくなっています。",
    "また春になったら、あの木の下で会いましょう。",
)
PERSONAL = "{{name}}さん、ご卒業、おめでとうございます。"
SENTENCES_OF = ("斎藤一郎", "松本春子", "井上秋男", "木村冬美", "清水夏樹")
FAMILY = ("山田", "佐藤", "鈴木", "高橋", "田中", "伊藤", "渡辺", "中村", "小林", "加藤")
GIVEN = ("花子", "太郎", "次郎", "美咲", "健一", "由美", "翔太", "彩", "大輔", "恵")


def names(count: int) -> list[str]:
    """Return so many names, none twice."""
    every = [f"{family}{given}" for given in GIVEN for family in FAMILY]
    return [every[number % len(every)] + "二" * (number // len(every)) for number in range(count)]


def main() -> None:
    """Print the table; end with status 1 where a bar is missed."""
    parser = argparse.ArgumentParser(prog="python -m backend.campaigns.bench")
    parser.add_argument("--rows", type=int, default=ROWS)
    rows = parser.parse_args().rows
    with Rig() as rig:
        figures = measure(rig, rows)
    print_table(figures)
    sys.exit("\n".join(f"missed: {bar}" for bar in missed_bars(figures)) or 0)


def measure(rig: Rig, rows: int) -> dict[str, Any]:
    """Return every figure."""
    look = {"language": "ja", "voice": rig.own_voice(), "aspect": "16:9"}
    _make(rig, "準備をします。", look)  # what is loaded once is loaded now
    sentence_s = _sentence_s(rig, look)
    with watched(LOOK_EVERY_S) as peak_whole:
        whole = [_make(rig, _other_script(number), look) for number in range(WHOLE)]
    campaign = _begun(rig, look, rows)
    first_s = _until(rig, campaign, 1, "review")
    worked_s = _speech_work_s(rig)
    rig.api.call("POST", f"/campaigns/{campaign}/approve")
    with watched(LOOK_EVERY_S) as peak_early:
        early_s = _until(rig, campaign, 1 + rows // 3)
    with watched(LOOK_EVERY_S) as peak_late:
        late_s = _until(rig, campaign, rows, "done")
    speech_s = (_speech_work_s(rig) - worked_s) / (rows - 1)
    whole_s, row_s = statistics.mean(whole), (early_s + late_s) / (rows - 1)

    def ratio(count: int) -> float:
        return round(count * whole_s / (first_s + (count - 1) * row_s), 1)

    query = "SELECT avg(duration_s) FROM messages WHERE campaign_id = :id AND state = 'ready'"
    return {
        "rows": rows,
        "video_s": round(rig.rows(query, id=campaign)[0][0], 1),
        "whole_s": round(whole_s, 2),
        "first_s": round(first_s, 2),
        "row_s": round(row_s, 2),
        "ratio": ratio(rows),
        "ratio_of_many": ratio(MANY),
        "sentence_speech_s": round(sentence_s, 3),
        "row_speech_s": round(speech_s, 3),
        "speech_ratio": round(speech_s / sentence_s, 2),
        "peak_whole_mib": peak_whole.mib,
        "peak_early_mib": peak_early.mib,
        "peak_late_mib": peak_late.mib,
    }


def _make(rig: Rig, script: str, look: dict[str, Any]) -> float:
    """Make a message by itself; return how long that took, in seconds."""
    began_s = time.perf_counter()
    message = rig.wait_until_over(rig.submit(script, **look))
    if message["state"] != "ready":
        raise RuntimeError(f"it could not be made: {message['problem']}")
    return time.perf_counter() - began_s


def _sentence_s(rig: Rig, look: dict[str, Any]) -> float:
    """Return how long the speech service works on the personal sentence alone."""
    before_s = _speech_work_s(rig)
    for name in SENTENCES_OF:
        _make(rig, PERSONAL.replace("{{name}}", name), look)
    return (_speech_work_s(rig) - before_s) / len(SENTENCES_OF)


def _speech_work_s(rig: Rig) -> float:
    """Return for how long the speech service has computed: what it waits for cores is no work."""
    fields = Path(f"/proc/{rig.pid(SPEECH)}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _other_script(number: int) -> str:
    """Return a script of which no sentence was ever said: each differs a little."""
    sign = "一二三四五"[number]
    others = "".join(f"{sentence[:-1]}、その{sign}。" for sentence in COMMON)
    return PERSONAL.replace("{{name}}", names(MANY)[-1 - number]) + others


def _begun(rig: Rig, look: dict[str, Any], rows: int) -> str:
    """Begin a campaign of so many names and start its first row; return its id."""
    script = COMMON[0] + PERSONAL + "".join(COMMON[1:])
    message = rig.api.create_message(script=script, photo_upload_id=rig.photo_id, **look)
    body = {"name": "卒業", "message_id": message["id"]}
    campaign = str(rig.api.call("POST", "/campaigns", body)["id"])
    people = "name\n" + "\n".join(names(rows))
    rig.api.call("PUT", f"/campaigns/{campaign}/list", {"text": people})
    rig.api.call("POST", f"/campaigns/{campaign}/start", {"samples": 1})
    return campaign


def _until(rig: Rig, campaign: str, ready: int, state: str | None = None) -> float:
    """Wait until so many rows are ready and the campaign stands there; return how long that was."""
    began_s = time.perf_counter()
    rows = "SELECT count(*) FROM messages WHERE campaign_id = :id AND state = 'ready'"
    now = "SELECT state FROM campaigns WHERE id = :id"

    def is_so() -> bool:
        is_there = rig.rows(rows, id=campaign)[0][0] >= ready
        return is_there and state in (None, rig.rows(now, id=campaign)[0][0])

    wait_until(is_so, f"{ready} rows are ready", WITHIN_S)
    return time.perf_counter() - began_s


def missed_bars(figures: dict[str, Any]) -> list[str]:
    """Return the bars that the figures do not reach, in words."""
    flat_mib = MEMORY_BAR * max(figures["peak_early_mib"], figures["peak_whole_mib"])
    bars = {
        f"speaking a row in {SPEECH_BAR} of its sentence": figures["speech_ratio"] <= SPEECH_BAR,
        f"{MANY} rows {WHOLE_BAR:.0f} x as fast": figures["ratio_of_many"] >= WHOLE_BAR,
        f"no more memory than {MEMORY_BAR} of before": figures["peak_late_mib"] <= flat_mib,
    }
    return [bar for bar, is_reached in bars.items() if not is_reached]


def print_table(figures: dict[str, Any]) -> None:
    """Print the figures for people."""
    many = f"{MANY} rows, extrapolated, to as many made whole"
    rows = (
        (f"a message of {figures['video_s']} s, made whole", f"{figures['whole_s']:.2f} s"),
        ("the first row, made whole", f"{figures['first_s']:.2f} s"),
        ("each other row", f"{figures['row_s']:.2f} s"),
        (f"{figures['rows']} rows to as many made whole", f"{figures['ratio']} x as fast"),
        (many, f"{figures['ratio_of_many']} x as fast (bar {WHOLE_BAR:.0f})"),
        ("speech work, the personal sentence alone", f"{figures['sentence_speech_s']:.3f} s"),
        ("speech work, a row", f"{figures['row_speech_s']:.3f} s"),
        ("  to the sentence alone", f"{figures['speech_ratio']} (bar {SPEECH_BAR})"),
        ("most memory, made whole", f"{figures['peak_whole_mib']} MiB"),
        ("most memory, the first third of the rows", f"{figures['peak_early_mib']} MiB"),
        ("most memory, the rest", f"{figures['peak_late_mib']} MiB (bar {MEMORY_BAR} of before)"),
    )
    sys.stdout.write("\nA campaign: one template, one sentence with the name\n\n")
    sys.stdout.writelines(f"  {name:46} {figure}\n" for name, figure in rows)


if __name__ == "__main__":
    main()
