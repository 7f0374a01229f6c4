"""A parcel API in FastAPI: programs go on getting its JSON, and a person who opens the same URL gets a page.

Run it, and open http://127.0.0.1:8000/parcels/7::

    uvicorn --app-dir examples fastapi_app:app
"""

from __future__ import annotations

from fastapi import FastAPI, HTTPException

from errorpages.asgi import ErrorPagesMiddleware

PARCELS = {1: "on its way", 2: "delivered"}

app = FastAPI(title="Parcels")
app.add_middleware(ErrorPagesMiddleware, site_name="Parcels", home_url="/docs", support_url="/docs")


@app.get("/parcels/{number}")
async def parcel(number: int) -> dict[str, str]:
    if number not in PARCELS:
        raise HTTPException(404, f"Parcel {number} is not ours, or was delivered over a year ago.")
    return {"state": PARCELS[number]}


@app.get("/parcels/{number}/signature")
async def signature(number: int) -> dict[str, str]:
    raise RuntimeError(f"The archive at /mnt/signatures/{number} is not mounted")
