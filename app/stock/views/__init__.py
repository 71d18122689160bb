"""The office's pages of stock: products, bins, goods that move, files that are brought in, labels, counts."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Flask, Response, request
from flask_login import current_user

from app.lib.db import db
from app.lib.quantities import format_quantity
from app.people.guard import ask_to_sign_in
from app.stock.holding_back import is_withheld
from app.stock.importing.desk import EXTENSION, Desk
from app.stock.settings import stock_settings

bp = Blueprint("stock", __name__, url_prefix="/stock")


@bp.before_request
def know_who() -> Response | None:
    """All of it is for people who signed in."""
    return None if current_user.is_authenticated else ask_to_sign_in()


def sees_book() -> bool:
    """Whether the reader may know quantities now: not while they are to count blind (STK-3)."""
    return not is_withheld(db.session(), current_user.site_id, current_user.id)


def word(name: str) -> str | None:
    """A field as typed, without the spaces around it; blank is nothing."""
    return request.form.get(name, "").strip() or None


def init_app(app: Flask) -> None:
    """The desk where files are read, and what every template of stock asks."""

    app.extensions[EXTENSION] = Desk(app)

    @app.context_processor
    def told() -> dict[str, Any]:
        return {"stock": lambda: stock_settings(db.session()), "quantity": format_quantity}


from app.stock.views import accuracy, bins, counts, imports, labels, products, queue  # noqa: E402  (they hang their pages on `bp`)

__all__ = ["accuracy", "bins", "bp", "counts", "imports", "init_app", "labels", "products", "queue"]
