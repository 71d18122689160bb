"""The simulator: a crew of imitated devices against the real server, with everything going wrong that sync.md §6 names.

Story. A *seed* becomes a *trace* (`scheduler.py`): three to eight devices and some hundred steps, each with its own dice, so
that a trace from which steps were taken still does what its other steps did. The *world* (`world.py`) lives it through: it
keeps the virtual clock, the house (`house.py`: the real Flask app in this process, on a ready-made SQLite file) and the
devices (`device.py`, a model of `static/js/replica` that forgets at a kill what no disk had kept, `disk.py`). What people do
stands in `steps/`, one module a feature; what goes wrong stands in `faults.py`. Then all faults stop, everybody syncs, and
`invariants.py` looks at what became of it: I1–I11. Some of them are looked at in between.

A seed that fails is told with the shortest trace that still fails (`shrink.py`) and joins the corpus (`corpus.py`),
which always runs.

    python -m tests.simulation --seed 7          one seed, its coverage, and its trace if it fails
    make soak SEEDS=5000                         thousands, in slices of ten minutes that go on where the last one ended

A new feature adds its steps as one module in `steps/`. A new fault is one function in `faults.py`: the tests ask that it fires.
"""
