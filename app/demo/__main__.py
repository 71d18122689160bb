"""Loads the demo into an empty installation or takes it away: `python -m app.demo load|remove` (DATA_DIR as for `make run`)."""

from __future__ import annotations

import argparse
import sys

from flask.cli import ScriptInfo

from app.demo.loading import NotEmpty, is_loaded, load
from app.demo.steps import empty_installation


def main() -> int:
    """Exit status 1, with one sentence, when there is nothing to load into or to remove."""
    parser = argparse.ArgumentParser(prog="python -m app.demo", description=__doc__)
    parser.add_argument("verb", choices=["load", "remove"], help="make the demo site, or empty the installation it is in")
    verb = parser.parse_args().verb
    with ScriptInfo(app_import_path="app:create_app").load_app().app_context():
        if verb == "load":
            try:
                load()
            except NotEmpty as why:
                print(why, file=sys.stderr)
                return 1
        elif not is_loaded():
            print("There is no demo here; nothing was removed.", file=sys.stderr)
            return 1
        else:
            empty_installation()
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
