"""A recipe site with templates of its own: a better 404, and one page of its own for every other error.

Run it, and open http://127.0.0.1:5000/recipes/borscht::

    flask --app examples/custom_templates/app.py run

In the folder beside it, ``404.html`` changes two blocks of the built-in page, ``404.txt`` is the same for terminals,
and ``error.html`` is a whole page.
"""

from __future__ import annotations

from pathlib import Path

from flask import Flask, abort

from errorpages import Request
from errorpages.wsgi import ErrorPagesMiddleware

RECIPES = {"goulash": "Onions, beef, paprika, patience.", "ramen": "Broth, noodles, an egg."}


def suggestions(request: Request) -> dict[str, object]:
    """Offer what there is, to every template."""
    return {"recipes": sorted(RECIPES)}


app = Flask(__name__)
app.wsgi_app = ErrorPagesMiddleware(  # type: ignore[method-assign]
    app.wsgi_app,
    site_name="Recipes",
    templates=Path(__file__).parent / "templates",
    context=suggestions,
)


@app.get("/recipes/<name>")
def recipe(name: str) -> str:
    if name not in RECIPES:
        abort(404, f"Nobody has written down {name} yet.")
    return RECIPES[name]


@app.get("/recipes/<name>/edit")
def edit(name: str) -> str:
    abort(403, "Only its author can change a recipe.")
