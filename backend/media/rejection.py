"""What a media file is refused with."""

from backend.problems import FieldError, Problem


class MediaRejected(Problem):
    """A file that can't be used: names the field, what is wrong, and what would mend it."""

    status = 422
    title = "This file can't be used"

    def __init__(self, code: str, message: str, fix: str, field: str = "file") -> None:
        super().__init__(f"{message} {fix}", [FieldError(field, code, message, fix)])
        self.code = code

    def for_field(self, field: str) -> "MediaRejected":
        """Return the same problem, pointing at another field of the form."""
        error = self.errors[0]
        return MediaRejected(error.code, error.message, error.fix, field)
