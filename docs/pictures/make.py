"""Takes the pictures of the documents (``make screenshots``): a 404 before and after, each theme, and the gallery.

Two runs on one machine make the same files: the fonts are those that ``fonts.conf`` names, and times are set to one.
"""

from __future__ import annotations

import asyncio
import io
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, Literal

import uvicorn
from flask import Flask, abort
from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright
from werkzeug.exceptions import HTTPException
from werkzeug.serving import WSGIRequestHandler, make_server

from errorpages.tools.gallery import Gallery
from errorpages.tools.serving import listen_once
from errorpages.wsgi import ErrorPagesMiddleware

HERE: Final = Path(__file__).parent
ARGUMENTS: Final = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--font-render-hinting=none",
    "--disable-partial-raster",  # it paints what has changed its size a little differently each time
]
REFERENCE: Final = "7f1d2c3b-9a48-4e0b-8d5e-3f1c2b7a6d90"
LOGO: Final = HERE / "logo.svg"
STATUS_OF_THEME: Final = {"plain": 404, "card": 403, "illustrated": 404, "status": 503, "bare": 502}
SCHEMES: Final[tuple[Literal["light", "dark"], ...]] = ("light", "dark")
IN_GALLERY: Final = "?theme=illustrated"
WHOLE: Final = (1440, 900)
WIDE: Final = (1280, 720)
NARROW: Final = (800, 560)
TIMES: Final = ("2026-11-20 12:36 UTC", "2026-11-20 12:34 UTC")
COLOURS: Final = 64
"""In a picture's palette; pages have few."""


class _QuietHandler(WSGIRequestHandler):
    def log_request(self, *args: object) -> None:
        pass


def _shop() -> Flask:
    app = Flask("shop")

    @app.get("/invoices/<number>")
    def invoice(number: str) -> str:
        abort(404, f"There is no invoice with the number {number}.")

    @app.get("/status/<int:status>")
    def fail(status: int) -> Any:
        error = HTTPException()
        error.code = status
        response = error.get_response()
        if status == 503:
            response.headers["Retry-After"] = "120"
        response.headers["X-Request-ID"] = REFERENCE
        return response

    return app


def _shop_with_pages(**options: Any) -> Flask:
    app = _shop()
    app.wsgi_app = ErrorPagesMiddleware(app.wsgi_app, **options)  # type: ignore[method-assign]
    return app


@contextmanager
def _served(application: Any) -> Iterator[str]:
    server = make_server("127.0.0.1", 0, application, threaded=True, request_handler=_QuietHandler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()


def _picture(
    browser: Browser, url: str, name: str, size: tuple[int, int], scheme: Literal["light", "dark"] = "light"
) -> None:
    with browser.new_context(viewport={"width": size[0], "height": size[1]}, color_scheme=scheme) as context:
        page = context.new_page()
        page.goto(url)
        page.evaluate(
            "times => document.querySelectorAll('time').forEach((time, index, all) =>"
            " time.textContent = times[all.length > 1 ? index : 1])",
            list(TIMES),
        )
        _take(page, name)


def _take(page: Page, name: str) -> None:
    taken = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
    taken.quantize(COLOURS, dither=Image.Dither.NONE).save(HERE / name, optimize=True)


def _gallery_picture(browser: Browser, name: str) -> None:
    server = uvicorn.Server(uvicorn.Config(Gallery().app, log_level="warning", server_header=False, date_header=False))
    with listen_once("127.0.0.1", 0, may_move=False) as listener:
        thread = threading.Thread(target=asyncio.run, args=[server.serve(sockets=[listener])], daemon=True)
        thread.start()
        # "null": the browser's own colour scheme, which an emulated one would override in the frame as well.
        with browser.new_context(viewport={"width": WHOLE[0], "height": WHOLE[1]}, color_scheme="null") as context:
            page = context.new_page()
            page.goto(f"http://127.0.0.1:{listener.getsockname()[1]}/{IN_GALLERY}")
            page.locator("#headers div").first.wait_for()
            page.frame_locator("#frame").locator("h1").wait_for()
            page.wait_for_load_state("networkidle")
            _take(page, name)
        server.should_exit = True
        thread.join()


def _check_fonts() -> None:
    found = subprocess.run(["fc-match", r"system\-ui"], capture_output=True, text=True, check=True).stdout
    if "Liberation Sans" not in found:
        sys.exit(f"The pictures need Debian's fonts-liberation; fontconfig offers {found.strip()}.")


def main() -> None:
    """Take all pictures."""
    os.environ["FONTCONFIG_FILE"] = str(HERE / "fonts.conf")
    _check_fonts()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=ARGUMENTS)
        options: dict[str, Any] = {"site_name": "Acme Billing", "support_url": "/help", "status_url": "/status"}
        with _served(_shop()) as address:
            _picture(browser, f"{address}/invoices/2026-0417", "before.png", NARROW)
        for theme, status in STATUS_OF_THEME.items():
            path = "/invoices/2026-0417" if status == 404 else f"/status/{status}"
            with _served(_shop_with_pages(theme=theme, logo=LOGO.read_text(), **options)) as address:
                for scheme in SCHEMES:
                    _picture(browser, address + path, f"{theme}-{scheme}.png", WIDE, scheme)
                if theme == "plain":
                    _picture(browser, address + path, "after.png", NARROW)
        _gallery_picture(browser, "gallery.png")
        browser.close()


if __name__ == "__main__":
    main()
