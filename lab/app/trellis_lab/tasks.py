"""The lab's tasks: the four published types, each acknowledged early and late, and the pieces of workflows."""
import hashlib
import math
import os
import tempfile
import time

from .celery_app import app


def early_and_late(run):
    """Registers `lab.<name>`, acknowledged on receipt, and `lab.<name>_late`, acknowledged when done."""
    app.task(run, name=f"lab.{run.__name__}")
    app.task(run, name=f"lab.{run.__name__}_late", acks_late=True, reject_on_worker_lost=True)
    return run


@early_and_late
def short(value=0):
    """Does next to nothing."""
    return value


@early_and_late
def sleep(seconds=10):
    """Keeps a pool process occupied without using it."""
    time.sleep(seconds)
    return seconds


@early_and_late
def file_io(kilobytes=256, rounds=2):
    """Writes, syncs and reads a file again and again."""
    block = os.urandom(1024)
    digest = hashlib.sha256()
    for _ in range(rounds):
        with tempfile.TemporaryFile(dir=os.getcwd()) as file:
            for _ in range(kilobytes):
                file.write(block)
            file.flush()
            os.fsync(file.fileno())
            file.seek(0)
            for chunk in iter(lambda: file.read(65536), b""):
                digest.update(chunk)
    return digest.hexdigest()


@early_and_late
def factorial(n=2000):
    """Uses the processor; returns the size of n! in bits."""
    return math.factorial(n).bit_length()


@app.task(name="lab.add")
def add(x, y):
    """A step of a chain, a member of a group."""
    return x + y


@app.task(name="lab.collect", acks_late=True)
def collect(numbers):
    """The body of a chord."""
    return sum(numbers)


@app.task(name="lab.flaky", bind=True, max_retries=10)
def flaky(self, failures=2):
    """Fails a set number of times, then succeeds."""
    if self.request.retries < failures:
        raise self.retry(countdown=1, exc=RuntimeError(f"failure {self.request.retries + 1} of {failures}"))
    return self.request.retries


@app.task(name="lab.fail")
def fail(why="as ordered"):
    """Fails."""
    raise ValueError(why)


@app.task(name="lab.tick")
def tick(schedule):
    """What beat sends: says which schedule sent it."""
    return schedule
