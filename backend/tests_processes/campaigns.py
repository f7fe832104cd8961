"""A small campaign on the rig, and what became of its rows."""

from collections import Counter
from typing import Any

from backend.tests_processes.rig import OVER, Order, Rig, wait_until

SCRIPT = "Hello to all of you. {{name}}, thank you so much. See you soon."
NAMES = ("Anna", "Ben", "Carla", "David", "Emma", "Frank", "Greta", "Hugo")
WITHIN_S = 180.0


def begin(rig: Rig, names: tuple[str, ...] = NAMES) -> str:
    """Start a campaign without samples; return its id."""
    look = {"language": "en", "voice": rig.base_voice("en"), "aspect": "1:1"}
    message = rig.insist(
        lambda: rig.api.create_message(script=SCRIPT, photo_upload_id=rig.photo_id, **look)
    )
    body = {"name": "c", "message_id": message["id"]}
    campaign = str(rig.insist(lambda: rig.api.call("POST", "/campaigns", body))["id"])
    people = {"text": "name\n" + "\n".join(names)}
    rig.insist(lambda: rig.api.call("PUT", f"/campaigns/{campaign}/list", people))
    rig.insist(lambda: rig.api.call("POST", f"/campaigns/{campaign}/start", {"samples": 0}))
    return campaign


def act(rig: Rig, campaign: str, verb: str) -> Any:
    """Do something with it."""
    return rig.insist(lambda: rig.api.call("POST", f"/campaigns/{campaign}/{verb}"))


def counts(rig: Rig, campaign: str) -> dict[str, int]:
    """Return how many of its rows stand where."""
    shown: dict[str, int] = rig.insist(lambda: rig.api.call("GET", f"/campaigns/{campaign}"))[
        "counts"
    ]
    return shown


def wait_until_ready(rig: Rig, campaign: str, rows: int) -> None:
    """Wait until so many rows are ready."""
    wait_until(lambda: counts(rig, campaign)["ready"] >= rows, f"{rows} rows are ready", WITHIN_S)


def wait_until_done(rig: Rig, campaign: str) -> None:
    """Wait for its end."""
    query = "SELECT state FROM campaigns WHERE id = :id"
    wait_until(lambda: rig.rows(query, id=campaign) == [("done",)], "it is done", WITHIN_S)


def wait_until_still(rig: Rig, campaign: str) -> None:
    """Wait until none of its rows is in work."""
    query = "SELECT DISTINCT state FROM messages WHERE campaign_id = :id AND state <> 'draft'"
    wait_until(
        lambda: all(state in OVER for (state,) in rig.rows(query, id=campaign)),
        "no row is in work",
        WITHIN_S,
    )


def faults_of(rig: Rig, campaign: str) -> list[str]:
    """Return what is wrong with a campaign that is done: rows lost, made twice, or mute."""
    rows = rig.rows(
        "SELECT r.position, m.id, m.state, m.attempt FROM campaign_rows r"
        " LEFT JOIN messages m ON m.id = r.message_id WHERE r.campaign_id = :id",
        id=campaign,
    )
    faults = [f"row {place} is {state}" for place, _, state, _ in rows if state != "ready"]
    made = rig.rows("SELECT id FROM messages WHERE campaign_id = :id", id=campaign)
    if len(made) != len(rows) + 1:
        faults.append(f"{len(rows)} rows and a template have {len(made)} messages")
    for place, message, _, attempt in rows:
        faults += [f"row {place}: {fault}" for fault in _faults_of_row(rig, message, attempt)]
    return faults


def _faults_of_row(rig: Rig, message: str, attempt: int) -> list[str]:
    steps = Counter(rig.steps_done(Order(message, attempt)))
    query = "SELECT count(*) FROM message_events WHERE message_id = :id AND state = 'ready'"
    times = rig.rows(query, id=message)[0][0]
    folder = rig.folder_of(Order(message, attempt)) / str(attempt)
    checks = {
        f"its steps were {dict(steps)}": steps == {"speech": 1, "row": 1},
        f"it was tried {attempt} times": attempt == 1,
        f"it became ready {times} times": times == 1,
        "it has no video": (folder / "video.mp4").is_file(),
    }
    return [fault for fault, holds in checks.items() if not holds]
