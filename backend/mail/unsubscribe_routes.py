"""`/s/unsubscribe/{token}`: the last word of whoever gets a campaign's mails.

To look does nothing: what guards mailboxes follows every link. A mail program posts by itself when
its owner presses the button beside the mail (RFC 8058), and is asked for nothing else.
"""

from html import escape
from typing import Annotated

from fastapi import APIRouter, Header
from fastapi.responses import HTMLResponse

from backend.bodies import on_one_line
from backend.dependencies import Collaborators, CollaboratorsDep
from backend.description import TOLD_AS_A_PAGE
from backend.mail.suppressions import UNSUBSCRIBED, Unwilling, sender_of, suppress
from backend.mail.texts import Words, words_in
from backend.problems import NotFound
from backend.shares.small_bodies import SmallBodyRoute

unsubscribe_router = APIRouter(
    prefix="/s/unsubscribe", tags=["suppressions"], route_class=SmallBodyRoute
)
Languages = Annotated[str, Header(alias="accept-language")]
_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; "
        "frame-ancestors 'none'; base-uri 'none'"
    ),
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex",
    "Cache-Control": "no-store",
}
_STYLE = (
    ":root{color-scheme:light dark}body{font-family:system-ui,'Hiragino Sans','Noto Sans JP',"
    "sans-serif;line-height:1.7;margin:0;padding:24px}main{max-width:30rem;margin:10vh auto}"
    "button{font:inherit;font-weight:600;padding:12px 24px;border:0;border-radius:12px;"
    "background:#a3402a;color:#fff;cursor:pointer}"
)


@unsubscribe_router.get("/{token}", response_class=HTMLResponse, responses=TOLD_AS_A_PAGE)
def open_unsubscribing(
    token: str, app: CollaboratorsDep, languages: Languages = ""
) -> HTMLResponse:
    """Ask whether these were the last mails of a sender."""
    words = _words(languages)
    try:
        with app.readers() as session:
            sender = sender_of(session, _unwilling(token, app)).name
    except NotFound:
        return _page(words, words.unsubscribe_gone, status=404)
    return _page(words, words.unsubscribe_text.format(sender=on_one_line(sender)), has_button=True)


@unsubscribe_router.post("/{token}", response_class=HTMLResponse, responses=TOLD_AS_A_PAGE)
def unsubscribe(token: str, app: CollaboratorsDep, languages: Languages = "") -> HTMLResponse:
    """Let these have been the last; again it changes nothing."""
    words = _words(languages)
    try:
        with app.sessions.begin() as session:
            who = _unwilling(token, app)
            sender = sender_of(session, who).name
            suppress(session, who, UNSUBSCRIBED)
    except NotFound:
        return _page(words, words.unsubscribe_gone, status=404)
    return _page(words, words.unsubscribed.format(sender=on_one_line(sender)))


def _unwilling(token: str, app: Collaborators) -> Unwilling:
    return Unwilling.named_by(token, app.settings.signing_secret)


def _words(languages: str) -> Words:
    wished = [part.strip()[:2].lower() for part in languages.split(",")]
    return words_in(next((one for one in wished if one in ("ja", "en")), "ja"))


def _page(words: Words, text: str, *, status: int = 200, has_button: bool = False) -> HTMLResponse:
    title, button = escape(words.unsubscribe_title), escape(words.unsubscribe_button)
    form = f'<form method="post"><button>{button}</button></form>' if has_button else ""
    heading = f"<h1>{title}</h1>" if has_button else ""
    html = (
        f'<!doctype html><meta charset="utf-8"><title>{title}</title>'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<style>{_STYLE}</style><main>{heading}<p>{escape(text)}</p>{form}</main>\n"
    )
    return HTMLResponse(html, status, headers=_HEADERS)
