"""Loads the examples, and asks them over their own protocol."""

from __future__ import annotations

import asyncio
import importlib.util
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import httpx
import pytest

EXAMPLES = Path(__file__).parents[2] / "examples"
BASE_URL = "http://localhost"

Get = Callable[..., httpx.Response]


@pytest.fixture
def load() -> Callable[[str], ModuleType]:
    def load_example(path: str) -> ModuleType:
        file = EXAMPLES / path
        spec = importlib.util.spec_from_file_location(f"example_{file.stem}", file)
        assert spec is not None and spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        return module

    return load_example


@pytest.fixture
def browser() -> str:
    return "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"


@pytest.fixture
def wsgi_get() -> Get:
    def get(app: Any, path: str, accept: str = "*/*") -> httpx.Response:
        with httpx.Client(transport=httpx.WSGITransport(app, raise_app_exceptions=False), base_url=BASE_URL) as client:
            return client.get(path, headers={"Accept": accept})

    return get


@pytest.fixture
def asgi_get() -> Get:
    async def get_async(app: Any, path: str, accept: str) -> httpx.Response:
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url=BASE_URL) as client:
            return await client.get(path, headers={"Accept": accept})

    def get(app: Any, path: str, accept: str = "*/*") -> httpx.Response:
        return asyncio.run(get_async(app, path, accept))

    return get
