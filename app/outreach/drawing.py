"""A QR code as the path of an SVG: the smallest way to hand one to a device that has no network."""

from typing import Any

from app import qr


def drawn(text: str) -> dict[str, Any]:
    """`{d, size}`: black modules of 1 × 1, with the quiet zone of four that readers need."""
    rows = qr.rows(text)
    size, steps = len(rows), []
    for y, row in enumerate(rows):
        x = 0
        while x < size:
            end = x
            while end < size and row[end] == row[x]:
                end += 1
            if row[x]:
                steps.append(f"M{x} {y}h{end - x}v1h-{end - x}z")
            x = end
    return {"d": "".join(steps), "size": size}
