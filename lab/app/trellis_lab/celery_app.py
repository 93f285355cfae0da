"""The Celery application object: `celery -A trellis_lab.celery_app`."""
import logging
import os

from celery import Celery
from celery.signals import after_setup_logger, after_task_publish, task_postrun, task_prerun

from . import account

app = Celery("trellis_lab")
app.config_from_object("trellis_lab.config")


@after_setup_logger.connect
def _quiet_tasks(**_):
    # Two lines a task would bury the lines about lost and found connections.
    for name in ("celery.worker.strategy", "celery.app.trace", "celery.beat", "django_celery_beat.schedulers"):
        logging.getLogger(name).setLevel(logging.CRITICAL if name == "celery.app.trace" else logging.WARNING)


@after_task_publish.connect(sender="lab.tick")
def _note_tick(headers=None, **_):
    # Beat asks for confirms: the broker has taken it.
    account.note("tick", headers["id"], schedule=headers["kwargsrepr"])


@task_prerun.connect
def _note_start(task_id=None, task=None, **_):
    _note_run("task-started", task_id, task)


@task_postrun.connect
def _note_end(task_id=None, task=None, state=None, **_):
    if state in ("SUCCESS", "FAILURE"):
        _note_run("task-succeeded" if state == "SUCCESS" else "task-failed", task_id, task)


def _note_run(kind, task_id, task):
    # Tasks run in a child of the worker.
    account.note(kind, task_id, hostname=task.request.hostname, pid=os.getppid())
