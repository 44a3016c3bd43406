"""A consumer nobody waits for: the broker holds back what it tells it, and tells it together.

Woken for every single record, a service that only keeps books takes its turn of the processor just when the
service somebody does wait for needs it.
"""

from typing import Any

import faust
from faust.transport.drivers import aiokafka

HELD_MS = 200
"""How long the broker holds back a record at most."""
_ENOUGH_BYTES = 262_144


class _Thread(aiokafka.AIOKafkaConsumerThread):
    def _create_worker_consumer(self, transport: Any) -> Any:
        """Faust's consumer, with the two settings of a fetch that Faust has no name for."""
        consumer = super()._create_worker_consumer(transport)
        consumer._fetch_min_bytes, consumer._fetch_max_wait_ms = _ENOUGH_BYTES, HELD_MS
        return consumer


class _Consumer(aiokafka.Consumer):
    def _new_consumer_thread(self) -> _Thread:
        return _Thread(self, loop=self.loop, beacon=self.beacon)


class _Transport(aiokafka.Transport):
    Consumer = _Consumer


def be_patient(app: faust.App) -> None:
    """Let the broker gather what this app is told, for `HELD_MS` at most; to be called before it starts."""
    app.transport = _Transport(app.conf.broker_consumer, app)
