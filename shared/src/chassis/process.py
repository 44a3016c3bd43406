"""How a service's two processes run: `python -m chassis.process care_plans api` and `… care_plans worker`."""

import asyncio
import logging
import signal
import sys
from importlib import import_module
from typing import Any

import uvicorn

_QUIET = {
    "aiokafka": logging.ERROR,
    "faust": logging.WARNING,
    "mode": logging.WARNING,
    "httpx": logging.WARNING,
}


def run(package: str, kind: str) -> None:
    """Run one process of a service until SIGTERM or SIGINT; its settings come from the environment."""
    logging.basicConfig(
        level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s", force=True
    )
    for name, level in _QUIET.items():
        logging.getLogger(name).setLevel(level)
    app = import_module(f"{package}.app")
    settings = app.Settings()
    if kind == "api":
        serve(app.create_app(settings), settings.host, settings.port)
    else:
        asyncio.run(_work(app.create_worker(settings)))


def serve(app: Any, host: str, port: int) -> None:
    """Answer HTTP until told to stop; open requests get five seconds to end."""
    config = uvicorn.Config(
        app,
        host=host,
        port=port,
        loop="uvloop",
        http="httptools",
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=5,
        backlog=2048,
    )
    uvicorn.Server(config).run()


async def _work(worker: Any) -> None:
    stop, loop = asyncio.Event(), asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    await worker.run(stop)


if __name__ == "__main__":
    run(sys.argv[1], sys.argv[2])
