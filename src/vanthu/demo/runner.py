"""What a person sees of the demonstration: progress, addresses, people, and an orderly end.

Owns the screen and the signals. Everything else is :mod:`vanthu.demo.cluster`.
"""

from __future__ import annotations

import logging
import os
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

import structlog
from rich.console import Console
from rich.table import Table

from vanthu.base.actors import ROLE_NAMES
from vanthu.demo.cluster import DemoCluster
from vanthu.demo.errors import AlreadyRunning
from vanthu.demo.material import PASSPHRASE
from vanthu.demo.sites import DEFAULT_PORT, PASSWORD, SITES
from vanthu.errors import VanthuError

PORT_VARIABLE = "VANTHU_DEMO_PORT"
ROUND_SECONDS = 0.5

console = Console(highlight=False)


def base_port() -> int:
    """The first port of the demonstration: ``VANTHU_DEMO_PORT``, or 8100."""
    return int(os.environ.get(PORT_VARIABLE) or DEFAULT_PORT)


def run(root: Path, *, exit_after_ready: float | None = None) -> int:
    """Bring the demonstration up and look after it until it is told to stop; the exit status.

    ``exit_after_ready`` in seconds ends it by itself, for scripts.
    """
    started = time.monotonic()
    cluster = DemoCluster(root, base_port(), tell=_tell)
    stop = threading.Event()
    with _signals(stop):
        try:
            cluster.start()
        except AlreadyRunning as error:
            console.print(f"\n{error}\n", style="yellow")
            _show(cluster)
            return 0
        except VanthuError as error:
            console.print(f"\n{error}", style="bold red", markup=False)
            return 1
        except KeyboardInterrupt:
            console.print("Đã dừng.")
            return 130
        try:
            console.print(f"Sẵn sàng sau {time.monotonic() - started:.0f} giây.\n", style="bold green")
            _show(cluster)
            _look_after(cluster, stop, exit_after_ready)
        finally:
            console.print("\nĐang dừng…")
            cluster.stop()
            console.print("Đã dừng. Dữ liệu còn nguyên; chạy lại bằng “make demo”.")
    return 0


def reset(root: Path) -> int:
    """Delete everything the demonstration has stored; the exit status."""
    try:
        DemoCluster(root, base_port()).destroy()
    except VanthuError as error:
        console.print(f"{error} Hãy dừng nó (Ctrl-C) trước.", style="bold red", markup=False)
        return 1
    console.print("Đã xóa dữ liệu chạy thử.")
    return 0


def _look_after(cluster: DemoCluster, stop: threading.Event, seconds: float | None) -> None:
    end = None if seconds is None else time.monotonic() + seconds
    while not stop.wait(ROUND_SECONDS) and (end is None or time.monotonic() < end):
        try:
            for name in cluster.supervise():
                console.print(f"{time.strftime('%H:%M:%S')}  đã khởi động lại {name}", style="yellow")
        except VanthuError as error:
            console.print(f"{time.strftime('%H:%M:%S')}  {error}", style="red", markup=False)
            stop.wait(5)


@contextmanager
def _signals(stop: threading.Event) -> Iterator[None]:
    """The first Ctrl-C or SIGTERM stops in order, also while starting; a further one changes nothing."""
    main = threading.main_thread() is threading.current_thread()

    def told(_number: int, _frame: FrameType | None) -> None:
        if stop.is_set():
            return
        stop.set()
        if not _ready.is_set():
            raise KeyboardInterrupt

    _ready.clear()
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP) if main else ()
    before = {number: signal.signal(number, told) for number in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


_ready = threading.Event()


def _tell(text: str) -> None:
    console.print(f"• {text}", markup=False)


def _show(cluster: DemoCluster) -> None:
    _ready.set()
    places = Table(title="Địa chỉ", title_justify="left", show_header=False, box=None, pad_edge=False)
    for site in SITES:
        places.add_row(site.name, cluster.url(site))
    console.print(places)
    console.print(_people())
    console.print(f"\nMật khẩu của mọi người: {PASSWORD}    Mật khẩu khóa ký số: {PASSPHRASE}", style="bold")
    console.print(f"Nhật ký của từng tiến trình: {cluster.root / 'logs'}    Dừng: Ctrl-C\n", markup=False)


def _people() -> Table:
    table = Table(title="\nNgười dùng thử", title_justify="left", box=None, pad_edge=False)
    for heading in ("Tên đăng nhập", "Họ và tên", "Chức vụ", "Vai trò"):
        table.add_column(heading)
    for site in SITES:
        for agency in site.agencies:
            table.add_row()
            table.add_row(agency.organ_id, agency.name, style="bold")
            for person in agency.people:
                roles = ", ".join(ROLE_NAMES[role] for role in person.roles)
                table.add_row(person.username, person.full_name, person.position, roles)
    return table


def quiet_logs() -> None:
    """The demonstration's own events go to the screen as plain lines."""
    structlog.configure(
        processors=[structlog.dev.ConsoleRenderer(colors=console.is_terminal)],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
    )
