"""Takes the pictures of the README: the same 404 without and with errorpages (``make screenshots``)."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable
from pathlib import Path
from wsgiref.simple_server import WSGIRequestHandler, make_server

from flask import Flask, abort
from playwright.sync_api import sync_playwright

from errorpages.wsgi import ErrorPagesMiddleware

HERE = Path(__file__).parent
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]


class _QuietHandler(WSGIRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        pass


def _shop() -> Flask:
    app = Flask("shop")

    @app.get("/invoices/<number>")
    def invoice(number: str) -> str:
        abort(404, f"There is no invoice with the number {number}.")

    return app


def _picture(application: Callable[..., object], name: str) -> None:
    with make_server("127.0.0.1", 0, application, handler_class=_QuietHandler) as server:  # type: ignore[arg-type]
        threading.Thread(target=server.serve_forever, daemon=True).start()
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=ARGUMENTS)
            page = browser.new_page(viewport={"width": 800, "height": 560})
            page.goto(f"http://127.0.0.1:{server.server_port}/invoices/2026-0417")
            page.screenshot(path=HERE / name)
            browser.close()
        server.shutdown()


if __name__ == "__main__":
    bare, dressed = _shop(), _shop()
    dressed.wsgi_app = ErrorPagesMiddleware(  # type: ignore[method-assign]
        dressed.wsgi_app, site_name="Acme Billing", support_url="/help"
    )
    _picture(bare, "before.png")
    _picture(dressed, "after.png")
