"""
Flower from a checkout over the lab's events: `celery-state-flower.py <checkout> <port> <tasks in memory>`.

It says `declared` when its queue is bound, and begins at SIGUSR2; how many events it has taken is in its /metrics. Nothing else of
Flower is changed.
"""
import os
import signal
import sys
import threading

sys.path.insert(0, sys.argv[1])

import click  # noqa: E402
from celery import Celery  # noqa: E402
from celery.bin.base import CLIContext  # noqa: E402
from celery.bin.celery import celery  # noqa: E402
from celery.events import EventReceiver  # noqa: E402
from flower import events  # noqa: E402
from flower.command import flower  # noqa: E402

begin = threading.Event()


class HeldReceiver(EventReceiver):
    """Flower's receiver, which waits between the declaration of its queue and the first event."""

    def capture(self, *args, **kwargs):
        self.queue(self.channel).declare()
        print("declared", flush=True)
        begin.wait()
        return super().capture(*args, **kwargs)


def main(port, tasks_in_memory):
    """Runs until SIGTERM."""
    signal.signal(signal.SIGUSR2, lambda *_: begin.set())
    events.EventReceiver = HeldReceiver
    with open(os.environ["BENCH_PASSWORD_FILE"]) as file:
        password = file.read().strip()
    app = Celery(broker=f"amqp://app:{password}@{os.environ['BENCH_BROKER']}//", set_as_current=True)
    app.conf.broker_heartbeat = 0
    # What waits in the queue must neither end nor vanish before it is read.
    app.conf.event_queue_ttl = 3600
    app.conf.event_queue_expires = 3600
    parent = click.Context(celery, obj=CLIContext(app=app, no_color=True, workdir=None, quiet=True))
    options = [
        "--address=127.0.0.1",
        f"--port={port}",
        f"--max_tasks={tasks_in_memory}",
        "--enable_events=False",
    ]
    flower.main(args=options, prog_name="flower", parent=parent)


if __name__ == "__main__":
    main(int(sys.argv[2]), int(sys.argv[3]))
