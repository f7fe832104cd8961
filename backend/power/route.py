"""Which lane a job is spoken on: the one that should be done with it first. Pure.

A warm GPU is always the sooner one; a coming one is worth waiting for when what is left of its
boot is less than the CPU lane's work.
"""

from dataclasses import dataclass
from enum import StrEnum
from math import inf

from backend.power.policies import policy_of
from backend.power.situation import COMING, History, LaneState, PolicySettings


class LaneName(StrEnum):
    """The two lanes."""

    CPU = "cpu"
    GPU = "gpu"


@dataclass(frozen=True)
class Load:
    """What the lanes have before them: jobs that wait for or run on each."""

    cpu: int
    gpu: int
    gpu_state: LaneState
    gpu_ordered_at_s: float


def route(now_s: float, load: Load, policy: PolicySettings, history: History) -> LaneName:
    """Return the lane for one more job, by its expected finish."""
    if not policy_of(policy.name).uses_cpu:
        return LaneName.GPU
    cpu_s = (load.cpu + 1) * history.cpu_voice_s
    return LaneName.GPU if _gpu_finish_s(now_s, load, history) < cpu_s else LaneName.CPU


def _gpu_finish_s(now_s: float, load: Load, history: History) -> float:
    work_s = (load.gpu + 1) * history.gpu_voice_s
    if load.gpu_state is LaneState.READY:
        return work_s
    if load.gpu_state in COMING:
        return ready_in_s(now_s, load, history) + work_s
    return inf


def ready_in_s(now_s: float, load: Load, history: History) -> float:
    """Return how much of the boot should be left; a late one is expected again and again."""
    passed_s = max(now_s - load.gpu_ordered_at_s, 0.0)
    left_s = history.boot_s - passed_s
    return left_s if left_s > 0.0 else 0.1 * history.boot_s
