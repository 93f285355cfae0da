"""What the lab tells its Python processes, and nothing that an ordinary application would not be told."""
import os
from pathlib import Path

ADDRESS = os.environ["LAB_ADDRESS"]
BROKER_PORT = os.environ["LAB_BROKER_PORT"]
RESULTS_PORT = os.environ["LAB_RESULTS_PORT"]


def secret(variable):
    """The secret in the file that an environment variable names: a password in argv or environ would be public."""
    return Path(os.environ[variable]).read_text().strip()


def broker_url():
    """The broker through this host's own HAProxy."""
    return f"amqp://app:{secret('LAB_PASSWORD_FILE')}@{ADDRESS}:{BROKER_PORT}//"


def results_url():
    """The result store through this host's own HAProxy."""
    return f"redis://{ADDRESS}:{RESULTS_PORT}/0"
