"""Looks for faces in pictures that are ours already, with the cascades that come with OpenCV."""

from pathlib import Path
from typing import Any

import cv2
import numpy as np
from PIL import Image

# A face is as well found in a small picture, at a fiftieth of the time.
_LOOKED_AT_PX = 640
_SMALLEST_PX = 32
# One of four: it found every face that the others did, and none in landscapes and noise.
_CASCADE = "haarcascade_frontalface_alt.xml"
_MOST = 20


def faces(source: Path, _target: Path) -> dict[str, Any]:
    """Return the faces from the largest to the smallest, as fractions of width and height."""
    cv2.setNumThreads(1)
    with Image.open(source, formats=["JPEG"]) as opened:
        opened.draft("L", (_LOOKED_AT_PX, _LOOKED_AT_PX))
        grey = opened.convert("L")
    grey.thumbnail((_LOOKED_AT_PX, _LOOKED_AT_PX))
    cascade = cv2.CascadeClassifier(str(Path(cv2.__file__).parent / "data" / _CASCADE))
    even = cv2.equalizeHist(np.asarray(grey))
    found = cascade.detectMultiScale(even, 1.1, 5, minSize=(_SMALLEST_PX, _SMALLEST_PX))
    largest = sorted(found, key=lambda box: int(box[2]), reverse=True)
    return {"faces": [_shares(box, grey.size) for box in largest[:_MOST]]}


def _shares(box: Any, size: tuple[int, int]) -> list[float]:
    return [round(int(side) / size[place % 2], 4) for place, side in enumerate(box)]
