"""What a key may be made for. A key opens what its scopes name, and nothing else."""

from enum import StrEnum


class Scope(StrEnum):
    """Leave to do one kind of thing; `…:write` does not include reading."""

    SPEECH = "speech"  # speak with one's voices, previews too
    VOICES = "voices"  # see them
    VOICES_WRITE = "voices:write"  # make, change and delete them
    MESSAGES_READ = "messages:read"  # messages, their files, words, themes and music
    MESSAGES_WRITE = "messages:write"  # make, change, render and delete messages and words
    UPLOADS = "uploads"  # send files, and see and delete what was sent
    SHARES_READ = "shares:read"  # links, mails, who watched, and replies
    SHARES_WRITE = "shares:write"  # make, change and revoke links; delete replies
    EMAILS = "emails"  # write to recipients
    WEBHOOKS_READ = "webhooks:read"  # see where events are sent, and the log
    WEBHOOKS_WRITE = "webhooks:write"  # make, change, test, replay and delete them
    CAMPAIGNS_READ = "campaigns:read"  # campaigns, their lists and results, unwanted addresses
    CAMPAIGNS_WRITE = "campaigns:write"  # make, change, run and delete campaigns


DEFAULT_SCOPES = (Scope.SPEECH, Scope.VOICES)
