"""One controller at a time, however many backends run: a lease in the database, with fencing.

Each new leader gets a higher token, and what it writes names that token: a leader that was held up
for long and wakes again finds that its token is old, and writes nothing.
"""

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session, sessionmaker

from backend.power.models import GPU, GpuLane

logger = logging.getLogger(__name__)

# A leader that dies is followed within lease + round: well below the 15 s in which all must heal.
LEASE_S = 8.0
RENEW_EVERY_S = 2.5


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


def renew_lead(session: Session, token: int, now_s: float) -> GpuLane:
    """Keep the lead for another lease; return the lane for writing. Raises LeadershipLost."""
    lane = led_lane(session, token)
    lane.leader_until_s = now_s + LEASE_S
    return lane


@contextmanager
def kept_lead(
    sessions: sessionmaker[Session],
    token: int,
    now: Callable[[], float],
    every_s: float = RENEW_EVERY_S,
) -> Iterator[None]:
    """Keep the lead while a machine is looked at that may take longer to answer than a lease.

    Without it, of two controllers each would take the lead while the other waits for an answer,
    and neither would ever come to a decision.
    """
    over = threading.Event()
    keeper = threading.Thread(
        target=_renew_until, args=(over, sessions, token, now, every_s), daemon=True
    )
    keeper.start()
    try:
        yield
    finally:
        over.set()
        keeper.join()


def _renew_until(
    over: threading.Event,
    sessions: sessionmaker[Session],
    token: int,
    now: Callable[[], float],
    every_s: float,
) -> None:
    while not over.wait(every_s):
        try:
            with sessions.begin() as session:
                renew_lead(session, token, now())
        except LeadershipLost:
            return
        except SQLAlchemyError:
            logger.warning("the lead could not be renewed; it is tried again", exc_info=True)


def lane_row(session: Session) -> GpuLane:
    """Return the lane's row, locked; it is made by whoever looks first."""
    lane = session.get(GpuLane, GPU, with_for_update=True)
    if lane is None:
        lane = GpuLane(name=GPU)
        session.add(lane)
        session.flush()
    return lane
