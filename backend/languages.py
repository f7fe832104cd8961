"""The languages that the product speaks, by BCP-47 primary subtag."""

from backend.problems import Invalid

LANGUAGES = ("ja", "en", "zh", "ko", "es", "fr")


def primary_subtag(language: str) -> str:
    """Return `en` for `en-US`."""
    return language.split("-", 1)[0].lower()


def known_language(language: str) -> str:
    """Return the primary subtag of a language that is spoken here, or raise Invalid."""
    primary = primary_subtag(language)
    if primary not in LANGUAGES:
        raise Invalid.field(
            "language",
            "language_unknown",
            "This language is not spoken here.",
            f"Choose one of {', '.join(LANGUAGES)}.",
        )
    return primary
