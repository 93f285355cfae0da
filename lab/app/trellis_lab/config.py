"""Celery settings for high availability; each that is not plain says why."""
from .environment import broker_url as _broker_url
from .environment import results_url as _results_url

#: How long results stay readable. The ledger stops asking after this time.
RESULT_EXPIRES_S = 3600

broker_url = _broker_url()
broker_heartbeat = 10
broker_connection_timeout = 4
# For ever: an outage of any length must end with the workers back by themselves.
broker_connection_max_retries = None
broker_connection_retry = True
broker_connection_retry_on_startup = True  # the name from Celery 5.3 on
broker_transport_options = {"confirm_publish": True}

result_backend = _results_url()
result_expires = RESULT_EXPIRES_S
result_extended = True
# A failover answers with errors for some seconds; without this the task itself would fail.
result_backend_always_retry = True
result_backend_max_retries = 60
redis_socket_timeout = 5
redis_socket_connect_timeout = 3
redis_retry_on_timeout = True
redis_socket_keepalive = True
redis_backend_health_check_interval = 10

worker_send_task_events = True
task_send_sent_event = True
# One task each: a worker that dies takes no reserved tasks with it, and a 10 s task blocks none.
worker_prefetch_multiplier = 1
worker_hijack_root_logger = True

imports = ["trellis_lab.tasks"]
task_serializer = "json"
result_serializer = "json"
accept_content = ["json"]
enable_utc = True
timezone = "UTC"
