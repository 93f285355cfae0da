"""What the traffic publishes: every kind of task and workflow, with all ids known beforehand."""
import random
from uuid import uuid4

from celery import chain, chord, group

from . import tasks

#: Kinds and their shares. The 10 s sleep comes by the clock instead: its share would fill every pool at high rates.
MIX = (
    ("short", 40),
    ("short_late", 20),
    ("file_io", 3),
    ("file_io_late", 3),
    ("factorial", 5),
    ("factorial_late", 5),
    ("chain", 4),
    ("group", 3),
    ("chord", 3),
    ("retry", 3),
    ("failure", 3),
)
#: What a few processors can run hundreds of times a second, with every way in which a task can end.
SHORT_MIX = (
    ("short", 60),
    ("short_late", 25),
    ("chain", 2),
    ("group", 2),
    ("retry", 3),
    ("failure", 4),
)
MIXES = {"full": MIX, "short": SHORT_MIX}
SLEEP_EVERY_S = 12
OWN = "own"


class Workflow:
    """One publish: the signature to send, and a ledger row for each of its tasks."""

    def __init__(self, kind):
        self.kind = kind
        self.id = str(uuid4())
        self.rows = []
        self.signature = None

    def task(self, name, *args, root_id=OWN, via="client", state="SUCCESS", retries=0):
        """A signature with an id of its own, noted in `rows`."""
        id_ = str(uuid4())
        self.rows.append(
            {
                "id": id_,
                "name": name,
                "kind": self.kind,
                "root_id": id_ if root_id == OWN else root_id,
                "workflow_id": self.id,
                "via": via,
                "expected_state": state,
                "expected_retries": retries,
            }
        )
        return tasks.app.signature(name, args=args, task_id=id_)

    @property
    def ids(self):
        """The ids of all its tasks."""
        return [row["id"] for row in self.rows]


def choose(mix=MIX, rng=random):
    """A workflow of a random kind."""
    kinds, shares = zip(*mix)
    return build(rng.choices(kinds, shares)[0])


def build(kind):
    """A workflow of the given kind; kinds ending in `_late` use the late-acknowledging variant."""
    flow = Workflow(kind.removesuffix("_late"))
    if kind == "chain":
        first = flow.task("lab.add", 1, 1)
        root = flow.ids[0]
        flow.signature = chain(first, *(flow.task("lab.add", 1, root_id=root, via="workflow") for _ in range(2)))
    elif kind == "group":
        flow.signature = group([flow.task("lab.add", number, 1) for number in range(4)])
    elif kind == "chord":
        header = [flow.task("lab.add", number, 1) for number in range(4)]
        flow.signature = chord(header, flow.task("lab.collect", root_id=None, via="workflow"))
    elif kind == "retry":
        flow.signature = flow.task("lab.flaky", 2, retries=2)
    elif kind == "failure":
        flow.signature = flow.task("lab.fail", state="FAILURE")
    else:
        flow.signature = flow.task(f"lab.{kind}")
    return flow
