"""What the verbs of people accept."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

TEXT = validate.Length(min=1, max=80)
LANG = validate.OneOf(("zh", "en"))
SECRET = {"secret": True}


class SetUpSite(Schema):
    """The first run."""

    site_id = fields.UUID(required=True)
    person_id = fields.UUID(required=True)
    site_name = fields.Str(required=True, validate=validate.Length(min=1, max=120))
    time_zone = fields.Str(required=True)
    name = fields.Str(required=True, validate=TEXT)
    login = fields.Str(required=True, validate=TEXT)
    password_hash = fields.Str(required=True, metadata=SECRET)
    roles = fields.List(fields.Str(), load_default=["admin"])
    is_demo = fields.Bool(load_default=False)


class AddPerson(Schema):
    """A new colleague."""

    person_id = fields.UUID(required=True)
    name = fields.Str(required=True, validate=TEXT)
    login = fields.Str(required=True, validate=TEXT)
    phone = fields.Str(load_default=None, allow_none=True, validate=validate.Regexp(r"^\+?[0-9]{5,20}$"))
    lang = fields.Str(load_default="zh", validate=LANG)
    roles = fields.List(fields.Str(), load_default=list)
    password_hash = fields.Str(required=True, metadata=SECRET)
    must_change_password = fields.Bool(load_default=True)


class ChangePerson(Schema):
    """Name, login, phone, language."""

    person_id = fields.UUID(required=True)
    name = fields.Str(required=True, validate=TEXT)
    login = fields.Str(required=True, validate=TEXT)
    phone = fields.Str(load_default=None, allow_none=True, validate=validate.Regexp(r"^\+?[0-9]{5,20}$"))
    lang = fields.Str(load_default="zh", validate=LANG)


class GiveRole(Schema):
    """A role to a person."""

    person_id = fields.UUID(required=True)
    role = fields.Str(required=True)


class ThePerson(Schema):
    """A verb about a person that needs no more."""

    person_id = fields.UUID(required=True)


class SuspendPerson(Schema):
    """Why somebody may not work here for now."""

    person_id = fields.UUID(required=True)
    reason = fields.Str(required=True, validate=validate.Length(min=1, max=1000))


class SetPassword(Schema):
    """A password, already hashed: the word itself is never part of an operation."""

    person_id = fields.UUID(required=True)
    password_hash = fields.Str(required=True, metadata=SECRET)


class ChangeLanguage(Schema):
    """The language of a person's own pages."""

    lang = fields.Str(required=True, validate=LANG)


class Nothing(Schema):
    """A verb about oneself that says it all by its name."""
