"""Forms that are shown again: what was typed stays, and what is wrong stands at its field.

A verb's view says where its form stands (`stands_on`): refused for a field, that page is drawn again, and there the form with
this address asks `form_at` for what was typed and what is wrong with it. A refusal that is about no field keeps to the one error
table (`lib/pages.py`); pages outside of the office's frame hand their verb to `attempt` and show such a refusal themselves.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import wraps
from typing import Any, ParamSpec

from flask import Response, current_app, g, make_response, request
from werkzeug.datastructures import MultiDict

from app.lib.db import db
from app.lib.errors import Forbidden, NotFound, Refused
from app.lib.words import catalogue, error_text, t

P = ParamSpec("P")

# What marshmallow says in English → the key of our sentence under office.errors.*
SAYINGS = (
    (re.compile(r"Missing data for required field\.|Field may not be null\."), "needed"),
    (re.compile(r"Length must be between 1 and (?P<most>\d+)\.|Longer than maximum length (?P<most_>\d+)\."), "too_long"),
    (re.compile(r"Shorter than minimum length 1\."), "needed"),
    (re.compile(r"Must be greater than or equal to (?P<least>\d+) and less than or equal to (?P<most>\d+)\."), "out_of_range"),
    (re.compile(r"Not a valid integer\."), "not_a_number"),
    (re.compile(r"Must be one of: .*|Not a valid UUID\."), "not_listed"),
)


@dataclass
class Form:
    """Typed values and, once refused, the problem. An untouched form shows the values its template gives it."""

    values: Mapping[str, object] = field(default_factory=dict)
    problem: Refused | None = None
    told: dict[str, tuple[str, str]] = field(default_factory=dict)  # field → (id on the page, what is wrong), as the page told it

    @property
    def status(self) -> int:
        """The HTTP status of the page that shows this form."""
        return self.problem.status if self.problem else 200

    def __getitem__(self, name: str) -> object:
        return self.typed(name, "")

    def typed(self, name: str, before: object) -> object:
        """What a field shows: what was typed, else what was there before."""
        found = self.values.get(name)
        return before if found is None else found

    def is_ticked(self, name: str, value: object, before: bool) -> bool:
        """Whether a box is ticked: as it was sent; a form that was not sent shows `before`."""
        if self.problem is None:
            return before
        ticked = self.values.getlist(name) if isinstance(self.values, MultiDict) else [self.values.get(name)]
        return str(value) in ticked

    def error(self, name: str, label: str = "", id: str | None = None) -> str | None:
        """What is wrong with a field, in a sentence that names it."""
        said = self.problem.fields.get(name) if self.problem else None
        if not said or self.problem is None:
            return None
        empty = not str(self.values.get(name) or "").strip()
        sentence = " ".join(dict.fromkeys(_sentence(each, self.problem.facts, empty) for each in _each(said)))
        if label:
            sentence = t("office.errors.at_field", field=label, said=sentence)
        self.told[name] = (id or name, sentence)
        return sentence

    @property
    def untold(self) -> list[str]:
        """Sentences about what has no field on the page: it is older than its verb, or the request was made by hand."""
        left = set(self.problem.fields) - set(self.told) if self.problem else ()
        return [t("office.errors.at_field", field=name, said=t("office.errors.field_wrong")) for name in sorted(left)]

    @property
    def sentence(self) -> str | None:
        """A refusal that is about no field of the form."""
        if self.problem is None or self.problem.fields:
            return None
        return error_text(self.problem.code, self.problem.facts)


def _each(said: Any) -> Iterator[str]:
    """Codes and texts of a field, however deep the schema nests them."""
    if isinstance(said, str):
        yield said
    else:
        for one in said.values() if isinstance(said, dict) else said:
            yield from _each(one)


def _sentence(said: str, facts: Mapping[str, Any], empty: bool) -> str:
    """A code's own sentence, or what a schema says in general. An empty field is not too long, whatever its bounds."""
    if f"errors.{said}" in catalogue():
        return error_text(said, dict(facts))
    for pattern, key in SAYINGS:
        if found := pattern.fullmatch(said):
            bounds = {name.rstrip("_"): n for name, n in found.groupdict().items() if n}
            return t(f"office.errors.field_{'needed' if empty and key != 'out_of_range' else key}", **bounds)
    return t("office.errors.field_wrong")


def attempt(values: Mapping[str, object], verb: Callable[[], object]) -> Form:
    """Do it; what was refused comes back as the form to show again. A missing right or thing is no matter of the form."""
    try:
        verb()
    except (Forbidden, NotFound):
        raise
    except Refused as problem:
        return Form(values, problem)
    return Form(values)


def stands_on(address: str, **about: str) -> Callable[[Callable[P, Response]], Callable[P, Response]]:
    """The form of this verb stands on the page at `address`, which is drawn again with 422 when a field was refused.

    `about` names the field that a refusal's code, or the kind of a thing that was not found, is about: the operation cannot know
    what its form looks like. A form that stands on other pages too names its own in the field `page`.
    """

    def wrap(view: Callable[P, Response]) -> Callable[P, Response]:
        @wraps(view)
        def guarded(*args: P.args, **names: P.kwargs) -> Response:
            try:
                return view(*args, **names)
            except Refused as problem:
                at = about.get(str(problem.facts.get("kind")) if isinstance(problem, NotFound) else problem.code)
                if at is not None:
                    problem = Refused(problem.code, status=422, fields={at: [problem.code]}, **problem.facts)
                if not problem.fields:
                    raise
                return _drawn_again(request.form.get("page") or address.format(**names), problem)

        return guarded

    return wrap


def _drawn_again(address: str, problem: Refused) -> Response:
    """The page at `address` as its reader may see it now, with the refused form in it."""
    db.session.rollback()
    g.refused = (request.path, Form(request.form, problem))
    g.page_address = address
    endpoint, names = current_app.url_map.bind("").match(address, method="GET")
    return make_response(current_app.view_functions[endpoint](**names), 422)


def form_at(action: str, **same: object) -> Form:
    """The form that is sent to `action`; where several are, the one whose fields are the `same`."""
    path, form = g.get("refused") or ("", None)
    if form is None or path != action or any(form.values.get(name) != str(value) for name, value in same.items()):
        return Form()
    found: Form = form
    return found


def page_address() -> str:
    """The address of the page that is shown, to come back to: of a refused form the one where it stands."""
    return g.get("page_address") or request.full_path.rstrip("?")
