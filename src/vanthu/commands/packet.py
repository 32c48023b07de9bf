"""``vanthu packet``: look into edXML packets, take their files out, check them, build them. Needs no site.

Exit status everywhere: 0 all well; 1 the packet is readable but something is wrong with it (rules broken, files
damaged); 2 it could not be read, or the command could not do its work.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn, TypeVar

import typer

from vanthu.commands.terminal import file_trouble, require_new, unfinished_beside
from vanthu.commands.terminal import print_json as _print_json
from vanthu.commands.terminal import printable as _shown
from vanthu.errors import VanthuError

if TYPE_CHECKING:
    from vanthu.edxml import Attachment, Content, DocumentPacket, Packet, Problem, ReadResult, StatusPacket

T = TypeVar("T")

WRONG, USELESS = 1, 2
app = typer.Typer(no_args_is_help=True, help="Gói tin edXML: xem, lấy tệp, kiểm tra, tạo. Không cần máy chủ.")

PacketFile = Annotated[str, typer.Argument(metavar="FILE", help="The packet, or - for standard input.")]
AsJson = Annotated[bool, typer.Option("--json", help="Machine-readable output.")]


@app.command()
def inspect(file: PacketFile, *, as_json: AsJson = False) -> None:
    """Show what a packet says, its files and every defect it was read with."""
    from vanthu.edxml import describe

    result = _read(file, as_json)
    if not as_json:
        for line in _lines(result):
            typer.echo(_shown(line))
        return
    said = {
        "sha256": result.sha256,
        "size": result.size,
        "old_container": result.old_container,
        "signature": result.signature.decode(errors="replace") if result.signature else None,
        "notes": _notes(result),
        "packet": describe(result.packet),
    }
    _print_json(said)


@app.command()
def extract(
    file: PacketFile,
    *,
    to: Annotated[Path, typer.Option("--to", help="Folder for the files; made when missing.")] = Path(),
    as_json: AsJson = False,
) -> None:
    """Write a packet's attachments into a folder, under safe names, never over a file that is there."""
    result = _read(file, as_json)
    found: tuple[Attachment, ...] = getattr(result.packet, "attachments", ())
    rows = _or_exit(lambda: [_extracted(one, to) for one in found], as_json)
    if as_json:
        _print_json({"files": rows, "notes": _notes(result)})
    else:
        if not rows:
            typer.echo("Gói tin không có tệp đính kèm.")
        for row in rows:
            typer.echo(f"{row['path']}  {row['size']} byte{'  HỎNG' if row['damaged'] else ''}")
            for note in row["notes"]:
                typer.echo(_shown(f"  {note['message']}"))
    raise typer.Exit(WRONG if any(row["damaged"] for row in rows) else 0)


@app.command()
def check(file: PacketFile, *, as_json: AsJson = False) -> None:
    """Tell everything that breaks the standard, each with its field, rule and a sentence."""
    from datetime import datetime

    from vanthu.edxml import VIETNAM
    from vanthu.edxml import check as problems_of

    result = _read(file, as_json)
    problems = problems_of(result.packet, today=datetime.now(VIETNAM).date())
    damaged = [one.name for one in getattr(result.packet, "attachments", ()) if one.damaged]
    wrong = bool(damaged) or any(problem.is_error for problem in problems)
    if as_json:
        rows = [_problem(problem) for problem in problems]
        _print_json({"ok": not wrong, "problems": rows, "damaged": damaged, "notes": _notes(result)})
    else:
        _print_problems(problems)
        for note in result.notes:
            typer.echo(_shown(f"LƯU Ý      {note.text} ({note.code.value})"))
        typer.echo("Gói tin chưa đúng quy chuẩn." if wrong else "Gói tin đúng quy chuẩn.")
    raise typer.Exit(WRONG if wrong else 0)


@app.command()
def build(
    description: Annotated[Path, typer.Argument(help="JSON in the words of inspect --json (its 'packet').")],
    *,
    output: Annotated[Path, typer.Option("--output", "-o", help="The packet to write; must not exist.")],
    as_json: AsJson = False,
) -> None:
    """Make a packet from a JSON description; each attachment names its file, relative to the description."""
    from vanthu.edxml import check as problems_of

    packet = _or_exit(lambda: _described(description), as_json)
    problems = problems_of(packet)
    if any(problem.is_error for problem in problems):
        if as_json:
            _print_json({"ok": False, "problems": [_problem(problem) for problem in problems]})
        else:
            _print_problems(problems)
        raise typer.Exit(WRONG)
    size, sha256 = _or_exit(lambda: _build(packet, output), as_json)
    if as_json:
        rows = [_problem(problem) for problem in problems]
        _print_json(
            {"ok": True, "path": str(output), "size": size, "sha256": sha256, "problems": rows},
        )
        return
    _print_problems(problems)
    typer.echo(f"{output}  {size} byte  SHA-256 {sha256}")


# --- reading ---


def _read(file: str, as_json: bool) -> ReadResult:
    from vanthu import edxml

    return _or_exit(lambda: edxml.read(sys.stdin.buffer if file == "-" else Path(file)), as_json)


def _or_exit(work: Callable[[], T], as_json: bool) -> T:
    try:
        return work()
    except VanthuError as error:
        _fail(error.as_dict(), as_json)
    except OSError as error:
        _fail(file_trouble(error), as_json)


def _fail(said: Mapping[str, Any], as_json: bool) -> NoReturn:
    if as_json:
        _print_json({"ok": False, "error": said})
    else:
        typer.echo(_shown(f"{said['message']} ({said['code']})"), err=True)
    raise typer.Exit(USELESS)


# --- telling ---


def _lines(result: ReadResult) -> list[str]:
    from vanthu.edxml import DocumentPacket

    packet = result.packet
    said = _document_lines(packet) if isinstance(packet, DocumentPacket) else _status_lines(packet)
    lines = [f"{label + ':':<16}{value}" for label, value in said if value]
    lines += [f"{'Tệp:':<16}{_file_line(one)}" for one in getattr(packet, "attachments", ())]
    lines += [f"{'Lưu ý:':<16}{note.text}" for note in result.notes]
    return [*lines, f"{'SHA-256:':<16}{result.sha256} ({result.size} byte)"]


def _document_lines(packet: DocumentPacket) -> list[tuple[str, str]]:
    from vanthu.edxml import describe

    said = describe(packet)
    return [
        ("Văn bản", f"{packet.type_name} {packet.code}".strip()),
        ("Ngày ban hành", packet.promulgation_date.strftime("%d/%m/%Y") if packet.promulgation_date else ""),
        ("Trích yếu", packet.subject),
        ("Nghiệp vụ", ", ".join([said["business_label"], *packet.acts_on])),
        ("Độ khẩn", said["priority_label"]),
        ("Mã văn bản", packet.document_id),
        ("Bên gửi", f"{packet.sender.organ_id}  {packet.sender.organ_name}"),
        *(("Bên nhận", f"{organ.organ_id}  {organ.organ_name}") for organ in packet.recipients),
        *(("Phúc đáp", answer.code or answer.document_id) for answer in packet.responses_for),
        *(
            ("Chặng", f"{hop.organ_id or '?'}  {hop.timestamp.isoformat() if hop.timestamp else ''}")
            for hop in packet.trace
        ),
        *((one.path, one.text) for one in packet.unknown),
    ]


def _status_lines(packet: StatusPacket) -> list[tuple[str, str]]:
    from vanthu.edxml import status_label

    answer = packet.response_for
    return [
        ("Trạng thái", f"{packet.status_code}  {status_label(packet.status_code)}"),
        ("Thời điểm", packet.timestamp.isoformat() if packet.timestamp else ""),
        ("Diễn giải", packet.description),
        ("Bên gửi", f"{packet.sender.organ_id}  {packet.sender.organ_name}"),
        ("Báo cho", answer.organ_id),
        ("Văn bản", answer.code),
        ("Mã văn bản", answer.document_id),
        *((one.path, one.text) for one in packet.unknown),
    ]


def _file_line(one: Attachment) -> str:
    damaged = "  HỎNG" if one.damaged else ""
    return f"{one.name}  {one.content_type}  {one.content.size} byte  {one.content.sha256}{damaged}"


def _notes(result: ReadResult) -> list[dict[str, str]]:
    return [{"code": note.code.value, "message": note.text} for note in result.notes]


def _problem(problem: Problem) -> dict[str, Any]:
    return {
        "code": problem.code,
        "field": problem.path,
        "rule": problem.rule,
        "message": problem.text,
        "is_error": problem.is_error,
    }


def _print_problems(problems: tuple[Problem, ...]) -> None:
    for problem in problems:
        kind = "LỖI" if problem.is_error else "NÊN SỬA"
        typer.echo(_shown(f"{kind:<10} {problem.path}: {problem.text} ({problem.code}; {problem.rule})"))


# --- writing ---


def _extracted(one: Attachment, folder: Path) -> dict[str, Any]:
    folder.mkdir(parents=True, exist_ok=True)
    path = _new_file(folder, one)
    return {
        "path": str(path),
        "name": one.name,
        "size": one.content.size,
        "sha256": one.content.sha256,
        "content_type": one.content_type,
        "damaged": one.damaged,
        "notes": [{"code": note.code.value, "message": note.text} for note in one.notes],
    }


def _new_file(folder: Path, one: Attachment) -> Path:
    """Create and fill a file under the first free name; a link that lies in wait counts as taken."""
    name = Path(one.safe_name)
    number = 1
    while True:
        path = folder / (name.name if number == 1 else f"{name.stem} ({number}){name.suffix}")
        try:
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0), 0o644)
            break
        except FileExistsError:
            number += 1
    try:
        with os.fdopen(handle, "wb") as target:
            for chunk in one.content.chunks():
                target.write(chunk)
    except OSError:
        path.unlink(missing_ok=True)  # half a file must not pass for the attachment
        raise
    return path


def _described(description: Path) -> Packet:
    from vanthu.edxml import BadDescription, compose

    try:
        plain = json.loads(description.read_text(encoding="utf-8"))
    except ValueError as error:
        raise BadDescription(path=str(description), reason=f"không phải JSON ({error})") from None
    if isinstance(plain, dict) and isinstance(plain.get("packet"), dict):
        plain = plain["packet"]
    return compose(plain, lambda attachment: _file_content(description.parent, attachment))


def _file_content(folder: Path, attachment: Mapping[str, Any]) -> Content:
    from vanthu.edxml import BadDescription, Content

    name = attachment.get("file") or attachment.get("name")
    if not isinstance(name, str) or not name:
        raise BadDescription(path="attachments", reason="mỗi tệp phải có «file»")
    content = Content.from_path(folder / name)
    promised = attachment.get("content")
    if isinstance(promised, Mapping) and promised.get("sha256", content.sha256) != content.sha256:
        raise BadDescription(path=f"attachments {name}", reason="nội dung tệp khác SHA-256 đã ghi")
    return content


def _build(packet: Packet, output: Path) -> tuple[int, str]:
    """Write beside the target, read back, and only then give it its name."""
    from vanthu.edxml import NotWritable, read, write_to

    unfinished = unfinished_beside(require_new(output))
    try:
        with unfinished.open("xb") as target:
            written = write_to(packet, target)
        if read(unfinished).packet != packet:
            raise NotWritable(summary="đọc lại không giống bản mô tả", problems=())
        os.link(unfinished, output)
    finally:
        unfinished.unlink(missing_ok=True)
    return written.size, written.sha256
