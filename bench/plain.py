"""The limit of reading: FastAPI and motor returning one document, nothing else (`uvicorn bench.plain:app`)."""

import os
from typing import Any

from fastapi import FastAPI
from motor.motor_asyncio import AsyncIOMotorClient

app = FastAPI()
_rows: Any = AsyncIOMotorClient(os.environ["PLAIN_MONGO_URI"])[os.environ["PLAIN_MONGO_DB"]]["bench_plain"]


@app.get("/document")
async def document() -> dict[str, Any]:
    """One document, found by its id."""
    found: dict[str, Any] | None = await _rows.find_one({"_id": "plain"})
    return found or {}
