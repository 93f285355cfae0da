"""The Celery application object: `celery -A trellis_lab.celery_app`."""
import logging

from celery import Celery
from celery.signals import after_setup_logger, after_task_publish

from . import ticks

app = Celery("trellis_lab")
app.config_from_object("trellis_lab.config")


@after_setup_logger.connect
def _quiet_tasks(**_):
    # Two lines a task would bury the lines about lost and found connections.
    for name in ("celery.worker.strategy", "celery.app.trace", "celery.beat", "django_celery_beat.schedulers"):
        logging.getLogger(name).setLevel(logging.CRITICAL if name == "celery.app.trace" else logging.WARNING)


@after_task_publish.connect(sender="lab.tick")
def _note_tick(headers=None, **_):
    ticks.note(headers["id"], headers["kwargsrepr"])
