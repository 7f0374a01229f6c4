"""A library catalogue in Django, in one file, served over WSGI.

Run it, and open http://127.0.0.1:8000/::

    python examples/django_app.py
"""

from __future__ import annotations

import logging
import os
from wsgiref.simple_server import make_server

from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.http import HttpRequest, HttpResponse, HttpResponseNotFound
from django.urls import path

from errorpages.wsgi import ErrorPagesMiddleware

BOOKS = {"dune": "Dune, on shelf 4"}

settings.configure(
    DEBUG=os.environ.get("DEBUG") == "1",  # in debug mode Django's own debug pages stay
    SECRET_KEY=os.environ.get("SECRET_KEY", "only-for-this-example"),
    ALLOWED_HOSTS=["127.0.0.1", "localhost"],
    ROOT_URLCONF=__name__,
)


def home(request: HttpRequest) -> HttpResponse:
    return HttpResponse("The library has /books/dune")


def book(request: HttpRequest, slug: str) -> HttpResponse:
    if slug not in BOOKS:
        # Django keeps the words of an Http404 to itself; those of a response are meant to be read.
        return HttpResponseNotFound(f"No book is called {slug}. Books that are lent out are still listed.")
    return HttpResponse(BOOKS[slug])


def loans(request: HttpRequest) -> HttpResponse:
    raise ConnectionError("The loan desk's database refused the connection")


urlpatterns = [path("", home), path("books/<slug:slug>", book), path("loans", loans)]

application = ErrorPagesMiddleware(
    get_wsgi_application(),
    site_name="City Library",
    home_url="/",
    support_url="tel:+441632960000",
)

if __name__ == "__main__":
    logging.basicConfig()  # outside of debug mode Django itself prints no error
    with make_server("127.0.0.1", 8000, application) as server:
        server.serve_forever()
