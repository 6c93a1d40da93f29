"""Work done after the transaction that made it necessary: `enqueue(db, "task_name", *ids)`.

Delivery is at least once on both engines. Tasks live in `app/<domain>/jobs.py`, under `@task("task_name")`.
"""

from app.jobs.duties import worker_seen
from app.jobs.queue import Status, configure, enqueue, ensure, status
from app.jobs.registry import GiveUp, every, sweeper, task

__all__ = [
    "GiveUp",
    "Status",
    "configure",
    "enqueue",
    "ensure",
    "every",
    "status",
    "sweeper",
    "task",
    "worker_seen",
]
