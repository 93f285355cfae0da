"""
What the lab's Celery processes did, in their own words: past the broker and whoever listens to it, for a broker that is cut off
tells nobody. Kept only while somebody wants it, who makes the file and removes it.
"""
import json
import os
import time

PATH = os.environ["LAB_ACCOUNT_FILE"]


def note(kind, task, **more):
    """Writes a line of JSON: `type` and `uuid` as in Celery's events, `timestamp` in epoch seconds."""
    line = json.dumps({"type": kind, "uuid": task, "timestamp": time.time(), **more}) + "\n"
    try:
        file = os.open(PATH, os.O_WRONLY | os.O_APPEND)
    except FileNotFoundError:
        return
    try:
        os.write(file, line.encode())
    finally:
        os.close(file)
