"""A ticket shop in Starlette: pages in the shop's words, and an answer of its own where it has a better one.

Run it, and open http://127.0.0.1:8000/::

    uvicorn --app-dir examples starlette_app:app
"""

from __future__ import annotations

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import Route

from errorpages.asgi import ErrorPagesMiddleware

SEATS = {"opera": 2, "cinema": 0}
WAITING_LIST = "<h1>Sold out</h1><p>Join the <a href='/waiting-list'>waiting list</a> for the cinema.</p>"


async def home(request: Request) -> Response:
    return PlainTextResponse("Tickets for /shows/opera and /shows/cinema")


async def show(request: Request) -> Response:
    name = request.path_params["name"]
    if name not in SEATS:
        raise HTTPException(404, f"No show is called {name}.")
    if not SEATS[name]:
        # A page with something to do: marked, so that it stays for everybody.
        return HTMLResponse(WAITING_LIST, 409, headers={"X-Error-Pages": "keep"})
    return PlainTextResponse(f"{SEATS[name]} seats are left")


async def pay(request: Request) -> Response:
    raise TimeoutError("The bank at 10.0.0.7 did not answer")


app = Starlette(
    routes=[
        Route("/", home),
        Route("/shows/{name}", show),
        Route("/pay", pay, methods=["GET", "POST"]),
    ],
    middleware=[
        Middleware(
            ErrorPagesMiddleware,
            site_name="Ticket Shop",
            exceptions={TimeoutError: 504},
            wording={404: {"title": "No such show", "next_step": "See what is on at the home page."}},
        )
    ],
)
