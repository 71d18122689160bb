"""What the verbs of people accept."""

from __future__ import annotations

import re
from typing import Any

from marshmallow import Schema, fields, validate

from app.people.models import phone_key

CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
NAME = validate.Length(min=1, max=80, error="name_length")
LANG = validate.OneOf(("zh", "en"), error="unknown_language")
REASON = validate.Length(min=1, max=1000, error="reason_length")
SECRET = {"secret": True}


class Line(fields.Str):
    """One line of text without stray spaces or control characters."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        text = super()._deserialize(value, attr, data, **kwargs) or ""
        return " ".join(CONTROL.sub(" ", text).split())


class Text(fields.Str):
    """Text as typed, without blanks around it."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        return (super()._deserialize(value, attr, data, **kwargs) or "").strip()


class Phone(Line):
    """A phone number as digits, perhaps with a plus; typed with spaces and dashes as people do, or left empty."""

    def __init__(self) -> None:
        super().__init__(load_default=None, allow_none=True, validate=self.check)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        return phone_key(super()._deserialize(value, attr, data, **kwargs)) or None

    @staticmethod
    def check(value: str | None) -> None:
        """Five to twenty digits."""
        if value is not None:
            validate.Regexp(r"\+?[0-9]{5,20}\Z", error="phone_shape")(value)


class SetUpSite(Schema):
    """The first run."""

    site_id = fields.UUID(required=True)
    person_id = fields.UUID(required=True)
    site_name = Line(required=True, validate=NAME)
    time_zone = fields.Str(required=True)
    name = Line(required=True, validate=NAME)
    login = Line(required=True, validate=NAME)
    password_hash = fields.Str(required=True, metadata=SECRET)
    roles = fields.List(fields.Str(), load_default=["admin"])
    is_demo = fields.Bool(load_default=False)
    lang = fields.Str(load_default="zh", validate=LANG)


class AddPerson(Schema):
    """A new colleague."""

    person_id = fields.UUID(required=True)
    name = Line(required=True, validate=NAME)
    login = Line(required=True, validate=NAME)
    phone = Phone()
    lang = fields.Str(load_default="zh", validate=LANG)
    roles = fields.List(fields.Str(), load_default=list)
    password_hash = fields.Str(required=True, metadata=SECRET)
    must_change_password = fields.Bool(load_default=True)


class ChangePerson(Schema):
    """Name, login, phone, language."""

    person_id = fields.UUID(required=True)
    name = Line(required=True, validate=NAME)
    login = Line(required=True, validate=NAME)
    phone = Phone()
    lang = fields.Str(load_default="zh", validate=LANG)


class GiveRole(Schema):
    """A role to a person."""

    person_id = fields.UUID(required=True)
    role = fields.Str(required=True)


class ThePerson(Schema):
    """A verb about a person that needs no more."""

    person_id = fields.UUID(required=True)


class SuspendPerson(Schema):
    """Why somebody may not work here, for now or any more."""

    person_id = fields.UUID(required=True)
    reason = Text(required=True, validate=REASON)


class SetPassword(Schema):
    """A password, already hashed: the word itself is never part of an operation."""

    person_id = fields.UUID(required=True)
    password_hash = fields.Str(required=True, metadata=SECRET)


class ChangeLanguage(Schema):
    """The language of a person's own pages."""

    lang = fields.Str(required=True, validate=LANG)


class Nothing(Schema):
    """A verb about oneself that says it all by its name."""
