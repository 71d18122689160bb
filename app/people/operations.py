"""The verbs of people (PPL-4: nobody gives a role to themselves, only who manages people gives any)."""

from __future__ import annotations

from zoneinfo import available_timezones

from sqlalchemy import func, select

from app.lib.ids import Id, new_id
from app.people import schemas
from app.people.access import first_site
from app.people.models import (
    ACTIVE,
    LEFT,
    SUSPENDED,
    Person,
    PersonRole,
    PersonSpell,
    Role,
    Site,
    access_person,
    login_key,
    phone_key,
)
from app.people.steps import forget_tries_of, hold_role, make_person, office_only, publish_person
from app.sync import Tx, operation
from app.sync.engine import engine


def set_up_site(
    actor: Id, *, site_name: str, time_zone: str, name: str, login: str, password_hash: str, site_id: Id | None = None,
    is_demo: bool = False, lang: str = "zh",
) -> Id:  # fmt: skip
    """The first run: a site and its first administrator, by the person who becomes it. Returns the site's id."""
    site_id = site_id or new_id()
    data = {
        "site_id": site_id, "person_id": actor, "site_name": site_name, "time_zone": time_zone, "name": name,
        "login": login, "password_hash": password_hash, "is_demo": is_demo, "lang": lang,
    }  # fmt: skip
    engine().perform(found_site, actor, data, site_id=site_id, trusted=True)
    return site_id


@operation("people.found_site", schema=schemas.SetUpSite, right=None, makes=("site_id", "person_id"))
def found_site(
    tx: Tx, actor: Id, *, site_id: Id, person_id: Id, site_name: str, time_zone: str, name: str, login: str,
    password_hash: str, roles: list[str], is_demo: bool, lang: str,
) -> None:  # fmt: skip
    """Make the house's one site and its first person. Refused once there is a site."""
    office_only(tx)
    if first_site(tx.session) is not None:
        tx.refuse("already_set_up")
    if time_zone not in available_timezones():
        tx.refuse("unknown_time_zone", status=422, fields={"time_zone": ["unknown_time_zone"]})
    tx.session.add(Site(id=site_id, name=site_name, time_zone=time_zone, is_demo=is_demo, created_at=tx.now))
    tx.session.flush()
    person = Person(
        id=person_id, site_id=site_id, name=name, login=login, login_key=login_key(login), phone=None, lang=lang,
        status=ACTIVE, password_hash=password_hash, must_change_password=False, session_version=1, created_at=tx.now,
    )  # fmt: skip
    make_person(tx, person, roles)
    tx.publish("site", site_id)


@operation("people.add_person", schema=schemas.AddPerson, right="people.manage", makes=("person_id",))
def add_person(
    tx: Tx, actor: Id, *, person_id: Id, name: str, login: str, phone: str | None, lang: str, roles: list[str],
    password_hash: str, must_change_password: bool,
) -> None:  # fmt: skip
    """Add a colleague with roles and a first password."""
    office_only(tx)
    if tx.session.get(Person, person_id) is not None:
        tx.refuse("exists")
    check_unique(tx, person_id, login, phone)
    for role in roles:
        check_role(tx, role)
    person = Person(
        id=person_id, site_id=tx.site_id, name=name, login=login, login_key=login_key(login), phone=phone,
        lang=lang, status=ACTIVE, password_hash=password_hash, must_change_password=must_change_password,
        session_version=1, created_at=tx.now,
    )  # fmt: skip
    make_person(tx, person, list(dict.fromkeys(roles)))


@operation("people.change_person", schema=schemas.ChangePerson, right="people.manage")
def change_person(tx: Tx, actor: Id, *, person_id: Id, name: str, login: str, phone: str | None, lang: str) -> None:
    """Mend a name, a login, a phone number or a language."""
    office_only(tx)
    person = access_person(tx.session, tx.site_id, person_id)
    check_unique(tx, person_id, login, phone)
    person.name, person.login, person.login_key = name, login, login_key(login)
    person.phone, person.lang = phone, lang
    publish_person(tx, person_id)
    tx.about("person", person_id)


@operation("people.give_role", schema=schemas.GiveRole, right="people.manage")
def give_role(tx: Tx, actor: Id, *, person_id: Id, role: str) -> None:
    """Give a role from now on (PPL-4). Giving one that is held changes nothing."""
    office_only(tx)
    person = access_person(tx.session, tx.site_id, person_id)
    check_role(tx, role)
    if person_id == actor:  # rule: PPL-4
        tx.refuse("own_role", role=role)
    _still_here(tx, person)
    if _held(tx, person_id, role) is None:
        hold_role(tx, person_id, role)
    publish_person(tx, person_id)
    tx.about("person", person_id)


@operation("people.withdraw_role", schema=schemas.GiveRole, right="people.manage")
def withdraw_role(tx: Tx, actor: Id, *, person_id: Id, role: str) -> None:
    """End a role now; what was done before stays valid (GEN-7). The last administrator stays."""
    office_only(tx)
    access_person(tx.session, tx.site_id, person_id)
    held = _held(tx, person_id, role)
    if held is None:
        tx.refuse("role_not_held", role=role)
    if role == "admin":
        _keep_an_admin(tx, person_id)
    held.to_at = tx.now  # rule: GEN-7
    publish_person(tx, person_id)
    tx.about("person", person_id)


@operation("people.suspend_person", schema=schemas.SuspendPerson, right="people.manage")
def suspend_person(tx: Tx, actor: Id, *, person_id: Id, reason: str) -> None:
    """Nobody signs in as them and their rights rest; their history stays (PPL-2)."""
    office_only(tx)
    person = access_person(tx.session, tx.site_id, person_id)
    if person_id == actor:
        tx.refuse("own_account")
    _still_here(tx, person)
    if person.status == SUSPENDED:
        tx.refuse("already_suspended", name=person.name)
    person.status = SUSPENDED
    person.session_version += 1
    _rest(tx, person_id)
    publish_person(tx, person_id)
    tx.about("person", person_id)


@operation("people.reinstate_person", schema=schemas.ThePerson, right="people.manage")
def reinstate_person(tx: Tx, actor: Id, *, person_id: Id) -> None:
    """They may sign in again, with the roles they have."""
    office_only(tx)
    person = access_person(tx.session, tx.site_id, person_id)
    if person.status != SUSPENDED:
        tx.refuse("not_suspended", name=person.name)
    person.status = ACTIVE
    _rest_no_more(tx, person_id)
    publish_person(tx, person_id)
    tx.about("person", person_id)


@operation("people.end_employment", schema=schemas.SuspendPerson, right="people.manage")
def end_employment(tx: Tx, actor: Id, *, person_id: Id, reason: str) -> None:
    """They left: no sign-in, no roles, nothing in their hands; name and history stay (PPL-2).

    Higher layers follow: devices end their grants, and whoever still keeps something for the house refuses.
    """
    office_only(tx)
    person = access_person(tx.session, tx.site_id, person_id)
    if person_id == actor:
        tx.refuse("own_account")
    _still_here(tx, person)
    if person.status == ACTIVE:  # rule: GEN-7
        _rest(tx, person_id)
    person.status = LEFT  # rule: PPL-2
    person.session_version += 1
    person.left_at, person.left_reason = tx.now, reason
    held = select(PersonRole).where(PersonRole.person_id == person_id, PersonRole.to_at.is_(None))
    for span in tx.session.scalars(held):
        span.to_at = tx.now
    publish_person(tx, person_id)
    tx.about("person", person_id)


@operation("people.rehire_person", schema=schemas.ThePerson, right="people.manage")
def rehire_person(tx: Tx, actor: Id, *, person_id: Id) -> None:
    """They are back as the same person with the same history, without roles; the old password only leads to a new one."""
    office_only(tx)
    person = access_person(tx.session, tx.site_id, person_id)
    if person.status != LEFT:
        tx.refuse("not_left", name=person.name)
    person.status, person.left_at, person.left_reason = ACTIVE, None, None
    person.must_change_password = True
    _rest_no_more(tx, person_id)
    publish_person(tx, person_id)
    tx.about("person", person_id)


@operation("people.reset_password", schema=schemas.SetPassword, right="people.manage")
def reset_password(tx: Tx, actor: Id, *, person_id: Id, password_hash: str) -> None:
    """A one-time password, told once; signs the person out everywhere and asks for a new one. One's own is changed, not reset."""
    office_only(tx)
    if person_id == actor:
        tx.refuse("own_account")
    person = access_person(tx.session, tx.site_id, person_id)
    forget_tries_of(tx, person.login)
    person.password_hash = password_hash
    person.must_change_password = True
    person.session_version += 1
    tx.about("person", person_id)


@operation("people.change_password", schema=schemas.SetPassword, right=None)
def change_password(tx: Tx, actor: Id, *, person_id: Id, password_hash: str) -> None:
    """One's own new password; other sessions end. The view has checked the old one."""
    office_only(tx)
    if person_id != actor:
        tx.outside("own_password_only")
    person = access_person(tx.session, tx.site_id, person_id)
    person.password_hash = password_hash
    person.must_change_password = False
    person.session_version += 1
    tx.about("person", person_id)


@operation("people.sign_out_everywhere", schema=schemas.Nothing, right=None)
def sign_out_everywhere(tx: Tx, actor: Id) -> None:
    """End every office session of one's own, this one too."""
    office_only(tx)
    access_person(tx.session, tx.site_id, actor).session_version += 1
    tx.about("person", actor)


@operation("people.change_language", schema=schemas.ChangeLanguage, right=None)
def change_language(tx: Tx, actor: Id, *, lang: str) -> None:
    """The language one's own pages open in."""
    office_only(tx)
    access_person(tx.session, tx.site_id, actor).lang = lang
    tx.publish("me", actor)
    tx.about("person", actor)


def check_unique(tx: Tx, person_id: Id, login: str, phone: str | None) -> None:
    """What somebody signs in with names nobody else, neither as a login nor as a phone number."""
    others = select(Person.id).where(Person.id != person_id)
    if tx.session.scalar(others.where((Person.login_key == login_key(login)) | (Person.phone == phone_key(login)))):
        tx.refuse("login_taken", status=422, fields={"login": ["login_taken"]}, login=login)
    if phone and tx.session.scalar(others.where((Person.phone == phone) | (Person.login_key == phone))):
        tx.refuse("phone_taken", status=422, fields={"phone": ["phone_taken"]}, phone=phone)


def check_role(tx: Tx, role: str) -> None:
    """Only roles that the house knows."""
    if tx.session.get(Role, role) is None:
        tx.refuse("unknown_role", status=422, fields={"roles": ["unknown_role"]}, role=role)


def _still_here(tx: Tx, person: Person) -> None:
    """Whoever left is hired again before anything else."""
    if person.status == LEFT:
        tx.refuse("has_left", name=person.name)


def _rest(tx: Tx, person_id: Id) -> None:
    """From now on they have no rights; what was done before stays valid."""
    tx.session.add(PersonSpell(id=new_id(), person_id=person_id, from_at=tx.now, to_at=None))


def _rest_no_more(tx: Tx, person_id: Id) -> None:
    for spell in tx.session.scalars(select(PersonSpell).where(PersonSpell.person_id == person_id, PersonSpell.to_at.is_(None))):
        spell.to_at = tx.now


def _held(tx: Tx, person_id: Id, role: str) -> PersonRole | None:
    held = select(PersonRole).where(PersonRole.person_id == person_id, PersonRole.role == role, PersonRole.to_at.is_(None))
    return tx.session.scalar(held)


def _keep_an_admin(tx: Tx, without: Id) -> None:
    """Somebody must be able to give roles: an administrator may end their own post only beside another active one."""
    others = (
        select(func.count())
        .select_from(PersonRole)
        .join(Person, Person.id == PersonRole.person_id)
        .where(
            PersonRole.role == "admin",
            PersonRole.to_at.is_(None),
            Person.status == ACTIVE,
            Person.id != without,
            Person.site_id == tx.site_id,
        )
    )
    if not tx.session.scalar(others):
        tx.refuse("last_admin")
