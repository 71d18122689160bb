"""Which roles carry which right: the one table. `ANY` is every active person."""

from __future__ import annotations

ANY = "*"
SHOW = frozenset({"host", "co_host", "operations", "floor_control", "console", "director", "camera", "editor", "tech_support"})
CREW = frozenset(
    {
        "logistics_manager", "shift_lead", "warehouse_keeper", "shipping_clerk", "returns_clerk", "equipment_keeper",
        "stagehand", "buyer", "supervisor", "safety_officer",
    }
)  # fmt: skip

RIGHTS: dict[str, frozenset[str]] = {
    "checklists.answer": SHOW | CREW,
    "checklists.start": SHOW | CREW,
    "checklists.lead": frozenset({"shift_lead", "logistics_manager", "operations"}),
    "checklists.accept": frozenset({ANY}),
    "checklists.waive": frozenset({"logistics_manager", "operations"}),
    "checklists.read_office": frozenset(
        {
            "supervisor", "logistics_manager", "shift_lead", "operations", "director", "safety_officer",
            "general_manager",
        }
    ),
    "shows.plan": frozenset({"logistics_manager", "operations"}),
    "stock.manage": frozenset({"logistics_manager", "buyer"}),
    "stock.read_office": frozenset(
        {
            "logistics_manager", "shift_lead", "warehouse_keeper", "shipping_clerk", "returns_clerk", "buyer", "operations",
            "supervisor", "finance", "general_manager",
        }
    ),
    "stock.move": frozenset({"warehouse_keeper", "shipping_clerk", "returns_clerk", "shift_lead", "logistics_manager"}),
    "stock.count": CREW,
    "stock.plan_count": frozenset({"logistics_manager", "shift_lead"}),
    "stock.review": frozenset({"shift_lead", "logistics_manager", "finance", "general_manager"}),
    "people.manage": frozenset({"admin"}),
    "people.read": frozenset({ANY}),
    "devices.manage": frozenset({"admin", "logistics_manager"}),
    "devices.enrol": frozenset({ANY}),
    "exceptions.decide": frozenset({"shift_lead", "logistics_manager"}),
    "buckets.lead": frozenset({"shift_lead", "logistics_manager", "operations", "supervisor"}),
}  # fmt: skip


def rights_of(roles: set[str]) -> set[str]:
    """Every right these roles carry together."""
    return {right for right, holders in RIGHTS.items() if ANY in holders or holders & roles}


def roles_with(right: str) -> frozenset[str]:
    """The roles that carry a right, or KeyError: an unknown right is a fault of ours."""
    return RIGHTS[right]
