"""`python -m backend.music TRACK OUT.wav` plays a track into a file, to hear what was written."""

import argparse
from pathlib import Path

from backend.music.playing import write_track
from backend.music.score import all_tracks

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("track", choices=sorted(all_tracks()))
parser.add_argument("out", type=Path)
options = parser.parse_args()
write_track(all_tracks()[options.track], options.out)
