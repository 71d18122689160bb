"""Times as the office tells them: in the site's time zone, near ones short, lengths in minutes, hours, days (GEN-8)."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from babel.dates import format_date
from flask import Flask

from app.lib.clock import DAY, HOUR, MINUTE, now
from app.lib.pages import LOCALES, show_time, site_zone
from app.lib.words import language, t

DAY_FORMS = {"zh": "M月d日 EEE", "en": "EEE, d MMM"}


def day_of(at: int) -> date:
    """The site's calendar day of a moment."""
    return datetime.fromtimestamp(at / 1000, site_zone()).date()


def day_start(day: date) -> int:
    """The moment a calendar day begins on the site."""
    return int(datetime.combine(day, time(), site_zone()).timestamp() * 1000)


def day_span(day: date) -> tuple[int, int]:
    """[since, until) of a calendar day; 23 or 25 hours long where clocks are changed."""
    return day_start(day), day_start(day + timedelta(days=1))


def day_name(day: date) -> str:
    """`11月22日 周日`, `Sun, 22 Nov`."""
    return format_date(day, DAY_FORMS[language()], locale=LOCALES[language()])


def parse_day(text: str | None) -> date | None:
    """`2026-11-22` as typed into a date field, or None."""
    try:
        return date.fromisoformat(text or "")
    except ValueError:
        return None


def parse_local(text: str | None) -> int | None:
    """`2026-11-22T20:00` as a datetime field sends it, in site time; None when it is no time."""
    try:
        typed = datetime.fromisoformat(text or "")
    except ValueError:
        return None
    return int(typed.replace(tzinfo=site_zone()).timestamp() * 1000) if typed.tzinfo is None else None


def field_time(at: int) -> str:
    """A moment as a datetime field wants it."""
    return datetime.fromtimestamp(at / 1000, site_zone()).strftime("%Y-%m-%dT%H:%M")


def iso_time(at: int | None) -> str:
    """A moment for `<time datetime>`, with its offset."""
    return "" if at is None else datetime.fromtimestamp(at / 1000, site_zone()).isoformat(timespec="seconds")


def near_time(at: int | None, form: str = "HH:mm") -> str:
    """`17:30` today, else with its day: `昨天 17:30`, `11月22日 周日 17:30`."""
    if at is None:
        return ""
    return show_time(at, form) if day_of(at) == day_of(now()) else f"{near_day(at)} {show_time(at, form)}"


def near_day(at: int) -> str:
    """The day of a moment, near ones by their names."""
    return near_day_of(day_of(at))


def near_day_of(day: date) -> str:
    """`今天`, `明天`, `昨天`, else the day."""
    today = day_of(now())
    known = {0: "office.shell.today", 1: "office.shell.tomorrow", -1: "office.shell.yesterday"}
    key = known.get((day - today).days)
    return t(key) if key else day_name(day)


def full_time(at: int | None) -> str:
    """Date and time to the second, for records that are read a year later: `2026-11-22 17:30:12`."""
    return "" if at is None else datetime.fromtimestamp(at / 1000, site_zone()).strftime("%Y-%m-%d %H:%M:%S")


def span(ms: int) -> str:
    """A length: `24 分`, `2 小时 54 分`, `3 天`; rounded down to minutes, and never none."""
    ms = max(MINUTE, ms)
    if ms < HOUR:
        return t("floor.time.minutes", n=ms // MINUTE)
    if ms >= 2 * DAY:
        return t("floor.time.days", n=ms // DAY)
    hours, minutes = ms // HOUR, ms % HOUR // MINUTE
    return t("floor.time.hours_minutes", hours=hours, minutes=minutes) if minutes else t("floor.time.hours", n=hours)


def age(at: int) -> str:
    """How long ago, as a list of matters shows it: `刚刚`, `4 分`, `3 天`."""
    passed = now() - at
    return t("floor.time.just_now") if passed < MINUTE else span(passed)


def init_app(app: Flask) -> None:
    """Templates tell times with the same words."""
    told = (day_of, day_name, near_time, near_day, near_day_of, full_time, span, age, iso_time, field_time)
    app.jinja_env.globals.update({tell.__name__: tell for tell in told})
