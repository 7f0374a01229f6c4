"""The recipes of docs/recipes.md, as the tests run them."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

DOCUMENT = Path(__file__).parents[2] / "docs" / "recipes.md"
_RECIPE = re.compile(r"^## (.+?)$(?:(?!^## ).)*?^```python\n(.*?)^```", re.MULTILINE | re.DOTALL)


def recipes() -> dict[str, str]:
    """Find the source of each recipe by its heading."""
    return dict(_RECIPE.findall(DOCUMENT.read_text()))


def run(heading: str, **names: Any) -> dict[str, Any]:
    """Run a recipe where these names are known, and return all that it defines."""
    namespace: dict[str, Any] = {"__name__": "recipe", **names}
    exec(compile(recipes()[heading], heading, "exec"), namespace)
    return namespace
