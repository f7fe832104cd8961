"""Links as QR codes."""

import io

import segno

# The light frame that readers need. source: ISO/IEC 18004, 4 modules
_BORDER = 4
_MODULE_PX = 6


def draw_qr_code(url: str) -> bytes:
    """Return `url` as an SVG, black on white in light and dark mode alike: readers need that."""
    picture = io.BytesIO()
    segno.make_qr(url, error="m").save(
        picture,
        kind="svg",
        border=_BORDER,
        scale=_MODULE_PX,
        dark="#000000",
        light="#ffffff",
        svgns=True,
        xmldecl=False,
    )
    return picture.getvalue()
