"""Mails as a mail program reads them: their parts, their names, and nothing smuggled in."""

from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.header import decode_header, make_header
from email.message import EmailMessage
from email.utils import parseaddr
from typing import Any

import pytest

from backend.mail.letters import (
    Envelope,
    FirstView,
    Invitation,
    Picture,
    build_first_view,
    build_invitation,
)

URL = "https://video.example/s/token?a=1&b=2"
GIF = Picture(b"GIF89a and so on", "gif")


def envelope(**more: Any) -> Envelope:
    return Envelope(
        **{
            "name": "eml_1",
            "mail_from": "post@video.example",
            "sender": "山田 花子",
            "address": "taro@example.jp",
            "recipient": "鈴木 太郎",
            "reply_to": "hanako@example.com",
            "date": datetime(2026, 11, 24, 12, tzinfo=UTC),
            **more,
        }
    )


def invitation(**more: Any) -> Invitation:
    fields: dict[str, Any] = {
        "language": "ja",
        "subject": None,
        "title": "",
        "note": "",
        "url": URL,
        "is_locked": False,
        "is_synthetic": False,
    }
    return Invitation(**fields | more)


@pytest.mark.parametrize("scheme", ["https", "http"])
def test_a_mail_to_many_can_be_ended(scheme: str) -> None:
    url = f"{scheme}://video.example/s/unsubscribe/{'Ab0_-' * 30}"
    mail = as_read(build_invitation(envelope(), invitation(unsubscribe_url=url), None))
    assert mail["List-Unsubscribe"] == f"<{url}>"
    one_click = "List-Unsubscribe=One-Click" if scheme == "https" else None
    assert mail["List-Unsubscribe-Post"] == one_click
    for kind in ("plain", "html"):
        body = mail.get_body((kind,))
        assert isinstance(body, EmailMessage)
        assert url in body.get_content()


def test_a_mail_to_one_cannot() -> None:
    mail = as_read(build_invitation(envelope(), invitation(), None))
    assert mail["List-Unsubscribe"] is None


def as_read(mail: EmailMessage) -> EmailMessage:
    """Return the mail after its way: as bytes, in ASCII, no line longer than servers take."""
    sent = mail.as_bytes()
    assert sent.isascii()
    assert max(len(line) for line in sent.split(b"\r\n")) <= 998
    read = message_from_bytes(sent, policy=policy.default)
    assert isinstance(read, EmailMessage)
    assert read.defects == []
    return read


def body_of(mail: EmailMessage, kind: str) -> str:
    part = mail.get_body((kind,))
    assert part is not None
    return part.get_content()


def test_an_invitation_has_text_and_html_with_the_picture_in_it() -> None:
    mail = as_read(build_invitation(envelope(), invitation(note="見てね。\n<b>&"), GIF))
    assert mail["Subject"] == "山田 花子さんからビデオメッセージが届きました"
    (sender,), (recipient,) = mail["From"].addresses, mail["To"].addresses
    assert (sender.display_name, sender.addr_spec) == (
        "山田 花子 via Video Message", "post@video.example",
    )  # fmt: skip
    assert (recipient.display_name, recipient.addr_spec) == ("鈴木 太郎", "taro@example.jp")
    assert mail["Reply-To"].addresses[0].addr_spec == "hanako@example.com"
    assert mail["Message-ID"] == "<eml_1@video.example>"
    assert "Auto-Submitted" not in mail
    assert mail.get_content_type() == "multipart/alternative"
    text, related = mail.iter_parts()
    assert (text.get_content_type(), related.get_content_type()) == (
        "text/plain", "multipart/related",
    )  # fmt: skip
    html, picture = related.iter_parts()
    assert (html.get_content_type(), picture.get_content_type()) == ("text/html", "image/gif")
    assert picture.get_content() == GIF.content
    assert picture.get_content_disposition() == "inline"
    words = text.get_content().replace("\r\n", "\n")
    assert "鈴木 太郎様" in words
    assert "見てね。\n<b>&" in words
    assert f"\n{URL}\n" in words
    written = html.get_content()
    assert "見てね。<br>&lt;b&gt;&amp;" in written
    assert f'src="cid:{picture["Content-ID"].strip("<>")}"' in written
    assert URL.replace("&", "&amp;") in written
    assert 'alt="山田 花子さんのビデオメッセージの動くプレビュー"' in written


def test_an_invitation_without_a_picture_or_a_name() -> None:
    mail = build_invitation(
        envelope(recipient=None, reply_to=None), invitation(language="en"), None
    )
    read = as_read(mail)
    assert [part.get_content_type() for part in read.iter_parts()] == ["text/plain", "text/html"]
    assert "Reply-To" not in read
    assert "Hello" not in body_of(read, "plain")
    assert "cid:" not in body_of(read, "html")


@pytest.mark.parametrize(("is_locked", "is_synthetic"), [(False, True), (True, False)])
def test_the_small_print_tells_what_holds(is_locked: bool, is_synthetic: bool) -> None:
    mail = build_invitation(
        envelope(),
        invitation(language="en", is_locked=is_locked, is_synthetic=is_synthetic),
        None,
    )
    for kind in ("plain", "html"):
        words = body_of(as_read(mail), kind)
        assert ("asks for a password" in words) is is_locked
        assert ("is synthetic" in words) is is_synthetic


@pytest.mark.parametrize(
    "name", ["寿限無" * 33, 'a "quoted" \\ name, with; <marks>@x', "👨‍👩‍👧‍👦 家族"]
)
def test_odd_and_long_names_arrive_as_they_are(name: str) -> None:
    mail = build_invitation(envelope(recipient=name), invitation(subject=f"Für {name}"), None)
    assert as_read(mail)["Subject"] == f"Für {name}"
    # Python's newer parser leaves the blanks between two encoded words in, against RFC 2047, 6.2.
    written, address = parseaddr(message_from_bytes(mail.as_bytes())["To"])
    assert (str(make_header(decode_header(written))), address) == (name, "taro@example.jp")


@pytest.mark.parametrize("place", ["recipient", "sender", "address", "reply_to", "subject"])
def test_no_line_break_reaches_a_header(place: str) -> None:
    """Bodies are checked long before; this is the last wall."""
    evil = "x@example.com\r\nBcc: all@example.com"
    letter = invitation(subject=evil) if place == "subject" else invitation()
    with pytest.raises(ValueError, match=r"(?i)CR|LF|linefeed|addr|invalid"):
        build_invitation(envelope(**{place: evil} if place != "subject" else {}), letter, None)


def test_the_first_view_is_told_by_a_machine() -> None:
    view = FirstView(language="en", title="Happy <birthday>", label="Tom", url=URL)
    mail = as_read(build_first_view(envelope(sender="Video Message", reply_to=None), view))
    assert mail["Subject"] == "“Happy <birthday>” has been watched for the first time"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert "the link for Tom" in body_of(mail, "plain")
    assert URL in body_of(mail, "plain")
    assert "Happy &lt;birthday&gt;" in body_of(mail, "html")
