"""Japan's public holidays, by the law as it stands since 2020 (祝日法), until 2099."""

from datetime import date, timedelta

MONDAY, SUNDAY = 0, 6
FIXED = {(1, 1), (2, 11), (2, 23), (4, 29), (5, 3), (5, 4), (5, 5), (8, 11), (11, 3), (11, 23)}
# (month, which Monday): Coming of Age, Marine, Respect for the Aged, Sports Day.
MONDAYS = {(1, 2), (7, 3), (9, 3), (10, 2)}


def is_holiday(day: date) -> bool:
    """Tell whether offices are closed for a holiday, its substitute or a day between two."""
    return _is_named(day) or _is_substitute(day) or _is_between(day)


def _is_named(day: date) -> bool:
    is_fixed = (day.month, day.day) in FIXED
    is_monday = day.weekday() == MONDAY and (day.month, (day.day + 6) // 7) in MONDAYS
    return is_fixed or is_monday or _is_equinox(day)


def _is_equinox(day: date) -> bool:
    """By the National Astronomical Observatory's approximation for 1980 to 2099."""
    passed = 0.242194 * (day.year - 1980) - (day.year - 1980) // 4
    spring, autumn = int(20.8431 + passed), int(23.2488 + passed)
    return (day.month, day.day) in {(3, spring), (9, autumn)}


def _is_substitute(day: date) -> bool:
    """The first day after a holiday on a Sunday that is none itself."""
    before = day - timedelta(days=1)
    while _is_named(before):
        if before.weekday() == SUNDAY:
            return True
        before -= timedelta(days=1)
    return False


def _is_between(day: date) -> bool:
    one = timedelta(days=1)
    return day.weekday() != SUNDAY and _is_named(day - one) and _is_named(day + one)
