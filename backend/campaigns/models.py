"""Tables of campaigns and of their rows."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from backend.campaigns.state import CampaignState
from backend.db import Base, EnumText, Id


class Campaign(Base):
    """A template and the list of people that it is made for.

    template_message_id: a draft of its own, in whose script `{{name}}` stands for a column; it
                         is changed like any other message while the campaign is a draft
    columns:  the list's headings, in order
    mapping:  what columns are used for, by their headings: name, email, kana, …
    imported: what was found out of the list: its encoding, delimiter, and what is odd about it
    checked_for: by which template and mapping the rows were judged
    version:  grows with every change of the campaign or of a row, for whoever watches it
    """

    __tablename__ = "campaigns"

    id: Mapped[Id]
    account_id: Mapped[str] = mapped_column(
        ForeignKey("accounts.id", ondelete="CASCADE"), index=True
    )
    template_message_id: Mapped[str] = mapped_column(String(40))
    name: Mapped[str] = mapped_column(String(200))
    state: Mapped[CampaignState] = mapped_column(EnumText(CampaignState, 12), index=True)
    columns: Mapped[list[str]] = mapped_column(JSON, default=list)
    mapping: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    imported: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    checked_for: Mapped[str] = mapped_column(String(50), default="")
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    started_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]


class CampaignRow(Base):
    """One person of the list, and the message that is made for them.

    Where it stands follows from `is_left_out`, `problems` and the message's own state.

    cells:      the list's cells as they were given, one for each column
    searched:   the same as they are looked for: folded, one below the other
    address:    the mail address as it is compared with others; None where there is none
    problems:   what is wrong with it, each {column, code, detail}; such a row is not made
    message_id: the message that is made of it, from the moment it is taken up
    share_id:   the person's own link
    is_sample:  among the first, which are made to be listened to
    is_wanted_again: what failed is to be made once more, in its turn
    """

    __tablename__ = "campaign_rows"

    id: Mapped[Id]
    campaign_id: Mapped[str] = mapped_column(ForeignKey("campaigns.id", ondelete="CASCADE"))
    position: Mapped[int]
    cells: Mapped[list[str]] = mapped_column(JSON, default=list)
    searched: Mapped[str] = mapped_column(Text, default="")
    address: Mapped[str | None] = mapped_column(String(254))
    problems: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    is_faulty: Mapped[bool] = mapped_column(default=False)
    is_left_out: Mapped[bool] = mapped_column(default=False)
    is_sample: Mapped[bool] = mapped_column(default=False)
    is_wanted_again: Mapped[bool] = mapped_column(default=False)
    message_id: Mapped[str | None] = mapped_column(String(40), unique=True)
    share_id: Mapped[str | None] = mapped_column(String(40), index=True)
    approved_at: Mapped[datetime | None]

    __table_args__ = (
        UniqueConstraint("campaign_id", "position"),
        Index("ix_campaign_rows_address", "campaign_id", "address"),
    )
