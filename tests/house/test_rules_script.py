"""`make rules` sees ids, marks and gaps, and `--try` puts exactly the marked line out of force."""

from __future__ import annotations

import pytest

from scripts.rules import claimed, disabled, ids_in, order

SOURCE = '''\
def accept(run, person):
    """Zhōngwén 中文 before the mark must not shift the cut."""
    if person in run.answered_by and (
        run.is_open
    ):  # rule: CHK-6, T32
        raise ValueError
    # rule: CHK-8
    run.late = run.at > run.due_at
    return run  # rule: CHK-1
'''


def test_ids_are_found_singly_and_in_spans() -> None:
    """A docstring may say CHK-1…3 instead of naming three."""
    assert ids_in("CHK-6 and T31, GEN-2…4, T1–T3") == {
        *("CHK-6", "T31", "GEN-2", "GEN-3", "GEN-4", "T1", "T2", "T3"),
    }
    assert ids_in("the SHA256 of CHK-SET") == set()


def test_a_condition_becomes_one_that_is_never_true() -> None:
    """An `if` keeps its lines and its body; it only never holds."""
    changed = disabled(SOURCE, 5, ".py")
    assert "if (False and (person in run.answered_by and (" in changed
    assert changed.count("\n") == SOURCE.count("\n")
    compile(changed, "changed", "exec")


@pytest.mark.parametrize(("line", "gone"), [(6, "raise ValueError"), (7, "run.late ="), (9, "return run")])
def test_another_statement_is_not_run(line: int, gone: str) -> None:
    """A statement gives way to nothing; a mark on a line of its own speaks of the next."""
    changed = disabled(SOURCE, line, ".py")
    assert gone not in changed
    compile(changed, "changed", "exec")


def test_javascript_loses_its_condition_or_its_line() -> None:
    """The same for the device's side."""
    assert disabled("if (a) b(); // rule: T15\n", 1, ".js") == "if (false && a) b(); // rule: T15\n"
    assert disabled("  drop(x); // rule: T15\n", 1, ".js").startswith("//")


def test_the_table_of_claims_is_read() -> None:
    """docs/rules.md is the list of what this version claims."""
    rules = claimed()
    assert {"CHK-1", "CHK-10", "GEN-8", "T42"} <= set(rules)
    assert sorted(["T10", "T9", "CHK-2"], key=order) == ["CHK-2", "T9", "T10"]
