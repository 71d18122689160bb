"""Adds a list of 60 plain ticks to the demo and starts it some times, by the product's own operations.

python -m bench.long_list 6    in DATA_DIR, with the server stopped; prints the runs' ids
"""

from __future__ import annotations

import sys

from app import create_app
from app.checklists.operations import start_run
from app.demo.loading import person_id
from app.lib.ids import new_id
from app.starter.operations import load_pack
from app.starter.reading import read_files

ROWS = 60
CODE = "CL-LONG"


def long_list() -> dict[str, object]:
    """A list as the starter pack writes one."""
    items = [
        {"id": f"LONG-{n}", "zh": f"第 {n} 项看过了", "en": f"Looked at number {n}", "kind": "tick"} for n in range(1, ROWS + 1)
    ]
    sections = [
        {"id": f"LONG-S{at}", "zh": f"第 {at} 段", "en": f"Part {at}", "items": items[at * 10 : at * 10 + 10]}
        for at in range(ROWS // 10)
    ]
    head = {"id": CODE, "version": 1, "zh": "六十项", "en": "Sixty rows", "phase": "daily", "anchor": "day_open"}
    due = {"start_offset_min": 0, "due_offset_min": 30, "owner_role": "stagehand", "accept_role": "shift_lead", "needs": []}
    return {**head, **due, "sections": sections}


def main() -> None:
    """Add the list and start it."""
    with create_app().app_context():
        load_pack(person_id("admin"), files={**read_files(), "checklists/99-long.yaml": long_list()})
        for _ in range(int(sys.argv[1])):
            run_id = new_id()
            start_run(person_id("stagehand"), run_id=run_id, template=CODE)
            print(run_id)


if __name__ == "__main__":
    main()
