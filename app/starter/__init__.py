"""Starter pack: the working content a new site begins with, read from YAML that people can edit.

Who. The first administrator loads it at the first start; loading it again after an edit keeps what is new: a changed list
becomes its next version, running lists keep theirs (CHK-1), the same content changes nothing.

States. None of its own: roles go to `people`, lists to `checklists`, texts to `handbook`, stock's settings to `stock`,
limits to `documents`. Offline: not at all; it is one office operation, all or nothing, and what is wrong is told by file and
key.

`pack/` is the content, `reading.py` finds what is wrong with it, `operations.py` keeps it.
"""
