"""``vanthu conformance``: trials for software of whatever maker. Needs no site and no database.

Exit status: 0 something was judged and nothing is wrong; 1 something is wrong; 2 nothing could be judged, or the
command could not do its work.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

if TYPE_CHECKING:
    from vanthu.conformance.report import Finding, Report

USELESS = 2
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
    only: Annotated[list[str] | None, typer.Option(help="Only this item; may be repeated.")] = None,
    timeout: Annotated[float, typer.Option(min=1, help="Seconds to wait for an answer.")] = 60,
    json_report: JsonFile = None,
    junit: JunitFile = None,
    as_json: AsJson = False,
) -> None:
    """Play clients against an axis and judge its answers. Sends trial packets: use a test axis."""
    import httpx

    from vanthu.conformance.items import RUN
    from vanthu.conformance.runner import try_axis

    chosen = [item for item in RUN if not only or item.id in only]
    if only and (unknown := set(only) - {item.id for item in chosen}):
        _fail(f"Không có mục {', '.join(sorted(unknown))}. Xem danh sách: vanthu conformance items")
    if bool(other_system_id) != bool(other_secret_file):
        _fail("Hệ thống thứ hai cần cả --other-system-id và --other-secret-file.")
    one = (system_id, _secret(secret_file), agency)
    other = (other_system_id, _secret(other_secret_file), other_agency) if other_secret_file else None
    with httpx.Client(timeout=timeout) as http:
        report = try_axis(
            endpoint,
            one,
            other,
            http=http,
            clock=_now,
            items=chosen,
            too_large=too_large_mb << 20,
            on_news=(lambda _: None) if as_json else _tell,
        )
    _deliver(report, json_report, junit, as_json)


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
