"""What every application of the matrix serves: two pages of its own that must stay as they are."""

from __future__ import annotations

FORM_PAGE = (
    "<!doctype html><html lang=en><title>Order</title><h1>Order</h1><p>A is wrong.</p>"
    "<form method=post><label>A<input name=a value=bad></label><button>Send</button></form></html>"
)
STYLED_PAGE = (
    "<!doctype html><html lang=en><head><title>Lost</title><style>.lost{color:teal}</style></head>"
    '<body class="site"><main class="lost"><h1>You are lost</h1><p>Our own page.</p></main></body></html>'
)
BUSY = {"Retry-After": "120", "Cache-Control": "public, max-age=3600"}
