"""The accent colour: its contrast, and the tint of it that is readable on a dark page (WCAG 2.2)."""

from __future__ import annotations

import re

__all__ = ["WHITE", "contrast", "is_colour", "tint_for"]

WHITE = "#ffffff"
_COLOUR = re.compile(r"#(?:[0-9a-fA-F]{3}|[0-9a-fA-F]{6})")


def is_colour(text: str) -> bool:
    """Tell whether a text is a colour written as #rgb or #rrggbb."""
    return _COLOUR.fullmatch(text) is not None


def contrast(one: str, other: str) -> float:
    """Compute the contrast ratio of two colours, from 1 to 21 (WCAG 2.2, definition of contrast ratio)."""
    darker, lighter = sorted((_luminance(one), _luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def tint_for(background: str, colour: str, least: float) -> str:
    """Mix a colour with white until it stands out from a dark background.

    Args:
        background: What the colour is seen on.
        colour: The colour to start from.
        least: The contrast ratio to reach.

    Returns:
        The first tint, in steps of a twentieth, that reaches it; white if none does.
    """
    for step in range(20):
        tint = _mix_with_white(colour, step / 20)
        if contrast(background, tint) >= least:
            return tint
    return WHITE


def _channels(colour: str) -> list[int]:
    digits = colour[1:] if len(colour) == 7 else "".join(digit * 2 for digit in colour[1:])
    return [int(digits[at : at + 2], 16) for at in (0, 2, 4)]


def _luminance(colour: str) -> float:
    """Compute the relative luminance, from 0 to 1 (WCAG 2.2, definition of relative luminance)."""
    shares = (channel / 255 for channel in _channels(colour))
    red, green, blue = (s / 12.92 if s <= 0.04045 else ((s + 0.055) / 1.055) ** 2.4 for s in shares)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _mix_with_white(colour: str, share: float) -> str:
    return "#" + "".join(f"{round(channel + (255 - channel) * share):02x}" for channel in _channels(colour))
