"""Devices: browsers that work on their own, and who may work on them (sync.md §2).

Story. A signed-in person enrols a browser: it gets an id, a stream and a long-lived cookie, and a grant for that person,
whose token the device sends with every operation. More people sign in on it by more grants. Ending a grant or revoking a
device takes rows away at the next contact; unsent work is judged by the grant at its time and never thrown away. A device
that lost its stream enrols again with `replaces` and keeps its grants.

States of a device: enrolled → revoked. Operations: enrol, replace, grant, end a grant, revoke, rename.
"""
