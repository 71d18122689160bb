"""Names of buckets: streams of records with one audience and one gap-free revision (sync.md §1)."""

from __future__ import annotations

from functools import lru_cache

from app.lib.ids import Id

ORG = "org"


def org() -> str:
    """Catalogue, handbook, templates, names: every device."""
    return ORG


@lru_cache(maxsize=100)
def site(site_id: Id) -> str:
    """Lists and answers, shows, cases: everybody on the site."""
    return f"site:{site_id}"


def book(site_id: Id) -> str:
    """Balances and the movements of others: nobody who is to count blind (STK-3)."""
    return f"site:{site_id}:book"


def lead(site_id: Id) -> str:
    """Contested answers and exceptions: those who decide."""
    return f"site:{site_id}:lead"


def safety(site_id: Id) -> str:
    """Emergency playbooks and numbers: the device itself, with nobody signed in."""
    return f"site:{site_id}:safety"


def show(show_id: Id) -> str:
    """What is restricted to a show's crew."""
    return f"show:{show_id}"


def person(person_id: Id) -> str:
    """One person's own."""
    return f"person:{person_id}"


def device(device_id: Id) -> str:
    """Verdicts that changed later: the device itself."""
    return f"device:{device_id}"
