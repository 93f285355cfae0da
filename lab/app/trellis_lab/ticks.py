"""Beat's account: every tick that the broker has confirmed, a line of JSON each, past the broker and whoever listens to it."""
import json
import os
import time

#: A day of ticks; then it begins anew.
MAX_BYTES = 8_000_000


def note(task, schedule):
    """Writes `{"id", "schedule", "at"}` down: the task's id, its keyword arguments as Celery's events write them, epoch seconds."""
    path = os.environ["LAB_TICKS_FILE"]
    mode = "w" if os.path.exists(path) and os.path.getsize(path) > MAX_BYTES else "a"
    with open(path, mode, encoding="utf-8") as file:
        file.write(json.dumps({"id": task, "schedule": schedule, "at": time.time()}) + "\n")
