"""Starts server processes that need not import the house: they are forked from one that has imported it.

Importing is most of what a start costs, and a browser test starts two servers. The process is a real one all the same: it has
its own environment, session and log, brings its tables up to date, forks its worker, and is killed whole.
"""

from __future__ import annotations

import importlib
import os
import sys
from importlib.util import find_spec
from multiprocessing import get_context, set_start_method
from multiprocessing.process import BaseProcess
from pathlib import Path

from app import FEATURES, PARTS
from app.serve import main

ROOT = Path(__file__).resolve().parents[2]
for _name in ["app.lib.joining", *(f"app.{feature}.{part}" for feature in FEATURES for part in PARTS)]:
    if find_spec(_name):
        importlib.import_module(_name)
_context = get_context("forkserver")
_context.set_forkserver_preload([__name__])


def start(environment: dict[str, str], root: Path, log: Path) -> BaseProcess:
    """`python -m app.serve` on the code in `root`; the process leads a group of its own."""
    process = _context.Process(target=_serve, args=(environment, root, log))
    process.start()
    return process


def _serve(environment: dict[str, str], root: Path, log: Path) -> None:
    os.setsid()
    os.chdir(root)
    with log.open("ab") as said:
        os.dup2(said.fileno(), 1)
        os.dup2(said.fileno(), 2)
    command = [sys.executable, "-m", "app.serve"]
    if root != ROOT:  # other code than was imported
        os.execve(command[0], command, environment)
    os.environ.clear()
    os.environ.update(environment)
    set_start_method("fork", force=True)  # here it would be the way in which this process was made
    sys.argv = command[-1:]
    sys.exit(main())
