"""People: who works here, which roles they hold and since when, and how they sign in (PRS, PPL-1 … PPL-5).

Story. An administrator adds a person and gives roles; a role carries rights (`rights.py`), which are always asked as of a
moment, because work done before a role was withdrawn stays valid (GEN-7). A person signs in by login, name or phone with a
password (Argon2id); a device learns who works on it only through a grant (`devices`).

States of a person: active → suspended → active; whoever left stays suspended, and keeps their history (PPL-2). Office only, apart
from names, roles and one's own rights, which are records on every device. Operations: found the site, add, change, give and
withdraw roles, suspend, reinstate, change and reset a password, sign out everywhere, change the language.
"""
