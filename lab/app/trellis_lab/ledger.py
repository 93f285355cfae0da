"""The traffic's own account of every task, kept apart from Celery: what was asked for, and what came of it."""
import sqlite3
import threading

#: Rows are removed this long after they were published.
KEEP_MS = 6 * 3600 * 1000

SCHEMA = """
CREATE TABLE IF NOT EXISTS task (
  id TEXT PRIMARY KEY,
  name TEXT NOT NULL,
  kind TEXT NOT NULL,              -- short, sleep, file_io, factorial, chain, group, chord, retry, failure
  root_id TEXT,                    -- as Celery sets it: the first of a chain, otherwise its own id; null for a chord's
                                   -- body, whose root is whichever header task ends last
  workflow_id TEXT NOT NULL,       -- one per publish: all rows of a chain, group or chord share it
  via TEXT NOT NULL,               -- client: published here; workflow: published by the worker that ran the step before
  published_at_ms INTEGER NOT NULL,
  confirmed_at_ms INTEGER,         -- the broker has taken the message (or, via workflow, the one that carries it)
  publish_error TEXT,              -- why there is no confirmation; the task may have run all the same
  expected_state TEXT NOT NULL,    -- SUCCESS or FAILURE
  expected_retries INTEGER NOT NULL,
  observed_state TEXT,             -- the end state in the result store; null while there is none
  observed_at_ms INTEGER,          -- when it was first seen there
  done_at_ms INTEGER,              -- when the worker says that it was done
  observed_retries INTEGER,
  worker TEXT
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS task_published ON task (published_at_ms);
CREATE INDEX IF NOT EXISTS task_confirmed ON task (confirmed_at_ms);
CREATE INDEX IF NOT EXISTS task_observed ON task (observed_at_ms);
"""

COLUMNS = ("id", "name", "kind", "root_id", "workflow_id", "via", "published_at_ms", "expected_state", "expected_retries")


class Ledger:
    """One SQLite file; safe to use from several threads."""

    def __init__(self, path):
        self._lock = threading.Lock()
        self._db = sqlite3.connect(path, timeout=10, isolation_level=None, check_same_thread=False)
        self._db.execute("PRAGMA journal_mode = WAL")
        # Commits survive the death of the process, which is what the lab does to it.
        self._db.execute("PRAGMA synchronous = NORMAL")
        self._db.executescript(SCHEMA)

    def will_publish(self, rows):
        """Written before the publish, so that no task can exist that the ledger does not know."""
        values = [tuple(row[column] for column in COLUMNS) for row in rows]
        marks = ",".join("?" * len(COLUMNS))
        self._write(f"INSERT INTO task ({','.join(COLUMNS)}) VALUES ({marks})", values)

    def confirmed(self, ids, now_ms):
        """The broker has confirmed the messages that carry these tasks."""
        self._write("UPDATE task SET confirmed_at_ms = ? WHERE id = ?", [(now_ms, id_) for id_ in ids])

    def failed(self, ids, error):
        """The publish ended with an error."""
        self._write("UPDATE task SET publish_error = ? WHERE id = ?", [(error, id_) for id_ in ids])

    def observed(self, rows):
        """End states from the result store: (state, observed_at_ms, done_at_ms, retries, worker, id)."""
        self._write(
            "UPDATE task SET observed_state = ?, observed_at_ms = ?, done_at_ms = ?, observed_retries = ?, worker = ? "
            "WHERE id = ?",
            rows,
        )

    def pending(self, since_ms):
        """(id, published_at_ms) of tasks without an end state."""
        with self._lock:
            return self._db.execute(
                "SELECT id, published_at_ms FROM task WHERE observed_state IS NULL AND published_at_ms > ?", (since_ms,)
            ).fetchall()

    def is_waiting(self, since_ms):
        """Whether a confirmed task has no end state yet."""
        with self._lock:
            return self._db.execute(
                "SELECT 1 FROM task WHERE observed_state IS NULL AND confirmed_at_ms IS NOT NULL AND published_at_ms > ? "
                "LIMIT 1",
                (since_ms,),
            ).fetchone() is not None

    def prune(self, now_ms):
        """Removes what is older than `KEEP_MS`, a little at a time."""
        self._write(
            "DELETE FROM task WHERE id IN (SELECT id FROM task WHERE published_at_ms < ? LIMIT 2000)", [(now_ms - KEEP_MS,)]
        )

    def _write(self, statement, rows):
        with self._lock:
            self._db.execute("BEGIN IMMEDIATE")
            try:
                self._db.executemany(statement, rows)
            except BaseException:
                self._db.execute("ROLLBACK")
                raise
            self._db.execute("COMMIT")
