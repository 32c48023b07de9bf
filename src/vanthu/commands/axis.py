"""``vanthu axis``: the operator's commands -- member systems and the agency list."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any

import typer

from vanthu.commands import axis_keys
from vanthu.errors import VanthuError

app = typer.Typer(no_args_is_help=True, help="Trục liên thông: hệ thống thành viên, danh sách cơ quan.")
member_app = typer.Typer(no_args_is_help=True, help="Hệ thống thành viên.")
agency_app = typer.Typer(no_args_is_help=True, help="Cơ quan trên trục.")
app.add_typer(member_app, name="member")
app.add_typer(agency_app, name="agency")
app.add_typer(axis_keys.app, name="key")

AS_JSON = typer.Option(False, "--json", help="Machine-readable output.")


@member_app.command("add")
def add_member(code: str, name: str, as_json: bool = AS_JSON) -> None:
    """Admit a system; prints what its software needs, with the secret, which cannot be shown again."""
    actions = _actions()
    system_id, secret = _or_exit(lambda: actions.add_member(code, name))
    _print_sheet(system_id, secret, as_json)


@member_app.command("renew")
def renew_secret(
    code: str,
    *,
    keep_hours: int = typer.Option(
        168, min=0, help="The old secret works for so long at most; 0: not at all."
    ),
    overlap_hours: int = typer.Option(24, min=0, help="… and so long after the first call with the new one."),
    as_json: bool = AS_JSON,
) -> None:
    """Give a member a new secret; both work until the old one's end. After a leak: --keep-hours 0."""
    actions = _actions()
    keep, overlap = timedelta(hours=keep_hours), timedelta(hours=overlap_hours)
    _print_sheet(code, _or_exit(lambda: actions.renew_secret(code, keep_old=keep, overlap=overlap)), as_json)


@member_app.command("limits")
def limit_member(
    code: str,
    *,
    calls: Annotated[int | None, typer.Option(min=0, help="Calls per minute; 0: no limit.")] = None,
    megabytes: Annotated[int | None, typer.Option(min=0, help="MB sent per minute; 0: no limit.")] = None,
    packet_mb: Annotated[int | None, typer.Option(min=1, help="MB of one packet.")] = None,
    concurrent: Annotated[int | None, typer.Option(min=0, help="Calls at the same time.")] = None,
    queue: Annotated[int | None, typer.Option(min=0, help="Packets that may wait for it.")] = None,
    fresh_stamps: bool = typer.Option(False, help="Its client stamps every call anew: no call twice."),
) -> None:
    """Set all limits of a member; what is not named goes back to the site's."""
    actions = _actions()
    from vanthu.axis import queries

    _or_exit(
        lambda: actions.set_terms(
            code,
            actions.MemberTerms(
                queries.member(code).name, calls, megabytes, packet_mb, concurrent, queue, fresh_stamps
            ),
        )
    )


@member_app.command("stop")
def stop_member(code: str) -> None:
    """Refuse a member's calls until it is started again; what waits for it is kept."""
    actions = _actions()
    _or_exit(lambda: actions.set_member_active(code, active=False))


@member_app.command("start")
def start_member(code: str) -> None:
    """Take a member's calls again."""
    actions = _actions()
    _or_exit(lambda: actions.set_member_active(code, active=True))


@member_app.command("axis")
def member_is_axis(code: str, no: bool = typer.Option(False, "--no", help="It is none after all.")) -> None:
    """Say that a member is itself an axis, below this one: what it fetches carries this axis' hop."""
    actions = _actions()
    _or_exit(lambda: actions.set_member_axis(code, is_axis=not no))


@app.command("members")
def members(as_json: bool = AS_JSON) -> None:
    """List the member systems with what waits for them."""
    _actions()
    from vanthu.axis import queries

    rows = [
        {
            "systemId": line.member.system_id,
            "name": line.member.name,
            "active": line.member.active,
            "agencies": line.agencies,
            "waiting": line.waiting,
            "oldest": line.oldest.isoformat() if line.oldest else None,
            "lastSeen": line.member.last_seen.isoformat() if line.member.last_seen else None,
        }
        for line in queries.member_lines()
    ]
    if as_json:
        typer.echo(json.dumps(rows, ensure_ascii=False))
        return
    for row in rows:
        stopped = "" if row["active"] else "  (đã ngừng)"
        typer.echo(f"{row['systemId']:<20} {row['waiting']:>6} chờ  {row['name']}{stopped}")


@agency_app.command("add")
def add_agency(
    member: str = typer.Argument(help="System id of the member that serves the agency."),
    code: str = typer.Argument(help="Identifier (QĐ 20/2020)."),
    name: str = typer.Argument(),
    *,
    parent: str = typer.Option("", help="Identifier of the superior agency."),
    email: str = typer.Option(""),
    old_code: Annotated[list[str], typer.Option(help="Earlier identifier; may be repeated.")] = [],  # noqa: B006
    as_json: bool = AS_JSON,
) -> None:
    """Register an agency, or change it; packets that wait for it follow it to its member."""
    actions = _actions()
    from vanthu.axis import queries

    details = actions.AgencyDetails(
        code=code, name=name, parent_code=parent, email=email, old_codes=tuple(old_code)
    )
    agency = _or_exit(lambda: actions.put_agency(queries.member(member), details))
    if as_json:
        typer.echo(
            json.dumps({"code": agency.code, "name": agency.name, "member": member}, ensure_ascii=False)
        )
    else:
        typer.echo(f"{agency.code}  {agency.name}")


@agency_app.command("merge")
def merge_agency(
    code: str,
    into: str = typer.Argument(help="Identifier of the agency that follows it."),
    *,
    last_day: Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], help="Its last day.")],
) -> None:
    """End an agency; what comes for it after its last day goes to its successor, and the sender is told."""
    actions = _actions()
    _or_exit(lambda: actions.merge_agency(code, into, last_day.date()))


@agency_app.command("dissolve")
def dissolve_agency(
    code: str,
    *,
    last_day: Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], help="Its last day, today or later.")],
    decision: str = typer.Option(help="By which decision; senders read it."),
    yes: bool = typer.Option(False, "--yes", help="Do not ask."),
) -> None:
    """End an agency that nobody follows; what comes for it after its last day is refused, and the sender told why."""
    actions = _actions()
    from vanthu.axis import queries
    from vanthu.axis.errors import AgencyUnknown
    from vanthu.axis.watch.dissolution import consequences

    agency = queries.agency_by_code(code)
    if agency is None:
        typer.echo(AgencyUnknown(code=code).text, err=True)
        raise typer.Exit(1)
    told = consequences(agency)
    typer.echo(f"{agency.code}  {agency.name}")
    typer.echo(f"Gói tin đang chờ: {told.waiting}")
    for heading, rows in (("Cơ quan trực thuộc", told.below), ("Đang nhận thay cho", told.predecessors)):
        typer.echo(f"{heading}: {', '.join(row.code for row in rows) or '–'}")
    if not yes and not typer.confirm(f"Giải thể {agency.code} sau ngày {last_day:%d/%m/%Y}?"):
        raise typer.Exit(1)
    _or_exit(lambda: actions.dissolve_agency(agency.code, last_day.date(), decision))


@agency_app.command("revive")
def revive_agency(code: str) -> None:
    """Take back a merger that was entered by mistake, or a dissolution before its last day is over."""
    actions = _actions()
    _or_exit(lambda: actions.revive_agency(code))


@agency_app.command("recode")
def change_code(
    code: str,
    new_code: str,
    since: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="First day; default today.")
    ] = None,
) -> None:
    """Give an agency another identifier; packets to the old one still arrive, and the sender is told."""
    actions = _actions()
    from vanthu.base import clock

    day: date = since.date() if since else clock.today()
    _or_exit(lambda: actions.change_code(code, new_code, day))


@agency_app.command("show")
def show_agency(code: str, as_json: bool = AS_JSON) -> None:
    """How far an agency is on its way onto the axis, and what its trial still lacks."""
    _actions()
    from vanthu.axis import queries, rules
    from vanthu.axis.errors import AgencyUnknown

    agency = queries.agency_by_code(code)
    if agency is None:
        typer.echo(AgencyUnknown(code=code).text, err=True)
        raise typer.Exit(1)
    passed = set(agency.trial_passes.values_list("item", flat=True))
    missing = rules.missing_items(passed)
    if as_json:
        said = {"code": agency.code, "stage": agency.stage, "passed": sorted(passed)}
        typer.echo(json.dumps(said | {"missing": [item.value for item in missing]}, ensure_ascii=False))
        return
    typer.echo(f"{agency.code}  {agency.name}: {agency.get_stage_display()}")
    for item in missing:
        typer.echo(f"  còn thiếu: {item.label}")


@agency_app.command("live")
def go_live(code: str) -> None:
    """Let an agency exchange officially; refused while its trial is not passed."""
    actions = _actions()
    _or_exit(lambda: actions.go_live(code))


@agency_app.command("carry")
def carry_over(
    code: str, *, reason: Annotated[str, typer.Option(help="By which decision, from which axis.")]
) -> None:
    """Let an agency go on officially that did so before, over an axis that this one replaces."""
    actions = _actions()
    _or_exit(lambda: actions.carry_over(code, reason))


@agency_app.command("partner")
def trial_partner(code: str, no: bool = typer.Option(False, "--no", help="No longer.")) -> None:
    """Let an agency exchange with those that are not live yet, so that they can pass their trial."""
    actions = _actions()
    _or_exit(lambda: actions.set_trial_partner(code, partner=not no))


@agency_app.command("lock")
def lock_agency(code: str) -> None:
    """Take no packets for an agency until it is unlocked."""
    actions = _actions()
    _or_exit(lambda: actions.set_agency_locked(code, locked=True))


@agency_app.command("unlock")
def unlock_agency(code: str) -> None:
    """Take packets for an agency again."""
    actions = _actions()
    _or_exit(lambda: actions.set_agency_locked(code, locked=False))


@app.command("evidence")
def evidence(
    doc_id: str = typer.Argument(help="Id of a packet, a delivery or a refusal."),
    out: Annotated[Path | None, typer.Option(help="File to write; otherwise standard output.")] = None,
) -> None:
    """Write the proof file of a packet or refusal; check it with ``vanthu evidence verify``."""
    _actions()
    from vanthu.axis import proofs

    data = _or_exit(lambda: proofs.proof_file(doc_id))
    if out is None:
        typer.echo(data.decode(), nl=False)
    else:
        out.write_bytes(data)
        typer.echo(str(out), err=True)


@app.command("verify")
def verify_log(as_json: bool = AS_JSON) -> None:
    """Compute the axis' log anew; exit status 1 when it is broken."""
    _actions()
    from vanthu.axis import proofs

    verdict = proofs.verify_log()
    if as_json:
        typer.echo(json.dumps({"holds": verdict.holds, **asdict(verdict)}, ensure_ascii=False))
    else:
        word = "đúng" if verdict.holds else f"HỎNG tại lô {verdict.broken_at}: {verdict.reason}"
        typer.echo(
            f"{verdict.entries} sự kiện trong {verdict.batches} lô ({verdict.unstamped} lô chưa có dấu thời gian, "
            f"{verdict.open} sự kiện chưa vào lô): {word}"
        )
    raise typer.Exit(0 if verdict.holds else 1)


def _actions() -> Any:
    from vanthu.startup import start_django

    start_django()
    from django.conf import settings

    if not settings.IS_AXIS:
        typer.echo("Lệnh này chỉ dùng ở trục liên thông (VANTHU_SITE_KIND=axis).", err=True)
        raise typer.Exit(1)
    from vanthu.axis import actions

    return actions


def _or_exit(act: Any) -> Any:
    try:
        return act()
    except VanthuError as error:
        typer.echo(error.text, err=True)
        raise typer.Exit(1) from None


def _print_sheet(system_id: str, secret: str, as_json: bool) -> None:
    from vanthu.axis import queries
    from vanthu.axis.connection import sheet

    said = sheet(queries.member(system_id), secret)
    if as_json:
        typer.echo(json.dumps(said, ensure_ascii=False))
        return
    typer.echo(f"SystemId:  {system_id}\nSecretKey: {secret}\nEndpoint:  {said['endpoint']}")
    typer.echo(f"Danh sách cơ quan: {said['agencyList']}\nGọi thử: {said['example']}")
    typer.echo("Khóa bí mật chỉ hiện một lần; hãy lưu ngay.", err=True)
