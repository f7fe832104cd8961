"""What is kept of the process that plays the GPU machine, so that a new controller adopts it."""

import os
from dataclasses import dataclass, field
from pathlib import Path

import psutil
from pydantic import TypeAdapter, ValidationError


@dataclass(frozen=True)
class Identity:
    """One process: a number alone may belong to another one by now."""

    pid: int
    created_s: float


@dataclass(frozen=True)
class Run:
    """When the machine ran, in Unix seconds: what an EC2 bill would say."""

    since_s: float
    until_s: float


@dataclass(frozen=True)
class Record:
    """The process of the present run, if there is one, and the runs before it."""

    process: Identity | None = None
    since_s: float | None = None
    stopping_s: float | None = None
    runs: list[Run] = field(default_factory=list)


_RECORD = TypeAdapter(Record)


def read_record(path: Path) -> Record:
    """Return what is kept; nothing where there is none, or none that can be read."""
    try:
        return _RECORD.validate_json(path.read_bytes())
    except (OSError, ValidationError):
        return Record()


def write_record(path: Path, record: Record) -> None:
    """Keep it whole: after a crash there is the old one or the new one."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    with draft.open("wb") as file:
        file.write(_RECORD.dump_json(record))
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)


def identity_of(pid: int) -> Identity:
    """Return a living process's identity. Raises psutil.NoSuchProcess."""
    return Identity(pid, psutil.Process(pid).create_time())


def is_alive(process: Identity | None) -> bool:
    """Return whether that very process lives; one that only waits to be buried does not."""
    if process is None:
        return False
    try:
        found = psutil.Process(process.pid)
        is_same = abs(found.create_time() - process.created_s) < 1.0
        return bool(is_same and found.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False
