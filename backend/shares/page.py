"""The recipient's page: the built share.html with this message's facts written into it."""

from html import escape
from pathlib import Path

from backend.shares.schemas import SharedMessage

HEAD, FACTS = "<!--share:head-->", "<!--share:json-->"
# Sizes of the poster by aspect, which link previews want to know beforehand.
POSTER_PX = {"16:9": (1280, 720), "9:16": (720, 1280), "1:1": (720, 720)}
SECURITY_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
        "media-src 'self'; connect-src 'self'; font-src 'self'; base-uri 'none'; "
        "form-action 'none'; frame-ancestors 'none'"
    ),
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex",
    "Cache-Control": "private, no-store",
}
# For the files behind a link: no search engine keeps them, no page learns where they lie.
FILE_SECURITY_HEADERS = {"Referrer-Policy": "no-referrer", "X-Robots-Tag": "noindex"}
_UNBUILT = (
    '<!doctype html><html lang="en"><meta charset="utf-8">'
    "<!--share:head--><p>The page is not built yet: run <code>make run</code>.</p><!--share:json-->"
)


def render_page(dist: Path, facts: SharedMessage | None, public_url: str) -> str:
    """Return the page for a message, or for a link that leads nowhere (`facts` None)."""
    built = dist / "share.html"
    template = built.read_text(encoding="utf-8") if built.exists() else _UNBUILT
    head = _open_graph(facts, public_url) if facts else "<title>Video Message</title>"
    return template.replace(HEAD, head).replace(FACTS, _facts(facts) if facts else "")


def _facts(facts: SharedMessage) -> str:
    # "<" as an escape: no text can end the script element.
    written = facts.model_dump_json().replace("<", "\\u003c")
    return f'<script type="application/json" id="share">{written}</script>'


def _open_graph(facts: SharedMessage, public_url: str) -> str:
    width_px, height_px = POSTER_PX[facts.aspect]
    title = f"{facts.title} · {facts.sender_name}" if facts.title else facts.sender_name
    properties = {
        "og:type": "video.other",
        "og:title": title,
        "og:image": public_url + facts.poster_url,
        "og:image:width": str(width_px),
        "og:image:height": str(height_px),
        "og:video": public_url + facts.video_url,
        "og:video:type": "video/mp4",
    }
    tags = [
        f'<meta property="{name}" content="{escape(value, quote=True)}" />'
        for name, value in properties.items()
    ]
    return "\n    ".join([f"<title>{escape(title)}</title>", *tags])
