"""Why a link does not show its message, or not take what a recipient sends."""

from backend.problems import Conflict, FieldError, Forbidden, Problem, Unauthorized


class PasswordNeeded(Forbidden):
    """403: the link asks for a password first."""

    code = "password_needed"
    title = "This link needs a password"


class PasswordWrong(Forbidden):
    """403: not this link's password."""

    code = "password_wrong"
    title = "The password is wrong"

    @classmethod
    def told(cls) -> "PasswordWrong":
        """Return it for the field it was typed in."""
        fix = "Check it and try again."
        return cls(fix, [FieldError("password", cls.code, f"{cls.title}.", fix)])


class AdmissionNeeded(Forbidden):
    """403: the link counts whom it lets in, and this browser was not let in yet."""

    code = "admission_needed"
    title = "Ask to be let in first"


class SwitchedOff(Forbidden):
    """403: the sender did not allow this on this link."""

    title = "Switched off by the sender"

    @classmethod
    def named(cls, what: str) -> "SwitchedOff":
        """Return it for `download`, `reactions` or `replies`."""
        problem = cls(f"The sender allows no {what} on this link.")
        problem.code = f"{what}_off"
        return problem


class EmbedOff(Forbidden):
    """403: only a link that is open to everybody can stand in another page."""

    code = "embed_off"
    title = "This link cannot be embedded"


class PrivateLink(Unauthorized):
    """401: what oEmbed answers where a page may not show the video."""

    code = "link_private"
    title = "This link is not open to everybody"


class FormatUnknown(Problem):
    """501: an oEmbed format that is not spoken here."""

    status = 501
    code = "format_unknown"
    title = "Only JSON is spoken here"


class LinkExpired(Problem):
    """410: past the day that the sender set."""

    status = 410
    code = "link_expired"
    title = "This link has expired"


class ViewsSpent(Problem):
    """410: as many have watched as the sender allows."""

    status = 410
    code = "views_spent"
    title = "This link has been watched as often as it may be"


class OwnMessage(Conflict):
    """409: the sender's own browser; what it does here is not counted."""

    code = "own_message"
    title = "This is your own message"
