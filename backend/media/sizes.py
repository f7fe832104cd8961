"""How large pictures are made, in pixels."""

CANVAS_PX = {"16:9": (1280, 720), "9:16": (720, 1280), "1:1": (720, 720)}
# The box that a recording is fitted into, standing or lying: H.264 level 4.1 takes no more.
_LONG_PX, _SHORT_PX = 1920, 1080


def fitted_size(width_px: int | None, height_px: int | None) -> tuple[int, int]:
    """Return the size a recording is shown in: in its own shape, never enlarged, even numbers."""
    width, height = width_px or 2, height_px or 2
    long_px, short_px = max(width, height), min(width, height)
    share = min(1.0, _LONG_PX / long_px, _SHORT_PX / short_px)
    return _even(width * share), _even(height * share)


def _even(length: float) -> int:
    return max(2, round(length / 2) * 2)
