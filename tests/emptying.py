"""Makes the database that a test committed to what it was when it was copied: ten times cheaper than a new copy.

Owns deleting rows and whole new tables (a day's part of a divided one), and setting counters back. Leaves alone what
it cannot mend: after another change of the schema, and where much was written, a new copy is due.
"""

from __future__ import annotations

from typing import Any

import psycopg
from psycopg import sql

from vanthu.localdb import LocalDb

MUCH_BYTES = 8 << 20
"""Deleted rows stay on disk; a table that grew beyond this would slow the tests that follow."""


class Untouched:
    """What the copy holds before anybody used it."""

    def __init__(self, server: LocalDb, name: str) -> None:
        self._server, self._name = server, name
        with server.connect(name) as database:
            self._schema, self._tables = _schema(database), set(_tables(database))
            self._rows = {table: rows for table in _written(database) if (rows := _rows(database, table))}
            self._counters = _counters(database)

    def restored(self) -> bool:
        """Whether it could be made the same again; ends every other session."""
        try:
            with self._server.connect(self._name) as database:
                return self._restored(database)
        except (psycopg.OperationalError, psycopg.errors.LockNotAvailable):
            return False

    def _restored(self, database: psycopg.Connection[Any]) -> bool:
        database.execute(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        # Nobody's triggers: what they forbid, and what they would note, is undone here as well.
        database.execute("SET session_replication_role = replica; SET lock_timeout = '5s'")
        for table in set(_tables(database)) - self._tables:
            database.execute(sql.SQL("DROP TABLE {}").format(sql.Identifier(table)))
        written = _written(database)
        if _schema(database) != self._schema or any(size > MUCH_BYTES for size in written.values()):
            return False
        own = [table for table in self._rows if _rows(database, table) != self._rows[table]]
        empty = [table for table in written if table not in self._rows]
        for table in [*empty, *own]:
            database.execute(sql.SQL("DELETE FROM {}").format(sql.Identifier(table)))
        for table in own:
            again = "INSERT INTO {0} SELECT (row::{0}).* FROM unnest(%s::text[]) AS row"
            database.execute(sql.SQL(again).format(sql.Identifier(table)), [self._rows[table]])
        for counter, last in _counters(database).items():
            if last != self._counters[counter]:
                reset = (
                    "SELECT setval(seqrelid, coalesce(%s, seqstart), %s) FROM pg_sequence WHERE seqrelid = %s"
                )
                kept = self._counters[counter]
                database.execute(reset, [kept, kept is not None, counter])
        return True


def _schema(database: psycopg.Connection[Any]) -> Any:
    """Changes with every table, index, trigger and function."""
    return database.execute(
        "SELECT md5(string_agg(made, ',' ORDER BY made)) FROM ("
        " SELECT oid::text AS made FROM pg_class WHERE relpersistence <> 't'"
        " UNION ALL SELECT oid || tgenabled::text FROM pg_trigger"
        " UNION ALL SELECT oid || md5(prosrc) FROM pg_proc WHERE pronamespace = 'public'::regnamespace) made"
    ).fetchall()


def _tables(database: psycopg.Connection[Any]) -> dict[str, int]:
    """Every table with its size in bytes."""
    return dict(
        database.execute(
            "SELECT relname, pg_relation_size(oid) FROM pg_class"
            " WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
        ).fetchall()
    )


def _written(database: psycopg.Connection[Any]) -> dict[str, int]:
    """The tables that anything was ever written to."""
    return {table: size for table, size in _tables(database).items() if size}


def _rows(database: psycopg.Connection[Any], table: str) -> list[str]:
    asked = sql.SQL("SELECT t::text FROM {} t ORDER BY 1").format(sql.Identifier(table))
    return [row for (row,) in database.execute(asked).fetchall()]


def _counters(database: psycopg.Connection[Any]) -> dict[int, int | None]:
    """Each sequence's last number; None where it gave none yet."""
    asked = "SELECT oid, pg_sequence_last_value(oid) FROM pg_class WHERE relkind = 'S'"
    return dict(database.execute(asked).fetchall())
