"""What was kept but did not fit: admitted or dismissed by a lead."""

from __future__ import annotations

from random import Random

from sqlalchemy import select

from app.sync.models import Operation
from app.sync.operations import admit_operation, dismiss_operation
from tests.simulation.stage import LEADS
from tests.simulation.steps import office
from tests.simulation.world import World


@office(6)
def decide(world: World, dice: Random) -> None:
    """One of them, or several."""
    with world.house.reading() as session:
        query = select(Operation.id, Operation.actor).where(Operation.status.in_(("noted", "held", "parked")))
        kept = [(id, actor) for id, actor in session.execute(query.order_by(Operation.id))]
    for id, actor in dice.sample(kept, min(len(kept), dice.randint(1, 3))):
        login = next(login for login in LEADS if world.stage.people[login] != actor)
        verb = admit_operation if dice.random() < 0.5 else dismiss_operation
        world.office(verb, login, kept_id=id, reason="they were asked")
