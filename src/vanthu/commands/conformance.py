"""``vanthu conformance``: trials for software of whatever maker. Needs no site and no database.

Exit status: 0 something was judged and nothing is wrong; 1 something is wrong; 2 nothing could be judged, or the
command could not do its work.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

if TYPE_CHECKING:
    from vanthu.conformance.host import Host
    from vanthu.conformance.lasting import LastingHost
    from vanthu.conformance.report import Finding, Report
    from vanthu.conformance.small_axis import Agency

USELESS = 2
Clock = Callable[[], datetime]
SECRET_NAME = "khoa.secret"  # noqa: S105 - a file name
SAVE_SECONDS = 0.5
app = typer.Typer(
    no_args_is_help=True,
    help="Bộ thử kết nối VXP/edXML cho phần mềm của mọi nhà cung cấp. Không cần máy chủ.",
)

JsonFile = Annotated[
    Path | None, typer.Option("--json-report", help="Write the report as JSON into this file.")
]
JunitFile = Annotated[
    Path | None, typer.Option("--junit", help="Write the report as JUnit XML into this file.")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print the report as JSON.")]


@app.command()
def items(*, as_json: AsJson = False) -> None:
    """List everything that is judged, with its source."""
    from vanthu.conformance.items import GROUPS, RUN, SERVE

    if as_json:
        rows = [
            {
                "command": command,
                "id": item.id,
                "expected": item.vi,
                "expected_en": item.en,
                "source": item.source,
            }
            for command, table in (("serve", SERVE), ("run", RUN))
            for item in table
        ]
        typer.echo(json.dumps(rows, ensure_ascii=False, indent=1))
        return
    group = ""
    for item in (*SERVE, *RUN):
        if item.group != group:
            group = item.group
            typer.echo(f"\n{GROUPS[group][0]}")
        typer.echo(f"  {item.id:<24} {item.vi} [{item.source}]")


@app.command()
def run(
    *,
    endpoint: Annotated[str, typer.Option(help="Base address of the axis under test.")],
    system_id: Annotated[str, typer.Option(help="System id of the first member system.")],
    secret_file: Annotated[Path, typer.Option(help="File with its secret.")],
    agency: Annotated[str, typer.Option(help="Agency code it sends as; default: its system id.")] = "",
    other_system_id: Annotated[str, typer.Option(help="System id of the second member system.")] = "",
    other_secret_file: Annotated[Path | None, typer.Option(help="File with its secret.")] = None,
    other_agency: Annotated[str, typer.Option(help="Agency code it receives as.")] = "",
    too_large_mb: Annotated[
        int, typer.Option(min=0, max=4096, help="A size that the axis must refuse; 0: not tried.")
    ] = 0,
    register: Annotated[
        bool, typer.Option("--register", help="Also add an agency to the axis' list and take it off again.")
    ] = False,
    only: Annotated[list[str] | None, typer.Option(help="Only this item; may be repeated.")] = None,
    timeout: Annotated[float, typer.Option(min=1, help="Seconds to wait for an answer.")] = 60,
    json_report: JsonFile = None,
    junit: JunitFile = None,
    as_json: AsJson = False,
) -> None:
    """Play clients against an axis and judge its answers. Sends trial packets: use a test axis."""
    import httpx

    from vanthu.conformance.items import RUN
    from vanthu.conformance.runner import hindrance, try_axis

    chosen = [item for item in RUN if not only or item.id in only]
    if only and (unknown := set(only) - {item.id for item in chosen}):
        _fail(f"Không có mục {', '.join(sorted(unknown))}. Xem danh sách: vanthu conformance items")
    if bool(other_system_id) != bool(other_secret_file):
        _fail("Hệ thống thứ hai cần cả --other-system-id và --other-secret-file.")
    one = (system_id, _secret(secret_file), agency)
    other = (other_system_id, _secret(other_secret_file), other_agency) if other_secret_file else None
    with httpx.Client(timeout=timeout) as http:
        if hindered := hindrance(endpoint, one, other, http=http, clock=_now):
            _fail(hindered)
        report = try_axis(
            endpoint,
            one,
            other,
            http=http,
            clock=_now,
            items=chosen,
            too_large=too_large_mb << 20,
            register=register,
            on_news=(lambda _: None) if as_json else _tell,
        )
    _deliver(report, json_report, junit, as_json)


@app.command()
def serve(
    *,
    folder: Annotated[
        Path, typer.Option(help="Folder for packets, the secret and the trial's root certificate.")
    ],
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port to listen on; 0: a free one.")] = 8400,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    system_id: Annotated[str, typer.Option(help="System id that the software under test is given.")] = "W01",
    agency: Annotated[
        list[str] | None,
        typer.Option(help="CODE=NAME of an agency of the software under test; may be repeated."),
    ] = None,
    secret_file: Annotated[Path | None, typer.Option(help="File with its secret; made when missing.")] = None,
    scenario: Annotated[
        list[str] | None,
        typer.Option(
            help="modern, receiving, changes, line, doubtful, sending, reports, answers, refusals; default: all."
        ),
    ] = None,
    many: Annotated[int, typer.Option(min=1, max=100_000, help="Length of the very long list.")] = 200,
    slow_seconds: Annotated[float, typer.Option(min=0, max=3600, help="What a slow answer takes.")] = 40,
    patience_minutes: Annotated[
        float, typer.Option(min=1, help="After so long, what the software leaves undone counts as wrong.")
    ] = 45,
    state: Annotated[
        Path | None, typer.Option(help="SQLite file that keeps the trial; the next start goes on with it.")
    ] = None,
    minutes: Annotated[float, typer.Option(min=0, help="End by itself after so long; 0: at Ctrl-C.")] = 0,
    json_report: JsonFile = None,
    junit: JunitFile = None,
    as_json: AsJson = False,
) -> None:
    """A small axis with a scripted counterpart: connect your software to it and read the report."""
    from vanthu.conformance.items import SERVE
    from vanthu.conformance.server import serving

    known = {item.group for item in SERVE}
    if scenario and (unknown := set(scenario) - known):
        _fail(f"Không có kịch bản {', '.join(sorted(unknown))}. Có: {', '.join(sorted(known))}.")
    secret = _made_secret(folder, secret_file)
    options = {
        "system_id": system_id,
        "agencies": agency or [f"{system_id}=Cơ quan được thử"],
        "groups": scenario or [],
        "many": many,
        "slow_seconds": slow_seconds,
        "patience_minutes": patience_minutes,
    }
    try:
        trial = _trial(folder, secret, options, state, (lambda _: None) if as_json else _tell)
        with serving(host, port, trial.answer) as server:
            _sheet(server.url, system_id, secret_file or folder / SECRET_NAME, folder)
            _until_ended(minutes, lambda: trial.report().write_json(json_report) if json_report else None)
    except OSError as error:
        _fail(f"Không mở được {host}:{port} hoặc thư mục {folder}: {error.strerror or error}")
    _deliver(trial.report(), json_report, junit, as_json)


def _trial(
    folder: Path, secret: str, options: dict[str, Any], state: Path | None, on_news: Callable[[Finding], None]
) -> Host | LastingHost:
    """The trial: one that ends with this process, or the one that the state file holds."""
    import sqlite3

    from vanthu.conformance.host import Host
    from vanthu.conformance.lasting import Beginning, LastingHost, OtherTrial, chance_of
    from vanthu.conformance.small_axis import MemberSystem

    system_id = options["system_id"]
    agencies = _agencies(options["agencies"], system_id)

    def host(beginning: Beginning | None, clock: Clock, tell: Callable[[Finding], None]) -> Host:
        return Host(
            MemberSystem(system_id, "Phần mềm được thử", secret),
            agencies,
            folder=folder,
            clock=clock,
            on_news=tell,
            groups=options["groups"],
            many=options["many"],
            slow_seconds=options["slow_seconds"],
            patience=timedelta(minutes=options["patience_minutes"]),
            files=beginning.files if beginning else None,
            chance=chance_of(beginning) if beginning else None,
        )

    if state is None:
        return host(None, _now, on_news)
    try:
        found = LastingHost(state, host, options=options, clock=_now, on_news=on_news)
    except (sqlite3.Error, OtherTrial) as error:
        _fail(f"Không dùng được tệp trạng thái {state}: {error}")
    if found.remembered:
        typer.echo(f"Thử tiếp từ {state}: {found.remembered} lời gọi đã có.", err=True)
    return found


def _agencies(given: list[str], system_id: str) -> list[Agency]:
    from vanthu.conformance.desks import COUNTERPART
    from vanthu.conformance.small_axis import Agency

    found = []
    for text in given:
        code, _, name = text.partition("=")
        if not code.strip() or code.strip().startswith(COUNTERPART):
            _fail(f"--agency phải có dạng MÃ=TÊN, mã không bắt đầu bằng {COUNTERPART}: {text}")
        found.append(Agency(code.strip(), name.strip() or code.strip(), system_id))
    return found


def _made_secret(folder: Path, file: Path | None) -> str:
    """The secret of the given file, or of the folder's own, which is made at the first start."""
    import os
    import secrets

    path = file or folder / SECRET_NAME
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(handle, "w") as target:
                target.write(secrets.token_urlsafe(32) + "\n")
    except OSError as error:
        _fail(f"Không tạo được {path}: {error.strerror or error}")
    return _secret(path)


def _sheet(url: str, system_id: str, secret_file: Path, folder: Path) -> None:
    """What the software under test has to be told, on standard error: standard output is for the report."""
    from vanthu.conformance.desks import DESKS

    for line in (
        f"Địa chỉ trục (endpoint):  {url}",
        f"SystemId:                 {system_id}",
        f"SecretKey:                trong tệp {secret_file}",
        f"Chứng thư gốc để tin cậy: {folder / 'goc-thu-nghiem.pem'}",
        f"Báo cáo đang có:          {url}/",
        "Gửi văn bản tới các cơ quan sau để thử từng tình huống:",
        *(f"  {desk.code:<8} {desk.vi}" for desk in DESKS),
        "Bấm Ctrl-C để kết thúc và in báo cáo.",
    ):
        typer.echo(line, err=True)


def _until_ended(minutes: float, save: Callable[[], None]) -> None:
    """Wait for Ctrl-C, for being told to end, or for the time to be over; save the report meanwhile."""
    import signal
    import threading
    import time

    ended = threading.Event()
    before = {
        number: signal.signal(number, lambda *_: ended.set()) for number in (signal.SIGINT, signal.SIGTERM)
    }
    until = time.monotonic() + minutes * 60 if minutes else float("inf")
    try:
        while not ended.wait(min(SAVE_SECONDS, max(0.0, until - time.monotonic()))):
            save()
            if time.monotonic() >= until:
                return
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _now() -> datetime:
    return datetime.now(UTC)


def _tell(found: Finding) -> None:
    """One line while the trial runs."""
    from vanthu.conformance.report import LABELS

    typer.echo(f"{LABELS[found.verdict]:<9} {found.item.id:<24} {found.seen}", err=True)


def _deliver(report: Report, json_report: Path | None, junit: Path | None, as_json: bool) -> NoReturn:
    try:
        if json_report:
            report.write_json(json_report)
        if junit:
            report.write_junit(junit)
    except OSError as error:
        _fail(f"Không ghi được báo cáo {error.filename}: {error.strerror}")
    typer.echo(json.dumps(report.as_dict(), ensure_ascii=False, indent=1) if as_json else report.text())
    raise typer.Exit(report.exit_status)


def _secret(file: Path | None) -> str:
    assert file is not None
    try:
        secret = file.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        _fail(f"Không đọc được tệp khóa {file}: {getattr(error, 'strerror', None) or error}")
    if not secret:
        _fail(f"Tệp khóa {file} rỗng.")
    return secret


def _fail(text: str) -> NoReturn:
    typer.echo(text, err=True)
    raise typer.Exit(USELESS)
