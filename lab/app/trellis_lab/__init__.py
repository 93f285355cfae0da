"""The lab's Celery application: an ordinary user of the estate that Trellis watches."""
