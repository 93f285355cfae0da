"""Django settings, for django-celery-beat alone: the one schedule database that both beats share."""
import os

from .environment import secret

SECRET_KEY = secret("LAB_DJANGO_SECRET_FILE")
INSTALLED_APPS = ["django_celery_beat"]
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": os.environ["LAB_BEAT_DATABASE"],
        "OPTIONS": {"timeout": 10},
    }
}
DEFAULT_AUTO_FIELD = "django.db.models.AutoField"
USE_TZ = True
TIME_ZONE = "UTC"
