"""What was said of a person's right once is remembered for as long as it is so, and no moment longer."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from app.lib.ids import new_id
from app.people.access import Span, Standing

SITE = new_id()
MOMENTS = st.integers(0, 12)
SPANS = st.builds(Span, MOMENTS, st.none() | MOMENTS)


@given(
    suspended=st.lists(SPANS, max_size=2),
    held=st.lists(st.tuples(st.sampled_from(["stagehand", "admin"]), SPANS), max_size=4),
    asked=st.lists(st.tuples(st.sampled_from([None, "people.manage"]), MOMENTS), min_size=1, max_size=12),
)
def test_a_right_is_that_of_the_moment(
    suspended: list[Span], held: list[tuple[str, Span]], asked: list[tuple[str | None, int]]
) -> None:
    """GEN-7: asked about any moments in any order, it answers like one that was never asked before."""
    standing = Standing(SITE, suspended, held)
    for right, at in asked:
        assert standing.may(right, SITE, at) == Standing(SITE, suspended, held).may(right, SITE, at)
        assert not standing.may(right, new_id(), at)


def test_it_changes_with_the_moment_a_role_ends() -> None:
    """GEN-7: in force until before its end."""
    standing = Standing(SITE, [], [("admin", Span(10, 20))])
    assert [standing.may("people.manage", SITE, at) for at in (15, 19, 20, 9, 10)] == [True, True, False, False, True]
