"""Draw the icons of the installed floor from the mark: a curtain drawn aside, a lamp behind it. `python -m scripts.app_icons`."""

from __future__ import annotations

from pathlib import Path

from PIL import Image, ImageDraw

FOLDER = Path(__file__).resolve().parents[1] / "static" / "app-icons"
INK, PAPER = "#151513", "#f2efe7"
SMOOTH = 8  # drawn this much larger, then shrunk
UNIT = 28  # the mark's own grid
MIDDLE = (14.4, 14.0)  # of what is drawn in it
# Launchers may cut a maskable icon to a circle of 80 %; the mark keeps inside it.
SHARE = 0.62


def draw(size: int) -> Image.Image:
    """The mark on ink, `size` pixels square, safe to mask."""
    large = size * SMOOTH
    image = Image.new("RGB", (large, large), INK)
    pen = ImageDraw.Draw(image)
    scale = large * SHARE / UNIT

    def at(x: float, y: float) -> tuple[float, float]:
        return large / 2 + (x - MIDDLE[0]) * scale, large / 2 + (y - MIDDLE[1]) * scale

    pen.pieslice([at(3, 3), at(25, 25)], -90, 90, fill=PAPER)
    for x in (5.0, 9.5):
        pen.rounded_rectangle([at(x - 1.25, 1.75), at(x + 1.25, 26.25)], radius=1.25 * scale, fill=PAPER)
    return image.resize((size, size), Image.Resampling.LANCZOS)


def main() -> None:
    """Write every size that manifest, Android and iOS ask for."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    for size in (180, 192, 512):
        draw(size).save(FOLDER / f"icon-{size}.png", optimize=True)


if __name__ == "__main__":
    main()
