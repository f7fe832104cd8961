"""The recipient's page: the built share.html with this message's facts written into it."""

import re
from dataclasses import dataclass
from html import escape
from pathlib import Path
from urllib.parse import quote

from backend.problems import NotFound
from backend.shares.schemas import ClosedLink, OEmbed, SharedMessage

HEAD, FACTS = "<!--share:head-->", "<!--share:json-->"
# Sizes of the poster by aspect, which link previews want to know beforehand.
POSTER_PX = {"16:9": (1280, 720), "9:16": (720, 1280), "1:1": (720, 720)}
_SECURITY_HEADERS = {
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex",
    "Cache-Control": "private, no-store",
}
# For the files behind a link: no search engine keeps them, no page learns where they lie.
FILE_SECURITY_HEADERS = {"Referrer-Policy": "no-referrer", "X-Robots-Tag": "noindex"}
_EMBED_LONG_PX = 640
_OEMBED_CACHE_S = 300
_PAGE_PATH = re.compile(r"/s/([A-Za-z0-9_-]{1,80})(?:/embed)?/?(?:[?#].*)?")
_NO_NAME = "<title>Video Message</title>"
_UNBUILT = (
    '<!doctype html><html lang="en"><meta charset="utf-8">'
    "<!--share:head--><p>The page is not built yet: run <code>make run</code>.</p><!--share:json-->"
)


def security_headers(put_origin: str | None, *, is_embed: bool) -> dict[str, str]:
    """Return what the page may do, and who may show it.

    put_origin: where a recorded reply goes when it does not come to us
    is_embed:   the same page inside of other people's pages
    """
    sends_to = f"'self' {put_origin}" if put_origin else "'self'"
    shown_in = "*" if is_embed else "'none'"
    policy = (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
        f"media-src 'self' blob:; connect-src {sends_to}; font-src 'self'; base-uri 'none'; "
        f"form-action 'none'; frame-ancestors {shown_in}"
    )
    return _SECURITY_HEADERS | {"Content-Security-Policy": policy}


@dataclass(frozen=True)
class PublicAddress:
    """Where a link is reached from outside.

    is_listed: whether other pages may show the video, so that they are told how
    """

    public_url: str
    token: str
    is_listed: bool

    @property
    def page(self) -> str:
        """The link itself."""
        return f"{self.public_url}/s/{self.token}"

    @property
    def embed(self) -> str:
        """The page for an iframe."""
        return f"{self.page}/embed"

    @property
    def oembed(self) -> str:
        """Where a page that was given the link learns how to embed it."""
        return f"{self.public_url}/oembed?url={quote(self.page, safe='')}&format=json"


Facts = SharedMessage | ClosedLink


def render_page(dist: Path, facts: Facts | None, address: PublicAddress) -> str:
    """Return the page for a message, or for a link that shows nothing, or leads nowhere (None)."""
    built = dist / "share.html"
    template = built.read_text(encoding="utf-8") if built.exists() else _UNBUILT
    head = _head(facts, address) if isinstance(facts, SharedMessage) else _NO_NAME
    return template.replace(HEAD, head).replace(FACTS, _facts(facts) if facts else "")


def _facts(facts: Facts) -> str:
    # "<" as an escape: no text can end the script element.
    written = facts.model_dump_json().replace("<", "\\u003c")
    told = f'<script type="application/json" id="share">{written}</script>'
    return f"{told}\n    {_begun_video(facts)}" if isinstance(facts, SharedMessage) else told


def _begun_video(facts: SharedMessage) -> str:
    """Return the stream of a message in the making, which loads while the script is on its way.

    A finished message shows its poster first, and a limited link gives its files to whom it counts.
    """
    if facts.poster_url or facts.video_url or not facts.stream_url or facts.needs_admission:
        return ""
    stream = escape(facts.stream_url, quote=True)
    return f'<video data-begun hidden playsinline preload="metadata" src="{stream}"></video>'


def page_title(facts: SharedMessage) -> str:
    """Return what a preview is headed with."""
    return f"{facts.title} · {facts.sender_name}" if facts.title else facts.sender_name


def _head(facts: SharedMessage, address: PublicAddress) -> str:
    title = escape(page_title(facts), quote=True)
    tags = [f"<title>{title}</title>", f'<link rel="canonical" href="{escape(address.page)}" />']
    if facts.poster_url is not None:
        # The largest thing on the page: fetched before the script that shows it has arrived.
        poster = escape(facts.poster_url, quote=True)
        tags.append(f'<link rel="preload" as="image" href="{poster}" fetchpriority="high" />')
    if address.is_listed:
        tags.append(
            f'<link rel="alternate" type="application/json+oembed" title="{title}"'
            f' href="{escape(address.oembed, quote=True)}" />'
        )
    properties = [*_open_graph(facts, address), *_video_tags(facts, address)]
    tags += [f'<meta property="{n}" content="{escape(v, quote=True)}" />' for n, v in properties]
    cards = _twitter_card(facts, address)
    tags += [f'<meta name="{n}" content="{escape(v, quote=True)}" />' for n, v in cards]
    return "\n    ".join(tags)


def video_size(facts: SharedMessage) -> tuple[int, int]:
    """Return (width, height) in px of the video and its poster."""
    if facts.width_px is not None and facts.height_px is not None:
        return facts.width_px, facts.height_px
    return POSTER_PX[facts.aspect]


Tags = list[tuple[str, str]]


def _open_graph(facts: SharedMessage, address: PublicAddress) -> Tags:
    """Return https://ogp.me; the poster first, since many readers take the first picture."""
    tags = [
        ("og:type", "video.other"),
        ("og:site_name", "Video Message"),
        ("og:title", page_title(facts)),
        ("og:url", address.page),
    ]
    if facts.poster_url is not None:
        tags += _picture(facts, address.public_url + facts.poster_url, "image/jpeg")
    if facts.thumbnail_url is not None:
        tags += [
            ("og:image", address.public_url + facts.thumbnail_url),
            ("og:image:type", "image/gif"),
        ]
    return tags


def _picture(facts: SharedMessage, url: str, media_type: str) -> Tags:
    width_px, height_px = video_size(facts)
    return [
        ("og:image", url),
        ("og:image:type", media_type),
        ("og:image:width", str(width_px)),
        ("og:image:height", str(height_px)),
        ("og:image:alt", page_title(facts)),
    ]


def _video_tags(facts: SharedMessage, address: PublicAddress) -> Tags:
    if facts.video_url is None or not address.is_listed:
        return []
    width_px, height_px = video_size(facts)
    video = address.public_url + facts.video_url
    secure = [("og:video:secure_url", video)] if video.startswith("https:") else []
    return [
        ("og:video", video),
        *secure,
        ("og:video:type", "video/mp4"),
        ("og:video:width", str(width_px)),
        ("og:video:height", str(height_px)),
    ]


def _twitter_card(facts: SharedMessage, address: PublicAddress) -> Tags:
    tags = [("twitter:title", page_title(facts))]
    if facts.poster_url is not None:
        tags.append(("twitter:image", address.public_url + facts.poster_url))
    if not address.is_listed:
        return [("twitter:card", "summary_large_image"), *tags]
    width_px, height_px = embed_size(facts, None, None)
    return [
        ("twitter:card", "player"),
        *tags,
        ("twitter:player", address.embed),
        ("twitter:player:width", str(width_px)),
        ("twitter:player:height", str(height_px)),
    ]


# --- oEmbed ---------------------------------------------------------------------------------


def token_of(url: str, public_url: str) -> str:
    """Return the token in the address of a page of ours, or raise NotFound."""
    found = _PAGE_PATH.fullmatch(url.removeprefix(public_url))
    if found is None or not url.startswith(f"{public_url}/"):
        raise NotFound.named("url", "This is no link of ours.")
    return found[1]


def embed_size(
    facts: SharedMessage, max_width_px: int | None, max_height_px: int | None
) -> tuple[int, int]:
    """Return (width, height) in px of a frame for the video within what the page has room for."""
    width_px, height_px = video_size(facts)
    scale = _EMBED_LONG_PX / max(width_px, height_px)
    if max_width_px is not None:
        scale = min(scale, max_width_px / width_px)
    if max_height_px is not None:
        scale = min(scale, max_height_px / height_px)
    return max(1, int(width_px * scale)), max(1, int(height_px * scale))


def oembed(
    facts: SharedMessage,
    address: PublicAddress,
    max_width_px: int | None,
    max_height_px: int | None,
) -> OEmbed:
    """Return how another page may show the message."""
    width_px, height_px = embed_size(facts, max_width_px, max_height_px)
    title = page_title(facts)
    frame = (
        f'<iframe src="{escape(address.embed, quote=True)}" width="{width_px}" '
        f'height="{height_px}" title="{escape(title, quote=True)}" loading="lazy" '
        'allow="fullscreen; picture-in-picture" allowfullscreen></iframe>'
    )
    answer = OEmbed(
        title=title,
        author_name=facts.sender_name,
        provider_name="Video Message",
        provider_url=address.public_url,
        cache_age=_OEMBED_CACHE_S,
        html=frame,
        width=width_px,
        height=height_px,
    )
    if facts.poster_url is not None:
        answer.thumbnail_url = address.public_url + facts.poster_url
        answer.thumbnail_width, answer.thumbnail_height = video_size(facts)
    return answer
