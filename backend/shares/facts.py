"""What the recipient's page is told of the message behind its link."""

from collections.abc import Collection
from dataclasses import dataclass

from backend.shares.access import Visit
from backend.shares.models import Share
from backend.shares.playable import is_made, phase_of
from backend.shares.schemas import (
    CallToActionBody,
    PlaybackState,
    ReactionList,
    SharedMessage,
)


@dataclass(frozen=True)
class Held:
    """What the message's present attempt has: the names of its files, and whether any are words."""

    names: Collection[str]
    has_words: bool


def playback_state(held: Held, visit: Visit, token: str) -> PlaybackState:
    """Return what can be played by now."""
    message = visit.message
    return PlaybackState(
        phase=phase_of(message),
        percent=message.percent,
        video_url=_url(held.names, visit, token, "video.mp4"),
        stream_url=f"/s/{token}/stream" if message.is_streamable else None,
        stream_type=message.stream_type if message.is_streamable else None,
        poster_url=_url(held.names, visit, token, "poster.jpg"),
        captions_url=_url(held.names, visit, token, "captions.vtt"),
        thumbnail_url=_url(held.names, visit, token, "thumbnail.gif"),
        waveform_url=_url(held.names, visit, token, "waveform.json"),
        has_words=held.has_words and may_save(visit),
        duration_s=message.duration_s,
    )


def shared_message(
    held: Held, visit: Visit, token: str, given: ReactionList, *, is_embed: bool
) -> SharedMessage:
    """Return all that the page shows."""
    message, share = visit.message, visit.share
    return SharedMessage(
        **playback_state(held, visit, token).model_dump(),
        title=message.title,
        sender_name=visit.sender.name,
        aspect=message.aspect,
        width_px=message.width_px,
        height_px=message.height_px,
        language=message.language,
        credit=message.credit,
        synthetic=message.is_synthetic,
        allow_download=may_save(visit),
        allow_reactions=share.allow_reactions,
        allow_replies=share.allow_replies,
        cta=call_to_action(share),
        needs_admission=visit.needs_admission,
        expires_at=share.expires_at,
        reactions=given.reactions,
        own_reactions=given.own_reactions,
        is_sender=visit.is_sender,
        is_embed=is_embed,
    )


def may_save(visit: Visit) -> bool:
    """Return whether the visitor may keep what is played."""
    return visit.share.allow_download or visit.is_sender


def _url(held: Collection[str], visit: Visit, token: str, name: str) -> str | None:
    """Return the address of a finished file, once it is there."""
    return f"/s/{token}/{name}" if name in held and is_made(visit.message, name) else None


def call_to_action(share: Share) -> CallToActionBody | None:
    """Return the button below the video, where the sender set one."""
    if share.cta_label is None or share.cta_url is None:
        return None
    return CallToActionBody(label=share.cta_label, url=share.cta_url)
