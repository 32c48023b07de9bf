"""``vanthu signing-service``: connects agencies of this site to remote signing services (CSC API)."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

app = typer.Typer(no_args_is_help=True, help="Dịch vụ ký số từ xa (CSC API) của các cơ quan trên hệ thống.")


@app.command("connect")
def connect(
    agency_code: Annotated[str, typer.Argument(help="Mã định danh của cơ quan.")],
    name: Annotated[str, typer.Argument(help="Tên dịch vụ, như người dùng thấy.")],
    url: Annotated[str, typer.Argument(help="Địa chỉ, kết thúc bằng phiên bản: https://…/csc/v1")],
    client_id: Annotated[str, typer.Option(help="Tài khoản OAuth 2.0 của hệ thống tại dịch vụ.")] = "",
    secret_file: Annotated[
        Path | None,
        typer.Option(help="Tệp chứa mật khẩu của tài khoản, hoặc mã truy cập khi không có tài khoản."),
    ] = None,
    people: Annotated[
        bool,
        typer.Option("--people", help="Mỗi người tự đăng nhập dịch vụ trong trình duyệt (OAuth 2.0, PKCE)."),
    ] = False,
) -> None:
    """Connect an agency to a service, or change how; the secret is stored encrypted.

    Lists its keys as a test; with --people it asks where people sign in and says which addresses to register there.
    """
    agency = _agency(agency_code)
    from vanthu.base.actors import system_actor
    from vanthu.errors import VanthuError
    from vanthu.pades.csc import CscService
    from vanthu.signing import enrolling, sign_ins

    secret = secret_file.read_text(encoding="utf-8").strip() if secret_file else ""
    try:
        service = enrolling.connect_remote(
            system_actor(agency.pk, "vanthu signing-service"),
            agency,
            name=name,
            url=url,
            client_id=client_id,
            secret=secret,
            people=people,
            oauth_url=CscService(name, url).sign_in_url() if people else "",
        )
        found = [] if people else sign_ins.service_for(service).credentials()
    except VanthuError as refusal:
        typer.echo(f"{refusal} ({refusal.code})", err=True)
        raise typer.Exit(1) from refusal
    if not people:
        typer.echo(f"Đã kết nối {name}: {len(found)} khóa.")
        return
    typer.echo(
        f"Đã kết nối {name}; mỗi người tự đăng nhập tại {service.oauth_url}. Địa chỉ quay về cần đăng ký:"
    )
    for address in sign_ins.redirects(service).values():
        typer.echo(f"  {address}")


@app.command("list")
def list_services() -> None:
    """Every connected service, by agency."""
    _start()
    from vanthu.signing.models import RemoteService

    for service in RemoteService.objects.select_related("agency").order_by("agency__name", "name"):
        typer.echo(f"{service.agency.name}: {service.name}  {service.url}")


def _agency(code: str) -> Any:
    _start()
    from vanthu.directory.models import Agency

    found = Agency.objects.filter(identifiers__code=code, hosted=True).first()
    if found is None:
        typer.echo(f"Không có cơ quan {code} trên hệ thống này.", err=True)
        raise typer.Exit(2)
    return found


def _start() -> None:
    from vanthu.startup import start_django

    start_django()
