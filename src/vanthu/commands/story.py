"""``vanthu story``: the whole path over the running demonstration, and a verdict from re-reading everything."""

from __future__ import annotations

import json
from pathlib import Path

import typer
from rich.console import Console
from rich.table import Table

from vanthu.commands.demo import ROOT
from vanthu.demo.story.report import DocumentLine, Moment, Proof, StoryReport


def story(
    files: list[Path] = typer.Argument(None, help="PDF hoặc DOCX; bỏ trống thì dùng văn bản mẫu."),  # noqa: B008
    as_json: bool = typer.Option(False, "--json", help="In kết quả cho máy đọc."),
    root: Path = typer.Option(ROOT, help="Thư mục chạy thử."),  # noqa: B008
) -> None:
    """Đi trọn đường của văn bản trên hệ thống chạy thử, rồi đọc lại mọi thứ và kết luận."""
    from vanthu.demo import runner
    from vanthu.demo.cluster import DemoCluster
    from vanthu.demo.story.journey import papers_of, tell_story
    from vanthu.demo.story.stories import sample_papers
    from vanthu.errors import VanthuError

    runner.quiet_logs()
    console = Console(stderr=as_json, highlight=False)
    try:
        papers = papers_of(files) if files else sample_papers()
        report = tell_story(
            DemoCluster(root, runner.base_port()), papers, lambda moment: _print_moment(console, moment)
        )
    except VanthuError as error:
        console.print(f"[red]✗[/red] {error}")
        if as_json:
            typer.echo(
                json.dumps({"holds": False, "refused": str(error), **error.as_dict()}, ensure_ascii=False)
            )
        raise typer.Exit(2) from error
    if as_json:
        typer.echo(json.dumps(report.as_dict(), ensure_ascii=False, indent=2))
    else:
        _print_report(console, report)
    raise typer.Exit(0 if report.holds else 1)


def attach(app: typer.Typer) -> None:
    """Hang the command under the program."""
    app.command()(story)


def _print_moment(console: Console, moment: Moment) -> None:
    console.print(f"[dim]{moment.seconds:7.2f}s[/dim]  [bold]{moment.who}[/bold] {moment.what}")


def _print_report(console: Console, report: StoryReport) -> None:
    for line in report.documents:
        _print_document(console, line)
    console.rule("Toàn hệ thống")
    _print_proofs(console, report.proofs)
    console.rule()
    if report.refused:
        console.print(f"[red]Dừng giữa chừng:[/red] {report.refused}")
    verdict = "[bold green]ĐẠT[/bold green]" if report.holds else "[bold red]KHÔNG ĐẠT[/bold red]"
    console.print(f"Kết luận: {verdict}")


def _print_document(console: Console, line: DocumentLine) -> None:
    console.rule(f"{line.code or 'chưa có số'}  ({line.file})")
    table = Table("Nơi nhận", "Kênh", "Trạng thái bên gửi thấy", "Các bước", "Đúng", box=None, pad_edge=False)
    for recipient in line.recipients:
        steps = " → ".join(recipient.statuses)
        mark = "✓" if recipient.holds else f"✗ cần {recipient.expected}"
        table.add_row(recipient.name, recipient.channel, recipient.state, steps, mark)
    console.print(table)
    _print_proofs(console, line.proofs)
    for opinion in line.opinions:
        console.print(f"[dim]  pdfsig: {opinion} (tham khảo, không dùng để kết luận)[/dim]")


def _print_proofs(console: Console, proofs: list[Proof]) -> None:
    for proof in proofs:
        mark = "[green]✓[/green]" if proof.holds else "[red]✗[/red]"
        console.print(f"{mark} {proof.name}[dim]  {proof.detail}[/dim]")
