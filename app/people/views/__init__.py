"""Pages of people: the door (signing in and out), one's own account, and everybody who works here."""

from __future__ import annotations

from flask import Blueprint

from app.people.guard import ask_to_sign_in, init_app, may_here, need, rights_here, safe_next, signed_in

bp = Blueprint("people", __name__)

from app.people.views import account, door, people  # noqa: E402  (they hang their pages on `bp`)

__all__ = [
    "account", "ask_to_sign_in", "bp", "door", "init_app", "may_here", "need", "people", "rights_here", "safe_next",
    "signed_in",
]  # fmt: skip
