"""The pages of a worker: `/livez`, `/readyz` and `/metrics`, on Faust's own web server."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiohttp.web import Request, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

if TYPE_CHECKING:
    from aiohttp.web import Application
    from prometheus_client import CollectorRegistry

    from stream.worker.watch import Watch

__all__ = ["add_pages"]

OK = 200
UNAVAILABLE = 503


def add_pages(application: Application, watch: Watch, registry: CollectorRegistry) -> None:
    """Add the three pages; the first two say in one line what is wrong."""

    async def livez(_: Request) -> Response:
        return _answer(watch.not_live())

    async def readyz(_: Request) -> Response:
        return _answer(watch.not_ready())

    async def metrics(_: Request) -> Response:
        body = generate_latest(registry)
        return Response(body=body, headers={"Content-Type": CONTENT_TYPE_LATEST})

    application.router.add_get("/livez", livez)
    application.router.add_get("/readyz", readyz)
    application.router.add_get("/metrics", metrics)


def _answer(fault: str | None) -> Response:
    return Response(text=f"{fault or 'ok'}\n", status=UNAVAILABLE if fault else OK)
