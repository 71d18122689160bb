"""The one family of errors that reach a person: a code that never changes, and facts for its words.

Words come from `words/errors.json` under `errors.<code>`; the same code is the verdict of a push and the sentence of
an office page.
"""

from __future__ import annotations

from typing import Any


class Refused(Exception):
    """A rule says no, and nothing was changed.

    `status` 409: the state of things forbids it. 422: the input itself is wrong; then `fields` maps field names to lists of
    error codes or sentences.
    """

    status = 409

    def __init__(
        self,
        code: str,
        *,
        status: int | None = None,
        fields: dict[str, Any] | None = None,
        **facts: Any,
    ) -> None:
        super().__init__(code)
        self.code = code
        self.facts = facts
        self.fields = fields or {}
        if status is not None:
            self.status = status


class NotFound(Refused):
    """No such thing, or not yours to know of: the two look the same."""

    status = 404

    def __init__(self, kind: str = "page", **facts: Any) -> None:
        super().__init__("not_found", kind=kind, **facts)


class Forbidden(Refused):
    """The person's roles do not carry the right for this page or verb."""

    status = 403

    def __init__(self, code: str = "forbidden", **facts: Any) -> None:
        super().__init__(code, **facts)
