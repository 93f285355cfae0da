"""
Celery's own receiver and state over the lab's events: `celery-state.py <events> <tasks in memory>`.

It says `declared` when its queue is bound, begins at SIGUSR2, and says `done` after so many events.
"""
import os
import signal
import sys

from celery import Celery
from celery.events.receiver import EventReceiver
from celery.events.state import State


def main(wanted, tasks_in_memory):
    """Consumes until SIGTERM."""
    # Blocked from the start: sigwait takes it, whenever it comes.
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGUSR2})
    with open(os.environ["BENCH_PASSWORD_FILE"]) as file:
        password = file.read().strip()
    app = Celery(broker=f"amqp://app:{password}@{os.environ['BENCH_BROKER']}//", set_as_current=True)
    app.conf.broker_heartbeat = 0
    # What waits in the queue must neither end nor vanish before it is read.
    app.conf.event_queue_ttl = 3600
    app.conf.event_queue_expires = 3600
    state = State(max_tasks_in_memory=tasks_in_memory)
    seen = 0

    def take(event):
        nonlocal seen
        state.event(event)
        seen += 1
        if seen == wanted:
            print("done", flush=True)

    with app.connection_for_read() as connection:
        receiver = EventReceiver(connection, handlers={"*": take}, app=app)
        receiver.queue(connection.default_channel).declare()
        print("declared", flush=True)
        signal.sigwait({signal.SIGUSR2})
        receiver.capture(limit=None, timeout=None, wakeup=False)


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
