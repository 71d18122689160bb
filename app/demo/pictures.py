"""The demo's photos and signatures: drawn, so that they belong to nobody, and always the same ones."""

from __future__ import annotations

import hashlib
import io
import math
import random
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL.ImageDraw import ImageDraw

SIZE = (960, 720)
PHOTOS = 6
WALLS = ((214, 202, 186), (176, 190, 197), (224, 214, 224), (190, 200, 182), (201, 190, 170), (186, 186, 200))


def sha_of(body: bytes) -> str:
    """A blob's name."""
    return hashlib.sha256(body).hexdigest()


def draw_photo(number: int, *, is_cluttered: bool = False) -> bytes:
    """A corner of a studio: wall, floor, table with goods, a lamp; cluttered with what does not belong before a camera."""
    from PIL import Image, ImageDraw

    rng = random.Random(number)  # noqa: S311 - a drawing
    wall = WALLS[number % len(WALLS)]
    image = Image.new("RGB", SIZE, wall)
    draw = ImageDraw.Draw(image)
    for y in range(0, 480, 4):
        shade = tuple(max(0, c - (480 - y) // 16) for c in wall)
        draw.rectangle((0, y, SIZE[0], y + 4), fill=shade)
    draw.rectangle((0, 480, *SIZE), fill=(112, 104, 98))
    draw.polygon([(0, 480), (SIZE[0], 480), (SIZE[0], 496), (0, 496)], fill=(94, 88, 84))
    _draw_lamp(draw, 150 if number % 2 else 810)
    draw.rectangle((220, 470, 760, 490), fill=(244, 240, 234))
    draw.rectangle((240, 490, 256, 660), fill=(70, 70, 72))
    draw.rectangle((724, 490, 740, 660), fill=(70, 70, 72))
    for slot in range(6):
        left = 246 + slot * 84
        height, tint = rng.randint(50, 150), rng.choice(((196, 92, 78), (84, 124, 150), (222, 178, 92), (120, 146, 108)))
        draw.rectangle((left, 470 - height, left + 58, 470), fill=tint)
        draw.rectangle((left + 8, 470 - height + 12, left + 50, 470 - height + 34), fill=(250, 248, 244))
    if is_cluttered:
        _draw_cartons(draw)
    out = io.BytesIO()
    image.save(out, "JPEG", quality=80)
    return out.getvalue()


def _draw_lamp(draw: ImageDraw, x: int) -> None:
    draw.rectangle((x - 4, 190, x + 4, 650), fill=(48, 48, 50))
    draw.polygon([(x - 60, 660), (x, 620), (x + 60, 660)], fill=(48, 48, 50))
    draw.rectangle((x - 70, 110, x + 70, 200), fill=(40, 40, 42))
    draw.rectangle((x - 60, 120, x + 60, 190), fill=(255, 248, 226))


def _draw_cartons(draw: ImageDraw) -> None:
    for left, top, width in ((330, 520, 190), (500, 560, 150), (368, 400, 130)):
        height = width * 2 // 3
        draw.rectangle((left, top, left + width, top + height), fill=(178, 136, 92), outline=(128, 94, 60), width=3)
        draw.rectangle((left + width // 2 - 9, top, left + width // 2 + 9, top + height), fill=(206, 174, 130))
        draw.rectangle((left + 14, top + height - 40, left + 66, top + height - 14), fill=(248, 246, 240))


def draw_signature(name: str) -> bytes:
    """A hand's movement that belongs to the name: ink on nothing."""
    from PIL import Image, ImageDraw

    rng = random.Random(name)  # noqa: S311 - a drawing
    image = Image.new("RGBA", (640, 220), (255, 255, 255, 0))
    draw = ImageDraw.Draw(image)
    x, phase, points = 60.0, rng.random() * 6, []
    for step in range(160):
        x += rng.uniform(1.5, 4.2)
        swing = 52 * math.sin(step / 5 + phase) * (0.4 + 0.6 * math.sin(step / 23 + phase) ** 2)
        points.append((x, 112 + swing + rng.uniform(-3, 3)))
    draw.line(points, fill=(28, 28, 32, 255), width=5, joint="curve")
    draw.line([(60, 178), (min(x + 20, 600), 168)], fill=(28, 28, 32, 255), width=4)
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()
