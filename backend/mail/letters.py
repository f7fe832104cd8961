"""From what a mail says to the mail itself: headers, plain text, HTML and the moving picture."""

from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from html import escape

from backend.mail.texts import Words, words_in

# Bodies as base64 or quoted-printable: a server on the way may not know 8BITMIME.
POLICY = SMTP.clone(cte_type="7bit")
_FONT = "font-family:system-ui,'Hiragino Sans','Noto Sans JP',sans-serif;line-height:1.6"
_BUTTON = (
    "display:inline-block;padding:12px 24px;border-radius:12px;background:#a3402a;"
    "color:#ffffff;font-weight:600;text-decoration:none"
)
_SMALL = "color:#655a53;font-size:14px"


@dataclass(frozen=True)
class Envelope:
    """From where to where. `name` is repeated for every try: whoever gets two knows it by that.

    mail_from: the address of this installation; replies go to `reply_to`
    """

    name: str
    mail_from: str
    sender: str
    address: str
    recipient: str | None
    reply_to: str | None
    date: datetime

    @property
    def domain(self) -> str:
        """Under which the mail has its name."""
        return self.mail_from.rpartition("@")[2]


@dataclass(frozen=True)
class Picture:
    """What moves (or, where it is the poster, does not) in the mail."""

    content: bytes
    subtype: str  # gif, jpeg


@dataclass(frozen=True)
class Invitation:
    """Somebody is asked to watch a message.

    unsubscribe_url: of a mail that went to many; whoever opens it can say that it was the last
    """

    language: str
    subject: str | None
    title: str
    note: str
    url: str
    is_locked: bool
    is_synthetic: bool
    unsubscribe_url: str | None = None


@dataclass(frozen=True)
class FirstView:
    """The sender is told that somebody has watched."""

    language: str
    title: str
    label: str | None
    url: str


def default_subject(language: str, sender: str) -> str:
    """Return the subject of an invitation that was given none."""
    return words_in(language).subject.format(sender=sender)


def build_invitation(
    envelope: Envelope, invitation: Invitation, picture: Picture | None
) -> EmailMessage:
    """Return the mail to a recipient: text, and the same as HTML with the picture in it."""
    words = words_in(invitation.language)
    subject = invitation.subject or default_subject(invitation.language, envelope.sender)
    mail = _addressed(envelope, subject, invitation.language)
    _let_unsubscribe(mail, invitation.unsubscribe_url)
    paragraphs = _paragraphs(envelope, invitation, words)
    small = _small_print(envelope, invitation, words)
    end = invitation.unsubscribe_url
    last = [f"{words.unsubscribe}:\n{end}"] if end else []
    mail.set_content(_as_text([*paragraphs, f"{words.watch}:\n{invitation.url}", *small, *last]))
    cid = f"thumbnail.{envelope.name}@{envelope.domain}"
    shown = _picture_html(envelope, invitation, words, cid) if picture else ""
    body = _texts(paragraphs) + shown + _button(words.watch, invitation.url) + _texts(small, _SMALL)
    body += _small_link(words.unsubscribe, end) if end else ""
    mail.add_alternative(_page(invitation.language, subject, body), subtype="html")
    if picture is not None:
        _add_picture(mail, picture, cid)
    return mail


def build_first_view(envelope: Envelope, view: FirstView) -> EmailMessage:
    """Return the mail that tells the sender of the first view."""
    words = words_in(view.language)
    title = view.title or words.untitled
    mail = _addressed(envelope, words.viewed_subject.format(title=title), view.language)
    # source: RFC 3834: no out-of-office note answers this
    mail["Auto-Submitted"] = "auto-generated"
    paragraphs = [words.viewed.format(title=title)]
    if view.label:
        paragraphs.append(words.viewed_by.format(label=view.label))
    mail.set_content(_as_text([*paragraphs, f"{words.see_audience}:\n{view.url}", words.switch]))
    body = _texts(paragraphs) + _button(words.see_audience, view.url)
    body += _texts([words.switch], _SMALL)
    mail.add_alternative(_page(view.language, title, body), subtype="html")
    return mail


# --- headers --------------------------------------------------------------------------------


def _addressed(envelope: Envelope, subject: str, language: str) -> EmailMessage:
    mail = EmailMessage(policy=POLICY)
    via = f"{envelope.sender} via Video Message"
    mail["From"] = Address(via, addr_spec=envelope.mail_from)
    mail["To"] = Address(envelope.recipient or "", addr_spec=envelope.address)
    if envelope.reply_to is not None:
        mail["Reply-To"] = Address(envelope.sender, addr_spec=envelope.reply_to)
    mail["Subject"] = subject
    mail["Date"] = envelope.date
    mail["Message-ID"] = f"<{envelope.name}@{envelope.domain}>"
    mail["Content-Language"] = language
    return mail


def _let_unsubscribe(mail: EmailMessage, url: str | None) -> None:
    """Let mail programs offer to end it. By one click only where that is asked for over TLS.

    source: RFC 2369, section 3.2; RFC 8058, section 3.1
    """
    if url is None:
        return
    mail["List-Unsubscribe"] = f"<{url}>"
    if url.startswith("https://"):
        mail["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"


# --- text -----------------------------------------------------------------------------------


def _paragraphs(envelope: Envelope, invitation: Invitation, words: Words) -> list[str]:
    greeting = words.greeting.format(name=envelope.recipient) if envelope.recipient else ""
    lead = words.lead.format(sender=envelope.sender)
    return [text for text in (greeting, lead, invitation.note.strip()) if text]


def _small_print(envelope: Envelope, invitation: Invitation, words: Words) -> list[str]:
    lines = [words.locked] if invitation.is_locked else []
    lines += [words.synthetic] if invitation.is_synthetic else []
    return [line.format(sender=envelope.sender) for line in [*lines, words.personal]]


def _as_text(paragraphs: list[str]) -> str:
    return "\n\n".join(paragraphs) + "\n"


# --- HTML -----------------------------------------------------------------------------------


def _page(language: str, title: str, body: str) -> str:
    return (
        f'<!doctype html><html lang="{language}"><head><meta charset="utf-8">'
        f"<title>{escape(title)}</title></head>"
        f'<body style="margin:0;padding:24px;background:#ffffff;color:#2a2320;{_FONT}">'
        f'<div style="max-width:480px;margin:0 auto">{body}</div></body></html>\n'
    )


def _texts(paragraphs: list[str], style: str = "") -> str:
    return "".join(
        f'<p style="margin:0 0 16px;{style}">{escape(text).replace(chr(10), "<br>")}</p>'
        for text in paragraphs
    )


def _button(words: str, url: str) -> str:
    link = f'<a href="{escape(url)}" style="{_BUTTON}">{escape(words)}</a>'
    return f'<p style="margin:0 0 16px">{link}</p>'


def _small_link(words: str, url: str) -> str:
    link = f'<a href="{escape(url)}" style="color:#655a53">{escape(words)}</a>'
    return f'<p style="margin:0 0 16px;{_SMALL}">{link}</p>'


def _picture_html(envelope: Envelope, invitation: Invitation, words: Words, cid: str) -> str:
    alt = escape(words.thumbnail.format(sender=envelope.sender))
    style = "display:block;max-width:100%;height:auto;border:0;border-radius:12px"
    picture = f'<img src="cid:{escape(cid)}" alt="{alt}" width="320" style="{style}">'
    return f'<p style="margin:0 0 16px"><a href="{escape(invitation.url)}">{picture}</a></p>'


def _add_picture(mail: EmailMessage, picture: Picture, cid: str) -> None:
    html = mail.get_body(("html",))
    assert isinstance(html, EmailMessage)  # noqa: S101 - added just before
    html.add_related(
        picture.content,
        "image",
        picture.subtype,
        cid=f"<{cid}>",
        filename=f"thumbnail.{picture.subtype}",
        disposition="inline",
    )
