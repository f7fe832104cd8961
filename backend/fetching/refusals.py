"""Why an address is not asked."""

from enum import StrEnum


class Refusal(StrEnum):
    """What is wrong with a target."""

    NO_URL = "no_url"
    NOT_HTTPS = "not_https"
    HAS_USER = "has_user"
    PORT = "port"
    ODD_HOST = "odd_host"
    NOT_PUBLIC = "not_public"


SENTENCES = {
    Refusal.NO_URL: ("This is no address.", "Write it like https://example.com/hooks."),
    Refusal.NOT_HTTPS: ("It is not https.", "Send an address that begins with https://."),
    Refusal.HAS_USER: ("It names a user.", "Leave out what stands before the @."),
    Refusal.PORT: ("This port is not for this.", "Use 443, or one from 1024 on."),
    Refusal.ODD_HOST: (
        "Its host is neither a name nor an address as they are usually written.",
        "Write a name such as hooks.example.com.",
    ),
    Refusal.NOT_PUBLIC: (
        "It leads to an address that is not public.",
        "Use one that can be reached from the internet.",
    ),
}


class TargetRefused(Exception):
    """The target is not asked; nothing was sent to it, and no connection was opened."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(" ".join(SENTENCES[refusal]))
        self.refusal = refusal
        self.message, self.fix = SENTENCES[refusal]
