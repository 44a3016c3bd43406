"""How a service's two processes run: `python -m chassis.process care_plans api` and `… care_plans worker`."""

import asyncio
import gc
import logging
import signal
import sys
from importlib import import_module
from socket import socket
from types import FrameType
from typing import Any

import uvicorn
import uvloop

from chassis.crowds import Full, connections_of, most_connections
from chassis.settings import ServiceSettings

_QUIET = {
    "aiokafka": logging.ERROR,
    "faust": logging.WARNING,
    "mode": logging.WARNING,
    "httpx": logging.WARNING,
}

YOUNG, MIDDLE, OLD = 20_000, 20, 100
"""How many objects wait for each round of the collector: requests leave few cycles, and a full round takes longest."""
KEPT_S = 20
"""So long a connection stays for the next request: longer than clients keep theirs (httpx 5 s), or one sends a request
on a connection that is just being closed, and gets no answer."""
LONGEST_END_S = 8
"""After this the kernel ends the process: the database and the bus may be gone before it is."""


def run(package: str, kind: str, listening: socket | None = None) -> None:
    """Run one process of a service until SIGTERM or SIGINT; its settings come from the environment.

    `listening`: a socket that is open already and takes the place of the settings' host and port.
    """
    logging.basicConfig(
        level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s", force=True
    )
    for name, level in _QUIET.items():
        logging.getLogger(name).setLevel(level)
    app = import_module(f"{package}.app")
    settings = app.Settings()
    gc.freeze()  # what is imported stays; no round looks at it again
    gc.set_threshold(YOUNG, MIDDLE, OLD)
    if kind == "api":
        serve(app.create_app(settings), settings, listening)
    else:
        uvloop.run(_work(app.create_worker(settings)))


def serve(app: Any, settings: ServiceSettings, listening: socket | None = None) -> None:
    """Answer HTTP until told to stop; open requests get five seconds to end."""
    server(app, settings).run([listening] if listening else None)


def server(app: Any, settings: ServiceSettings) -> uvicorn.Server:
    """The server of an API process. Who a request is from is the peer's word only where the settings name it.

    uvicorn's own limit counts connections that ask nothing and then refuses everything: `crowds` does neither.
    """
    most = most_connections()
    config = uvicorn.Config(
        Full(app, lambda: len(made.server_state.connections), most, settings.always_open),
        host=settings.host,
        port=settings.port,
        loop="uvloop",
        http=connections_of(most),
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=5,
        timeout_keep_alive=KEPT_S,
        backlog=2048,
        proxy_headers=bool(settings.proxies),
        forwarded_allow_ips=sorted(settings.proxies),
    )
    made = _Server(config)
    return made


class _Server(uvicorn.Server):
    """Ends even when what it waits for never comes."""

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Begin to end."""
        signal.alarm(LONGEST_END_S)
        super().handle_exit(sig, frame)


async def _work(worker: Any) -> None:
    stop, loop = asyncio.Event(), asyncio.get_running_loop()

    def end() -> None:
        signal.alarm(LONGEST_END_S)
        stop.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, end)
    await worker.run(stop)


if __name__ == "__main__":
    run(sys.argv[1], sys.argv[2])
