"""
The application: publishes tasks at a set rate and reads their results, through its host's HAProxy, for ever.

`python3 -m trellis_lab.traffic --rate 20 --ledger ledger.sqlite`

SIGUSR1: publishes no more, reads the results that are still to come, and ends.
"""
import argparse
import logging
import signal
import sys
import threading
import time
from contextlib import contextmanager
from datetime import datetime, timezone

from celery import states
from celery.backends.redis import RedisBackend

from .config import RESULT_EXPIRES_S
from .environment import results_url
from .ledger import Ledger
from .tasks import app
from .workload import MIXES, SLEEP_EVERY_S, build, choose

log = logging.getLogger("traffic")

OBSERVE_EVERY_S = 1.0
#: Tasks older than this are asked for ten times more rarely: most of them will never have a result.
YOUNG_MS = 60_000
BATCH = 500
MAX_BEHIND_S = 1.0
#: After SIGUSR1: results that have not come within this time will not come.
DRAIN_LIMIT_S = 300
CONNECT_LIMIT_S = 4


class PollingBackend(RedisBackend):
    """Reads results by asking for them: Celery's own way subscribes while it publishes, so that no publish works
    while the result store is away."""

    def on_task_call(self, producer, task_id):
        pass


def configure():
    """An application's view of Celery: bounded waits, so that an outage shows as errors and not as silence."""
    app.conf.result_backend = f"trellis_lab.traffic:PollingBackend+{results_url()}"
    app.conf.redis_socket_timeout = 2
    app.conf.redis_socket_connect_timeout = 2
    app.conf.result_backend_always_retry = False
    # Publishing a chord writes to the result store: without it that must fail soon, for everything else waits behind it.
    retry_once = {"max_retries": 1, "interval_start": 0, "interval_step": 0.1, "interval_max": 0.1}
    app.conf.result_backend_transport_options = {"retry_policy": retry_once}
    app.conf.broker_transport_options = {
        "confirm_publish": True,
        "read_timeout": 5,
        "write_timeout": 5,
        "max_retries": 1,  # where Celery itself looks for its channel
    }


class Entrance:
    """The one connection for publishing, in place of Celery's pool: a connection that has failed in the middle of
    something must not be used again, and the pool cannot be told so."""

    def __init__(self):
        self._connection = None
        self._producer = None
        app.amqp._producer_pool = self

    @contextmanager
    def acquire(self, block=True):
        """Celery's way of asking a pool for a producer."""
        if self._producer is None:
            self._connection = app.connection_for_write()
            self._connection.ensure_connection(max_retries=1, timeout=CONNECT_LIMIT_S)
            self._producer = app.amqp.Producer(self._connection, auto_declare=False)
        yield self._producer

    def close(self):
        """Gives the connection up; the next publish makes a new one."""
        connection, self._connection, self._producer = self._connection, None, None
        if connection is not None:
            connection.collect(socket_timeout=0.5)


class Traffic:
    """Publisher and observer over one ledger."""

    def __init__(self, rate, ledger, mix="full"):
        self.rate = rate
        self.mix = MIXES[mix]
        # The sleep fills pools: it is no part of a load that is to be as fast as it can.
        self.sleeps = mix == "full"
        self.entrance = Entrance()
        self.ledger = ledger
        self.stop = threading.Event()
        self.drain = threading.Event()
        self._lock = threading.Lock()
        self._pending = dict(ledger.pending(now_ms() - RESULT_EXPIRES_S * 1000))
        self._was_failing = {}

    def publish_for_ever(self):
        """Keeps the rate; what an outage has made impossible is not made up for afterwards."""
        due = next_sleep = time.monotonic()
        late = False
        while not self.stop.is_set() and not self.drain.is_set():
            now = time.monotonic()
            if now < due:
                self.stop.wait(due - now)
                continue
            if self.sleeps and now >= next_sleep:
                flow = build("sleep_late" if late else "sleep")
                late, next_sleep = not late, now + SLEEP_EVERY_S
            else:
                flow = choose(self.mix)
            due = max(due, now - MAX_BEHIND_S) + len(flow.rows) / self.rate
            self._guard("publish", lambda: self._publish(flow))

    def _publish(self, flow):
        published_at = now_ms()
        for row in flow.rows:
            row["published_at_ms"] = published_at
        self.ledger.will_publish(flow.rows)
        with self._lock:
            self._pending.update((id_, published_at) for id_ in flow.ids)
        try:
            # One attempt: what a repeated publish would add to a failover's account could not be told from a repeat.
            flow.signature.apply_async(retry=False)
        except Exception as error:
            self.ledger.failed(flow.ids, f"{type(error).__name__}: {error}"[:300])
            self.entrance.close()
            raise
        self.ledger.confirmed(flow.ids, now_ms())

    def await_results(self):
        """Returns when every confirmed task has an end state, or after the limit."""
        end = time.monotonic() + DRAIN_LIMIT_S
        since = now_ms() - RESULT_EXPIRES_S * 1000
        while time.monotonic() < end and self.ledger.is_waiting(since):
            if self.stop.wait(0.5):
                return

    def observe_for_ever(self):
        """Reads end states from the result store."""
        turn = 0
        while not self.stop.wait(OBSERVE_EVERY_S):
            turn += 1
            self._guard("read results", lambda: self._observe(everything=turn % 10 == 0))
            if turn % 60 == 0:
                self._guard("prune the ledger", lambda: self.ledger.prune(now_ms()))

    def _observe(self, everything):
        now = now_ms()
        with self._lock:
            for id_ in [id_ for id_, at in self._pending.items() if at < now - RESULT_EXPIRES_S * 1000]:
                del self._pending[id_]
            ids = [id_ for id_, at in self._pending.items() if everything or at > now - YOUNG_MS]
        for start in range(0, len(ids), BATCH):
            batch = ids[start : start + BATCH]
            raw = app.backend.client.mget([app.backend.get_key_for_task(id_) for id_ in batch])
            found = [(id_, app.backend.decode_result(value)) for id_, value in zip(batch, raw) if value]
            ended = [(id_, meta) for id_, meta in found if meta["status"] in states.READY_STATES]
            seen_at = now_ms()
            self.ledger.observed(
                [
                    (meta["status"], seen_at, epoch_ms(meta.get("date_done")), meta.get("retries"), meta.get("worker"), id_)
                    for id_, meta in ended
                ]
            )
            with self._lock:
                for id_, _ in ended:
                    self._pending.pop(id_, None)

    def _guard(self, what, work):
        """Never dies; says once that something fails and once that it works again."""
        try:
            work()
        except Exception as error:
            if not self._was_failing.get(what):
                log.warning("cannot %s: %s: %s", what, type(error).__name__, error)
            self._was_failing[what] = True
            self.stop.wait(0.05)
        else:
            if self._was_failing.get(what):
                log.warning("can %s again", what)
            self._was_failing[what] = False


def now_ms():
    """Epoch milliseconds."""
    return time.time_ns() // 1_000_000


def epoch_ms(iso):
    """Celery writes `date_done` as UTC without saying so."""
    if not iso:
        return None
    when = datetime.fromisoformat(iso)
    return int((when if when.tzinfo else when.replace(tzinfo=timezone.utc)).timestamp() * 1000)


def main(argv):
    """Runs until SIGTERM."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rate", type=float, default=20.0, help="tasks per second")
    parser.add_argument("--ledger", required=True)
    parser.add_argument("--mix", choices=sorted(MIXES), default="full", help="kinds of tasks")
    options = parser.parse_args(argv)
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(message)s")
    logging.getLogger("celery").setLevel(logging.CRITICAL)
    configure()
    traffic = Traffic(options.rate, Ledger(options.ledger), options.mix)
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: traffic.stop.set())
    signal.signal(signal.SIGUSR1, lambda *_: traffic.drain.set())
    observer = threading.Thread(target=traffic.observe_for_ever, name="observer", daemon=True)
    observer.start()
    traffic.publish_for_ever()
    if traffic.drain.is_set():
        traffic.await_results()
    traffic.stop.set()
    observer.join(timeout=3)


if __name__ == "__main__":
    main(sys.argv[1:])
