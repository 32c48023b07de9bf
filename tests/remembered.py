"""What many tests begin with is built once per process, by the real actions, and then put back as rows and files.

Building a small axis or two agencies takes a tenth of a second and hundreds of statements; putting it back takes
one statement. The next test's database is the same as after building.
"""

from __future__ import annotations

import copy
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from django.db import connection

from vanthu.base import clock

T = TypeVar("T")
Rows = dict[str, list[str]]


@dataclass(frozen=True)
class _Memory:
    """What a builder answered, the statement that puts its rows back, and its files."""

    answer: Any
    script: str
    files: dict[Path, bytes]


_memories: dict[Callable[[], Any], _Memory] = {}


def remembered(build: Callable[[], T]) -> T:
    """What ``build()`` answers, with all it stored; ``build`` is called by the first test only.

    Where a test has set the clock, everything is built anew, for its instants are the test's own.
    """
    if clock._frozen.get() is not None:
        return build()
    if build not in _memories:
        before, answer = _rows(), build()
        _memories[build] = _Memory(copy.deepcopy(answer), _script(before, _rows()), _files())
        return answer
    memory = _memories[build]
    with connection.cursor() as cursor:
        cursor.execute(memory.script)
    for path, content in memory.files.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return copy.deepcopy(memory.answer)


def _rows() -> Rows:
    """Every row of the database as PostgreSQL writes it."""
    with connection.cursor() as cursor:
        names = [table.name for table in connection.introspection.get_table_list(cursor) if table.type == "t"]
        found: Rows = {}
        for name in sorted(names):
            cursor.execute(f'SELECT t::text FROM "{name}" t')
            found[name] = [row for (row,) in cursor.fetchall()]
    return found


def _script(before: Rows, after: Rows) -> str:
    """SQL that makes of the rows ``before`` the rows ``after``."""
    lines = ["SET session_replication_role = replica"]  # the triggers have had their say when it was built
    for table, rows in after.items():
        if gone := [row for row in before[table] if row not in set(rows)]:
            lines.append(_filled(f'DELETE FROM "{table}" AS t WHERE t::text = ANY(%s)', gone))
        if new := [row for row in rows if row not in set(before[table])]:
            lines += [_insert(table, new), *_sequences(table)]
    return ";\n".join([*lines, "SET session_replication_role = DEFAULT"])


def _insert(table: str, rows: list[str]) -> str:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT string_agg(format('%%1$I', attname), ', '), string_agg(format('(r).%%1$I', attname), ', ')"
            " FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped"
            " AND attgenerated = ''",
            [f'"{table}"'],
        )
        columns, values = cursor.fetchone()
    return _filled(
        f'INSERT INTO "{table}" ({columns}) OVERRIDING SYSTEM VALUE'
        f' SELECT {values} FROM (SELECT row::"{table}" AS r FROM unnest(%s::text[]) AS row) AS given',
        rows,
    )


def _filled(statement: str, rows: list[str]) -> str:
    with connection.cursor() as cursor:
        return str(cursor.mogrify(statement, [rows]))


def _sequences(table: str) -> list[str]:
    """Serial numbers go on after the rows that are put back."""
    with connection.cursor() as cursor:
        sequences = connection.introspection.get_sequences(cursor, table)
    return [
        f"SELECT setval(pg_get_serial_sequence('\"{table}\"', '{one['column']}'),"
        f' GREATEST((SELECT max("{one["column"]}") FROM "{table}"),'
        f" nextval(pg_get_serial_sequence('\"{table}\"', '{one['column']}'))))"
        for one in sequences
    ]


def _files() -> dict[Path, bytes]:
    folder = Path(os.environ["VANTHU_BLOB_DIR"])
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
