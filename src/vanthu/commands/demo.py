"""``vanthu demo``: the axis and two agency sites on this machine, with people and keys."""

from __future__ import annotations

from pathlib import Path

import typer

PROJECT = Path(__file__).resolve().parents[3]
ROOT = PROJECT / "var" / "demo"


def demo(
    reset: bool = typer.Option(False, "--reset", help="Xóa dữ liệu chạy thử rồi thoát."),
    root: Path = typer.Option(ROOT, help="Thư mục chứa dữ liệu chạy thử."),  # noqa: B008
    exit_after_ready: float | None = typer.Option(
        None, help="Tự dừng sau ngần ấy giây kể từ khi sẵn sàng (cho kịch bản kiểm tra)."
    ),
) -> None:
    """Chạy thử trục liên thông và hai hệ thống cơ quan trên máy này."""
    from vanthu.demo import runner

    runner.quiet_logs()
    status = runner.reset(root) if reset else runner.run(root, exit_after_ready=exit_after_ready)
    raise typer.Exit(status)


def attach(app: typer.Typer) -> None:
    """Hang the command under the program."""
    app.command()(demo)
