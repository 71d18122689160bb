"""People: who works here, which roles they hold and since when, and how they sign in (PRS, PPL-2, PPL-4).

Story. The first run founds the site with its administrator. An administrator adds a person, tells them a one-time password
and gives roles; a role carries rights (`rights.py`), which are always asked as of a moment, because work done before a role
ended stays valid (GEN-7). A person signs in by login, phone or name with a password (Argon2id), changes the one-time password
before anything else opens, and may end all sessions; a device learns who works on it only through a grant (`devices`).

States of a person: active ⇄ suspended; both → left → active. Who left keeps name and history and nothing else: no sign-in,
no roles, no devices; it is refused while cases are theirs to put right. Office only: a stream is never taken for a person's
word about people or passwords. What devices know are names and roles, and one's own rights. Operations: found the site, add,
change, give and withdraw roles, suspend, reinstate, end an employment, hire again, change and reset passwords, sign out
everywhere, change the language.

`guard.py` is who asks and may they, `signing_in.py` the door with its limits, `forms.py` forms that come back with what is
wrong, `history.py` the trail of a thing; `views/` has the door, the account and the people.
"""
