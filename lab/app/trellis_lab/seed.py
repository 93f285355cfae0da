"""Creates the schedule database: `python3 -m trellis_lab.seed`. It appears under its name only when it is complete."""
import json
import os

FINAL = os.environ["LAB_BEAT_DATABASE"]
os.environ["LAB_BEAT_DATABASE"] = f"{FINAL}.new"

import django  # noqa: E402
from django.core.management import call_command  # noqa: E402


def main():
    """Migrates and writes the schedules."""
    if os.path.exists(f"{FINAL}.new"):
        os.remove(f"{FINAL}.new")
    django.setup()
    call_command("migrate", verbosity=0)
    from django_celery_beat.models import CrontabSchedule, IntervalSchedule, PeriodicTask

    def schedule(name, **when):
        PeriodicTask.objects.create(name=name, task="lab.tick", kwargs=json.dumps({"schedule": name}), **when)

    for seconds in (1, 10):
        every, _ = IntervalSchedule.objects.get_or_create(every=seconds, period=IntervalSchedule.SECONDS)
        schedule(f"every-{seconds}s", interval=every)
    minutely, _ = CrontabSchedule.objects.get_or_create(minute="*", timezone="UTC")
    schedule("every-minute", crontab=minutely)
    os.rename(f"{FINAL}.new", FINAL)


if __name__ == "__main__":
    main()
