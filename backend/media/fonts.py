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

# Never a letter (Unicode, section 23.7): what a font shows for it, it shows for all it lacks.
_NO_LETTER = "\uffff"
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


def missing_letters(font: Font, text: str) -> str:
    """Return the letters of `text` for which `font` has no shape, each once, in their order."""
    return "".join(letter for letter in dict.fromkeys(text) if not _has_shape(font.path, letter))


@cache
def _has_shape(path: Path, letter: str) -> bool:
    shape, unknown = (_shape(path, one) for one in (letter, _NO_LETTER))
    return letter.isspace() or shape != unknown


def _shape(path: Path, letter: str) -> bytes:
    return bytes(_at_small_size(path).getmask(letter))


@cache
def _at_small_size(path: Path) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(path, 24)


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
