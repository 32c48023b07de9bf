"""``python -m bench [--quick] [names…]``: run the benchmarks, print tables, keep JSON in ``bench/results``."""

from __future__ import annotations

import argparse
import importlib
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console

from bench import measuring, site

BENCHMARKS = {
    "registers": "số văn bản: nhiều người cùng lấy số",
    "lists": "danh sách và tìm kiếm với 10.000 và 100.000 văn bản",
    "signing": "ký số: chữ ký hiển thị, tệp rất lớn, cả cặp trình ký",
    "packet": "một văn bản ký số từ dự thảo đến nơi nhận",
    "packets": "gói tin edXML: đọc, ghi, bộ nhớ với gói rất lớn",
    "operator": "trang vận hành trục với 10.000 và 100.000 gói tin",
    "encryption": "mã hóa tệp cho nơi nhận và mở lại",
    "lanes": "trục: làn khẩn và lần lượt khi một đơn vị gửi dồn dập",
    "waiting": "trục: nhiều hệ thống cùng chờ gói tin (cửa hiện đại)",
    "audit": "xác minh chuỗi nhật ký",
    "validation": "kiểm tra chữ ký số trong PDF: một, hai chữ ký, tệp 100 MB",
    "trustlists": "danh sách tin cậy 500 dịch vụ: đọc, xét chữ ký theo danh sách",
    "latency": "từ lúc ký đến lúc nơi gửi thấy “đã đến”, hai hệ thống qua trục",
    "axis": "trục: nhận gói tin dưới tải, tiến trình bị giết, gói lớn",
}


def main() -> None:
    """Run what is asked for, one after the other."""
    chosen, quick, folder = _arguments()
    console = Console(width=max(Console().width, 150))
    at, about = datetime.now(UTC), measuring.machine()
    console.print(
        f"{about['cpu']}, {about['cores']} nhân, tải {about['load_average']}, Python {about['python']}"
    )
    with site.running(folder) as root:
        for name in chosen:
            site.fresh(root, name)
            result = importlib.import_module(f"bench.{name}").run(quick=quick)
            about["load_average_after"] = measuring.machine()["load_average"]
            measuring.show(result, console)
            console.print(f"→ {measuring.keep(result, at, about | {'quick': quick})}\n")


def _arguments() -> tuple[list[str], bool, Path | None]:
    parser = argparse.ArgumentParser(prog="bench", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="name", help=", ".join(BENCHMARKS))
    parser.add_argument("--quick", action="store_true", help="fewer rounds and rows: does it run at all")
    parser.add_argument("--folder", type=Path, help="disk to measure on (default: the temporary folder)")
    length = parser.add_mutually_exclusive_group()
    length.add_argument("--seconds", type=float, help="how long the load lasts (axis)")
    length.add_argument("--minutes", type=float, help="the same; 10 show whether it stays flat")
    parser.add_argument("--size", type=measuring.byte_size, help="bytes of a packet, as 10MB (axis)")
    parser.add_argument("--kill", action="store_true", help="kill -9 processes during the load (axis)")
    given = parser.parse_args()
    seconds = given.minutes * 60 if given.minutes else given.seconds
    measuring.asked = measuring.Load(seconds, given.size, given.kill)
    unknown = set(given.names) - set(BENCHMARKS)
    if unknown:
        parser.error(f"unknown: {', '.join(sorted(unknown))}; known: {', '.join(BENCHMARKS)}")
    return given.names or list(BENCHMARKS), given.quick, given.folder


if __name__ == "__main__":
    main()
