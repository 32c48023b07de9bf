"""``vanthu web`` and ``vanthu worker``: the processes of a site."""

from __future__ import annotations

import typer

WEB_STOP_SECONDS = 20
"""How long calls in progress may go on after the site was told to stop."""


def web(workers: int = typer.Option(2, help="Web processes.")) -> None:
    """Serve the site's pages and doors."""
    from granian.constants import Interfaces
    from granian.server import Server

    from vanthu.environment import Environment, SiteKind

    env = Environment()
    if env.secret_key_file is None:
        typer.echo(
            "Chưa đặt VANTHU_SECRET_KEY_FILE: hãy chỉ tới một tệp chứa chuỗi bí mật từ 50 ký tự trở lên"
            " rồi chạy lại. Không có nó, người khác giả được phiên đăng nhập.",
            err=True,
        )
        raise typer.Exit(2)
    Server(
        "vanthu.wsgi:application",
        address=env.web_host,
        port=env.web_port,
        interface=Interfaces.WSGI,
        workers=workers,
        blocking_threads=env.web_threads + (env.axis_wait_slots if env.site_kind is SiteKind.AXIS else 0),
        log_access=False,
        respawn_failed_workers=True,
        # One call that never ends would otherwise keep the site from stopping.
        workers_kill_timeout=WEB_STOP_SECONDS,
    ).serve()


def worker() -> None:
    """Run the site's background work."""
    from vanthu.startup import start_django

    start_django()
    from vanthu.base.worker import run

    run()


def attach(app: typer.Typer) -> None:
    """Hang the commands under the program."""
    app.command()(web)
    app.command()(worker)
