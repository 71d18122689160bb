"""The WSGI application, for servers that are given a name: `granian --interface wsgi wsgi:app`.

`make run` does more: it brings the tables up to date and holds the folder's lock. Settings come from the
environment (DATA_DIR, DATABASE_URL).
"""

from __future__ import annotations

from app import create_app

app = create_app()
