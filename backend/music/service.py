"""The tracks as files: played once, kept in the storage, there for whoever wants one."""

import hashlib
import inspect

from backend.media import ffmpeg
from backend.music import instruments, playing
from backend.music.score import Track, all_tracks
from backend.problems import NotFound
from backend.storage import Storage

MEDIA_TYPE = "audio/mp4"


def get_track(name: str) -> Track:
    """Return a track or raise NotFound."""
    track = all_tracks().get(name)
    if track is None:
        raise NotFound.named("track", "There is no such music.")
    return track


def kept_track(storage: Storage, track: Track) -> str:
    """Return the storage key of a track's sound; the first who asks has it played."""
    key = f"music/{track.id}-{_fingerprint(track)}.m4a"
    if storage.find(key) is None:
        with storage.workshop("music") as workshop:
            score, sound = workshop / "track.wav", workshop / "track.m4a"
            playing.write_track(track, score)
            arguments = ["-i", f"file:{score}", "-c:a", "aac", "-b:a", "128k"]
            ffmpeg.run([*arguments, "-fflags", "+bitexact", f"file:{sound}"], workshop)
            storage.keep(sound, key)
    return key


def _fingerprint(track: Track) -> str:
    """Return what changes with the score and with how it is played."""
    played = inspect.getsource(instruments) + inspect.getsource(playing)
    return hashlib.sha256((track.model_dump_json() + played).encode()).hexdigest()[:16]
