"""The font of what is written into a picture: one for Japanese, Chinese, Korean and Latin."""

import hashlib
import importlib.util
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from PIL import ImageFont

_PACKAGE, _IN_PACKAGE = "mplfonts", "fonts/NotoSansCJKsc-Regular.otf"
_FONT_FOLDERS = (
    "/usr/share/fonts/opentype/noto", "/usr/share/fonts/noto-cjk", "/usr/share/fonts/noto",
    "/usr/share/fonts/google-noto-cjk", "/usr/local/share/fonts", "/Library/Fonts",
)  # fmt: skip
_FILE_NAMES = ("NotoSansCJK-Regular.ttc", "NotoSansCJKjp-Regular.otf", "NotoSansCJKsc-Regular.otf")
# Where a copy lies in a folder of work.
FONT_FOLDER = "fonts"

# A comma or a line end would end the name in a script.
_NAME = re.compile(r"[\w .+-]+")


@dataclass(frozen=True)
class Font:
    """A font file, the name by which libass finds what is in it, and the sha-256 of its bytes.

    line_height: of its lines, in em; ASS measures letters by it
    """

    path: Path
    family: str
    line_height: float
    sha256: str


def find_font(named: Path | None) -> Font | None:
    """Return the font that the operator named, else the package's, else the system's, if any.

    named: the setting CAPTION_FONT; where it is given nothing else is looked for
    """
    candidates = [named] if named is not None else [*_packaged(), *_of_the_system()]
    found = (_read(path.absolute()) for path in candidates if path.is_file())
    return next((font for font in found if font is not None), None)


def lay_out_font(font: Font, folder: Path) -> None:
    """Copy `font` to where scripts in `folder` find it: libass reads every font that lies there."""
    (folder / FONT_FOLDER).mkdir()
    shutil.copyfile(font.path, folder / FONT_FOLDER / f"caption{font.path.suffix}")


def _packaged() -> Iterator[Path]:
    # Not imported: the package would bring up all of matplotlib.
    spec = importlib.util.find_spec(_PACKAGE)
    for folder in (spec.submodule_search_locations or ()) if spec is not None else ():
        yield Path(folder) / _IN_PACKAGE


def _of_the_system() -> Iterator[Path]:
    for folder in _FONT_FOLDERS:
        for name in _FILE_NAMES:
            yield Path(folder) / name


@cache
def _read(path: Path) -> Font | None:
    try:
        font = ImageFont.truetype(path, 1000)
    except OSError:
        return None
    family, _ = font.getname()
    if not family or not _NAME.fullmatch(family):
        return None
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    return Font(path, family, sum(font.getmetrics()) / 1000, digest)
