"""Themes as files: ours, those that somebody adds, and those that say what they must not."""

import logging
from pathlib import Path

import pytest
from PIL import Image, ImageChops

from backend.media.ornaments import paint_ornament
from backend.themes.theme import ThemeUnreadable, all_themes, read_theme

OURS = list(all_themes(None).values())
GOOD = """name = { ja = "結婚", en = "Wedding" }
accent = "#ffffff"
shade = "#334455"
ornament = "hearts"
title = { ja = "結婚おめでとう", en = "Just married" }
music = "warm_keys"
"""


def written(folder: Path, text: str, name: str = "wedding") -> Path:
    file = folder / f"{name}.toml"
    file.write_text(text, encoding="utf-8")
    return file


def test_the_occasions_come_along() -> None:
    ids = {theme.id for theme in OURS}
    assert ids >= {"birthday", "thanks", "congratulations", "new_year", "farewell"}
    for theme in OURS:
        assert all((theme.title.ja, theme.title.en, theme.closing.ja, theme.closing.en))
        assert theme.music


def test_anyone_can_add_one_and_replace_ours(tmp_path: Path) -> None:
    written(tmp_path, GOOD)
    written(tmp_path, GOOD, "birthday")
    themes = all_themes(tmp_path)
    assert len(themes) == len(OURS) + 1
    assert themes["wedding"].title.ja == "結婚おめでとう"
    assert themes["birthday"].name.en == "Wedding"


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ('music = "../../etc/passwd"', "music"),
        ('music = "/etc/passwd"', "music"),
        ('music = "nobody_plays_this"', "there is no such music"),
        ('picture = "/etc/passwd"', "picture: Extra inputs"),
        ('accent = "red; drawtext=textfile=/etc/passwd"', "accent"),
        ('ornament = "fireworks"', "ornament"),
        ("name = 3", "name"),
        ("name = {", "birthday.toml"),
    ],
)
def test_what_a_theme_must_not_say_is_named(tmp_path: Path, line: str, says: str) -> None:
    field = line.partition(" ")[0]
    kept = [other for other in GOOD.splitlines() if not other.startswith(f"{field} ")]
    file = written(tmp_path, "\n".join([*kept, line]), "birthday")
    with pytest.raises(ThemeUnreadable, match=says) as refused:
        read_theme(file)
    assert str(refused.value).startswith("birthday.toml: ")


def test_one_that_cannot_be_read_leaves_the_others(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    written(tmp_path, "name = {")
    written(tmp_path, "x" * 20_000, "huge")
    written(tmp_path, "a=" + "[" * 16_000, "deep")
    with caplog.at_level(logging.WARNING):
        assert list(all_themes(tmp_path)) == [theme.id for theme in OURS]
    assert "wedding.toml" in caplog.text
    assert "deep.toml: it is nested too deep" in caplog.text
    assert "huge.toml: a theme has at most 16,384 bytes" in caplog.text


@pytest.mark.parametrize("size", [(640, 360), (360, 640), (400, 400)])
@pytest.mark.parametrize("theme", OURS, ids=lambda theme: theme.id)
def test_an_ornament_leaves_the_middle_to_the_words(theme, size: tuple[int, int]) -> None:
    plain = Image.new("RGB", size, theme.shade)
    painted = paint_ornament(plain, theme.palette)
    changed = ImageChops.difference(plain, painted)
    width, height = size
    middle = (width * 0.2, height * 0.32, width * 0.8, height * 0.68)
    assert changed.getbbox() is not None
    assert changed.crop(middle).getbbox() is None
    assert painted.tobytes() == paint_ornament(plain, theme.palette).tobytes()
