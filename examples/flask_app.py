"""An invoice desk in Flask: its own words reach the page, and an escaped exception shows a reference.

Run it, and open http://127.0.0.1:5000/::

    flask --app examples/flask_app.py run
"""

from __future__ import annotations

from datetime import timedelta

from flask import Flask, Response, abort, jsonify

from errorpages.wsgi import ErrorPagesMiddleware

INVOICES = {1041: 12_000, 1043: None}

app = Flask(__name__)
# wsgi_app is wrapped, not app: that stays the Flask application which its command line and test client expect.
app.wsgi_app = ErrorPagesMiddleware(  # type: ignore[method-assign]
    app.wsgi_app,
    site_name="Acme Invoices",
    support_url="mailto:help@acme.example",
    accent="#7a1f5c",
    retry_after={503: timedelta(minutes=10)},
)


@app.get("/")
def home() -> str:
    return "Acme Invoices: see /invoices/1041"


@app.get("/invoices/<int:number>")
def invoice(number: int) -> str:
    if number not in INVOICES:
        abort(404, f"There is no invoice {number}. Cancelled invoices keep their number for two years.")
    return f"Invoice {number}: {_total(number) / 100:.2f} EUR"


@app.get("/api/invoices/<int:number>")
def api_invoice(number: int) -> tuple[Response, int]:
    if number not in INVOICES:
        return jsonify(error="No such invoice"), 404
    return jsonify(number=number, total=_total(number)), 200


@app.get("/export")
def export() -> str:
    abort(503, "The year-end closing is running.")


def _total(number: int) -> int:
    total = INVOICES[number]
    if total is None:
        raise RuntimeError(f"The ledger has no total for invoice {number}")
    return total
