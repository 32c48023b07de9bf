"""``vanthu trust``: the trusted lists (ETSI TS 119 612) by which this site judges signatures."""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum
from pathlib import Path
from typing import Annotated, Any, NoReturn, TypeVar

import typer

from vanthu.commands.terminal import print_json, printable

T = TypeVar("T")
app = typer.Typer(no_args_is_help=True, help="Danh sách tin cậy (ETSI TS 119 612) của hệ thống.")


class Kind(str, Enum):
    """Whose authorities a list names."""

    GOVERNMENT = "government"
    PUBLIC = "public"


Name = Annotated[str, typer.Argument(help="Tên của danh sách.")]
AgencyCode = Annotated[
    str,
    typer.Option(
        "--agency",
        help="Identifier of the agency in whose event log the change stands; by default the keeper of the lists.",
    ),
]


@app.command("add")
def add(
    name: Name,
    *,
    category: Annotated[Kind, typer.Option(help="Whose authorities the list names.")],
    url: Annotated[str, typer.Option(help="Where it stands (https); looked at every six hours.")] = "",
    file: Annotated[Path | None, typer.Option(help="The list as a file, instead of an address.")] = None,
    fingerprint: Annotated[
        list[str], typer.Option(help="SHA-256 of a certificate that signs the list. May be repeated.")
    ] = [],  # noqa: B006 - typer reads it, nobody changes it
    certificate: Annotated[
        list[Path], typer.Option(help="A certificate that signs the list (PEM, DER). May be repeated.")
    ] = [],  # noqa: B006
    agency: AgencyCode = "",
) -> None:
    """Believe a list from now on. Compare the fingerprint with its operator's by another way first."""
    actor = _actor(agency)
    from vanthu.pades import Category
    from vanthu.signing import trust_lists
    from vanthu.signing.trust_rules import fingerprints_in

    def work() -> Any:
        signers = [
            *fingerprint,
            *(found for one in certificate for found in fingerprints_in(one.read_bytes())),
        ]
        content = file.read_bytes() if file else None
        kind = Category[category.name]
        return trust_lists.take_up(
            actor, trust_lists.ListData(name, kind, tuple(signers), url=url, content=content)
        )

    _tell(_or_exit(work))


@app.command("renew")
def renew(
    name: Name,
    *,
    file: Annotated[Path | None, typer.Option(help="The newer list as a file.")] = None,
    agency: AgencyCode = "",
) -> None:
    """Look whether there is a newer list at its address, or take the one given."""
    actor = _actor(agency)
    from vanthu.signing import trust_lists

    row = _named(name)
    _tell(_or_exit(lambda: trust_lists.renew(actor, row.pk, file.read_bytes() if file else None)))


@app.command("remove")
def remove(name: Name, *, agency: AgencyCode = "") -> None:
    """Believe a list no longer."""
    actor = _actor(agency)
    from vanthu.signing import trust_lists

    row = _named(name)
    _or_exit(lambda: trust_lists.give_up(actor, row.pk))
    typer.echo(f"Đã ngừng dùng {printable(row.name)}.")


@app.command("list")
def list_all(
    *, as_json: Annotated[bool, typer.Option("--json", help="Machine-readable output.")] = False
) -> None:
    """Every list in use with its services: exit status 1 when one is overdue or was not reached."""
    _start()
    from vanthu.signing import trust_queries

    shown = trust_queries.lists()
    if as_json:
        print_json({"lists": [_as_dict(one) for one in shown]})
    for one in [] if as_json else shown:
        _tell(one.row)
        for line in one.services:
            word = "được công nhận" if line.granted else "không được công nhận"
            typer.echo(printable(f"  {line.service.provider}: {line.service.name}: {word} ({line.word})"))
    raise typer.Exit(1 if any(one.overdue or one.row.problem for one in shown) else 0)


def _as_dict(one: Any) -> dict[str, Any]:
    row = one.row
    return {
        "name": row.name,
        "category": row.category,
        "url": row.url,
        "signers": row.signers,
        "looked_at": row.looked_at.isoformat(),
        "overdue": one.overdue,
        "problem": row.problem,
        "content": row.content,
    }


def _tell(row: Any) -> None:
    until = f"{row.next_update:%d/%m/%Y}" if row.next_update else "đã đóng"
    said = (
        f"{row.name}: {row.category}, bản số {row.sequence} ngày {row.issued:%d/%m/%Y}, bản mới trước {until}"
    )
    typer.echo(printable(f"{said}. {row.problem}".rstrip(". ") + "."))


def _named(name: str) -> Any:
    from vanthu.signing.trust_models import TrustList

    row = TrustList.objects.filter(name=name, active=True).first()
    if row is None:
        _fail(f"Không có danh sách tin cậy nào tên {name} đang dùng.")
    return row


def _actor(code: str) -> Any:
    _start()
    from vanthu.base.actors import system_actor
    from vanthu.directory.models import Agency
    from vanthu.signing import trust_lists

    found = (
        Agency.objects.filter(identifiers__code=code, hosted=True).first() if code else trust_lists.keeper()
    )
    if found is None:
        _fail(
            f"Không có cơ quan {code} trên hệ thống này."
            if code
            else "Hệ thống có nhiều cơ quan: chỉ rõ --agency, hoặc đặt VANTHU_TRUST_KEEPER."
        )
    return system_actor(found.pk, "vanthu trust")


def _or_exit(work: Callable[[], T]) -> T:
    from vanthu.errors import VanthuError

    try:
        return work()
    except VanthuError as refusal:
        _fail(f"{refusal} ({refusal.code})")
    except OSError as trouble:
        _fail(f"{trouble.strerror}: {trouble.filename}")


def _fail(said: str) -> NoReturn:
    typer.echo(printable(said), err=True)
    raise typer.Exit(2)


def _start() -> None:
    from vanthu.startup import start_django

    start_django()
