"""The list page and the search at 10,000 and 100,000 documents, for the clerk and for an ordinary specialist.

The clerk takes part in every document through the registry's principal, a specialist in a few hundred or thousand
through the post: the same rule, so neither may pay for the other. Every statement is also explained, to show which
index it used.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from typing import Any

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from bench import seeding
from bench.measuring import Result, Row, Times, repeat, timed
from vanthu.base.actors import Actor
from vanthu.directory.models import Post
from vanthu.records import queries as records
from vanthu.records.models import Direction, Document

FLOOR = "SELECT … ORDER BY id DESC LIMIT 50 trên bảng văn bản, cùng lượt đo"
WORDS = {
    "từ có trong mọi văn bản": "năm 2026",
    "hai từ thường gặp": "báo cáo đất đai",
    "họ tên người ký": "bùi quang khuê",
    "số ký hiệu": "4321/SNV",
    "từ chỉ có ở một văn bản": "107x",
    "không có kết quả": "không hề có từ này zzz",
}


def run(*, quick: bool = False) -> Result:
    """The same reads at two sizes of the table, so that growth shows."""
    sizes, rounds = ((1_000, 10_000), 8) if quick else ((10_000, 100_000), 40)
    office = seeding.office("Ủy ban nhân dân tỉnh Hà Tĩnh", "UBND", "H27", specialists=seeding.SPECIALISTS)
    people = {"văn thư": office.clerk, "chuyên viên": office.specialists[0]}
    rows, loaded = [], 0
    for size in sizes:
        started = time.perf_counter()
        seeding.load_incoming(office, size - loaded, first=loaded)
        rows.append(Row(f"nạp {size - loaded} văn bản", time.perf_counter() - started, "giây"))
        loaded = size
        floor = repeat(_bare, rounds)
        for name, post in people.items():
            rows += _of_person(f"{size:,}".replace(",", "."), name, office.actor(post), post, rounds, floor)
    return Result("lists", "Danh sách văn bản đến và tìm kiếm", FLOOR, rows)


def _of_person(size: str, name: str, actor: Actor, post: Post, rounds: int, floor: Times) -> Iterator[Row]:
    client = Client()
    client.force_login(post.person)
    deep = _deep_key(actor)
    reads: dict[str, Callable[[], Any]] = {
        "records.page": lambda: records.page(actor, Direction.INCOMING),
        "records.page, trang sâu": lambda: records.page(actor, Direction.INCOMING, before=deep),
        "records.page, lọc trạng thái": lambda: records.page(
            actor, Direction.INCOMING, states=["REGISTERED"]
        ),
        "records.page, lọc không có": lambda: records.page(actor, Direction.INCOMING, states=["REJECTED"]),
        "records.work_counts": lambda: records.work_counts(actor),
        "trang /incoming/": lambda: _get(client, "/incoming/"),
        "trang /": lambda: _get(client, "/"),
    }
    for title, words in WORDS.items():
        reads[f"tìm: {title}"] = lambda words=words: records.search(actor, words)  # type: ignore[misc]
    reads["lọc danh sách: số ký hiệu"] = lambda: records.page(actor, Direction.INCOMING, text="4321/SNV")
    for title, read in reads.items():
        yield measured(f"{size} · {name} · {title}", read, rounds, floor)


def measured(title: str, read: Callable[[], Any], rounds: int, floor: Times) -> Row:
    """The row of one read, with how many statements it needed and which indexes they used."""
    times = repeat(read, rounds)
    with CaptureQueriesContext(connection) as asked:
        read()
    statements = [query["sql"] for query in asked.captured_queries if query["sql"].startswith("SELECT")]
    plans = [_plan(statement) for statement in statements]
    used = sorted({name for plan in plans for name in _indexes(plan)})
    scanned = sorted({name for plan in plans for name in _whole_tables(plan)})
    notes = f"{len(asked)} câu lệnh"
    if scanned:
        notes += f"; đọc cả bảng: {', '.join(scanned)}"
    return timed(title, times, floor, notes, {"indexes": used, "whole_tables": scanned, "sql": statements})


def _bare() -> list[Document]:
    return list(Document.objects.order_by("-pk")[:50])


def _deep_key(actor: Actor) -> Any:
    mine = records.visible(actor).order_by("-pk").values_list("pk", flat=True)
    return mine[mine.count() // 2]


def _get(client: Client, path: str) -> None:
    if client.get(path).status_code != 200:
        raise RuntimeError(f"{path} does not answer")


def _plan(statement: str) -> dict[str, Any]:
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {statement.replace('%', '%%')}", ())
        found = cursor.fetchone()[0]
    return (json.loads(found) if isinstance(found, str) else found)[0]["Plan"]  # type: ignore[no-any-return]


def _nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for child in plan.get("Plans", ()):
        yield from _nodes(child)


def _indexes(plan: dict[str, Any]) -> Iterator[str]:
    return (node["Index Name"] for node in _nodes(plan) if "Index Name" in node)


def _whole_tables(plan: dict[str, Any]) -> Iterator[str]:
    """Tables of documents that were read from end to end; small ones are meant to be."""
    for node in _nodes(plan):
        if node["Node Type"] == "Seq Scan" and node["Relation Name"].startswith(("records_", "axis_")):
            rows = (node["Actual Rows"] + node.get("Rows Removed by Filter", 0)) * node["Actual Loops"]
            if rows > 500:
                yield node["Relation Name"]
