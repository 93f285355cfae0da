"""
An application that publishes tasks and waits until it has read every result:
`overview-client.py <task> <arguments as JSON> <how many> <queue>`. Says how long that took, as `{"ms": …}`.
"""
import json
import sys
import time
from uuid import uuid4

from trellis_lab.tasks import app
from trellis_lab.traffic import configure

BATCH = 500
LOOK_EVERY_S = 0.02
LIMIT_S = 1_800


def main(task, arguments, count, queue):
    """Publishes, then reads results as they come."""
    configure()
    ids = [str(uuid4()) for _ in range(count)]
    keys = {app.backend.get_key_for_task(id_): id_ for id_ in ids}
    began = time.monotonic()
    for id_ in ids:
        app.send_task(task, args=arguments, task_id=id_, queue=queue)
    waiting = list(keys)
    while waiting:
        if time.monotonic() - began > LIMIT_S:
            sys.exit(f"{len(waiting)} of {count} results have not come within {LIMIT_S} s")
        batch = waiting[:BATCH]
        raw = app.backend.client.mget(batch)
        for key, value in zip(batch, raw):
            if value and app.backend.decode_result(value)["status"] != "SUCCESS":
                sys.exit(f"{keys[key]} failed: {value!r}")
        waiting = [key for key, value in zip(batch, raw) if not value] + waiting[BATCH:]
        if not any(raw):
            time.sleep(LOOK_EVERY_S)
    print(json.dumps({"ms": (time.monotonic() - began) * 1000}), flush=True)
    for start in range(0, count, BATCH):
        app.backend.client.unlink(*list(keys)[start : start + BATCH])


if __name__ == "__main__":
    main(sys.argv[1], json.loads(sys.argv[2]), int(sys.argv[3]), sys.argv[4])
