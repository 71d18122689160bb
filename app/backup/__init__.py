"""Backup and restore: one file that holds an installation, and what it takes to go on from it.

Story. Whoever runs the server makes a backup while it serves (`make backup`) and hopes never to need it. When the machine
is lost, `make restore` puts the newest one into an empty folder; the devices then fill anew and send again what no backup
holds, so that nothing done on the floor is lost and nothing counts twice. What was done in the office since is gone.

The file is a zip: the database as one snapshot (`databases.py`: SQLite's online backup, or pg_dump), photos, imported files,
the secret key and the certificate authority, with a manifest of the sha256 of each (`archive.py`). It is read back before it
counts (`making.py`) and again before it replaces anything (`restoring.py`). How far it reaches in each device's stream is
kept by the engine (`app/sync/durable.py`): devices keep in their journals what no backup holds.

Commands, not pages: `python -m app.backup make|restore PATH`. They speak both languages.
"""
