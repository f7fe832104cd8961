"""One controller at a time, however many backends run: a lease in the database, with fencing.

Each new leader gets a higher token, and what it writes names that token: a leader that was held up
for long and wakes again finds that its token is old, and writes nothing.
"""

from sqlalchemy.orm import Session

from backend.power.models import GPU, GpuLane


class LeadershipLost(Exception):
    """Somebody else leads by now: nothing may be written or done."""


def lead(session: Session, holder: str, now_s: float, lease_s: float) -> int | None:
    """Take or renew the lead; return its token, or None while somebody else has it."""
    lane = lane_row(session)
    # A lease that ends later than any is given for comes of a clock that was set back.
    is_held = now_s < lane.leader_until_s <= now_s + 2 * lease_s
    if is_held and lane.leader != holder:
        return None
    if lane.leader != holder:
        lane.leader, lane.leader_token = holder, lane.leader_token + 1
    lane.leader_until_s = now_s + lease_s
    session.flush()
    return lane.leader_token


def led_lane(session: Session, token: int) -> GpuLane:
    """Return the lane for writing. Raises LeadershipLost."""
    lane = lane_row(session)
    if lane.leader_token != token:
        raise LeadershipLost
    return lane


def lane_row(session: Session) -> GpuLane:
    """Return the lane's row, locked; it is made by whoever looks first."""
    lane = session.get(GpuLane, GPU, with_for_update=True)
    if lane is None:
        lane = GpuLane(name=GPU)
        session.add(lane)
        session.flush()
    return lane
