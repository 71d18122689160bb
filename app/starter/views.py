"""The office's one button of the starter pack."""

from __future__ import annotations

from flask import Blueprint, Response, make_response, redirect
from flask_login import current_user

from app.people.guard import need
from app.starter.operations import load_pack
from app.starter.reading import read_files

bp = Blueprint("starter", __name__)


@bp.post("/starter")
def load() -> Response:
    """Load the pack that came with the program; again after it was edited, only what changed is new."""
    need("people.manage")
    load_pack(current_user.id, files=read_files())
    return make_response(redirect("/people", 303))
