"""The sheets and rolls that labels are printed on, in millimetres."""

from __future__ import annotations

from dataclasses import dataclass

from app.stock.label_drawing import Box


@dataclass(frozen=True)
class Sheet:
    """Labels as they are sold: millimetres, on a page of A4 or one by one from a roll. `edge` stays white inside of each."""

    id: str
    page: tuple[float, float]
    label: tuple[float, float]
    across: int
    down: int
    start: tuple[float, float]
    edge: float
    between: float = 0.0
    dot: float = 0.0

    @property
    def n(self) -> int:
        """How many labels a page has."""
        return self.across * self.down

    @property
    def is_roll(self) -> bool:
        """One label a page: there is no page to begin in the middle of."""
        return self.n == 1

    def place(self, at: int) -> tuple[float, float]:
        """The upper left corner of a label, counted along the rows."""
        row, column = divmod(at, self.across)
        return (
            round(self.start[0] + column * (self.label[0] + self.between), 2),
            round(self.start[1] + row * self.label[1], 2),
        )

    @property
    def box(self) -> Box:
        """What may be printed on, from the label's own corner."""
        return Box(self.edge, self.edge, self.label[0] - 2 * self.edge, self.label[1] - 2 * self.edge)


A4, DOT_203_DPI = (210.0, 297.0), 0.125
# The printers that sheets go through leave some 4 mm white at the page's own edge: labels that reach it keep that inside.
SHEETS = {
    one.id: one
    for one in (
        Sheet("a4_24", A4, (70.0, 37.0), 3, 8, (0.0, 0.5), edge=4.5),
        Sheet("a4_14", A4, (99.1, 38.1), 2, 7, (4.65, 15.15), edge=3.0, between=2.5),
        Sheet("a4_40", A4, (48.5, 25.4), 4, 10, (8.0, 21.5), edge=2.0),
        Sheet("roll_60", (60.0, 40.0), (60.0, 40.0), 1, 1, (0.0, 0.0), edge=2.0, dot=DOT_203_DPI),
        Sheet("roll_100", (100.0, 150.0), (100.0, 150.0), 1, 1, (0.0, 0.0), edge=5.0, dot=DOT_203_DPI),
    )
}
