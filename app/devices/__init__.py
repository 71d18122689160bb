"""Devices: browsers that work on their own, and who may work on them (sync.md §2).

Story. A signed-in person enrols a browser: it gets an id, a stream and a long-lived cookie, and a grant for that person,
whose token the device sends with every operation. More people sign in on it by more grants. Ending a grant or revoking a
device takes rows away at the next contact; unsent work is judged by the grant at its time and never thrown away.

A device whose stream and the server's have parted goes on as another one by its cookie (`replaces`), with its people; asked
again after a lost answer, it goes on from the one that never spoke. A browser that lost its cookie names what it was, and
goes on for the person who signs in. A copy of a profile goes on beside it with nobody signed in. A revoked one
hands in what it holds, into quarantine; its browser may then be enrolled anew, as a device that never was another.

A device marked *shared* is taken up by one person after the other. Each signs in on it with the password, typed for that grant:
the office session that came of it ends with the grant, and one that was left open opens nothing. It reads the union of what its
people may read, but for what one of them must not know (`access.py`). From turn to turn a PIN opens it, of which the server knows
nothing (decision 0024): `static/js/replica/people.js`, `static/js/floor/turns.js`, `static/js/floor/lock/`.

One person enrols a dozen at most; what is revoked or replaced no longer counts.

States of a device: enrolled → replaced | revoked. Operations: enrol, replace, grant, end a grant, rename, revoke; all of them
online. `board.py` is what the office sees of their health.
"""
