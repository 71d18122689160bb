"""Forms that are shown again: what was typed stays, and what is wrong stands at its field.

A view hands its verb to `attempt` and renders its page with the `Form` that comes back; a refusal that belongs to no field is
the form's own sentence. Everything else keeps to the one error table (`lib/pages.py`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from app.lib.errors import Forbidden, NotFound, Refused
from app.lib.words import error_text


@dataclass
class Form:
    """Typed values and, once refused, the problem. An untouched form shows `values` as they are."""

    values: Mapping[str, object] = field(default_factory=dict)
    problem: Refused | None = None

    @property
    def status(self) -> int:
        """The HTTP status of the page that shows this form."""
        return self.problem.status if self.problem else 200

    def __getitem__(self, name: str) -> object:
        found = self.values.get(name)
        return "" if found is None else found

    def error(self, name: str) -> str | None:
        """What is wrong with a field, in a sentence."""
        codes = self.problem.fields.get(name) if self.problem else None
        if not codes:
            return None
        facts = self.problem.facts if self.problem else {}
        return " ".join(error_text(str(code), facts) for code in ([codes] if isinstance(codes, str) else codes))

    @property
    def sentence(self) -> str | None:
        """A refusal that is about no field of the form."""
        if self.problem is None or self.problem.fields:
            return None
        return error_text(self.problem.code, self.problem.facts)


def attempt(values: Mapping[str, object], verb: Callable[[], object]) -> Form:
    """Do it; what was refused comes back as the form to show again. A missing right or thing is no matter of the form."""
    try:
        verb()
    except (Forbidden, NotFound):
        raise
    except Refused as problem:
        return Form(values, problem)
    return Form(values)
