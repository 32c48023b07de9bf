"""``vanthu pdf``: sign, verify, time-stamp PDF files and see where signatures would go. Needs no site, no database.

Exit status everywhere: 0 valid, or done; 1 invalid; 2 indeterminate; 3 unsigned; 4 the command could not do its work
(wrong options, a file or key that does not open). Of several files the one most in need of attention decides: 4,
then 1, 2, 3.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn, TypeVar

import typer
from typer.core import TyperGroup

from vanthu.commands.pdf_trust import (
    Believed,
    ListCategory,
    ListSigners,
    OfCategory,
    TrustedLists,
    TrustFiles,
)
from vanthu.commands.terminal import file_trouble, print_json, printable, require_new, write_new
from vanthu.errors import VanthuError

if TYPE_CHECKING:
    from vanthu.cms import Beside
    from vanthu.pades import SignatureReport, Trust, ValidationReport
    from vanthu.pades.listings import Listed
    from vanthu.trustlists import TrustedList

T = TypeVar("T")
USELESS = 4
STATUS = {"VALID": 0, "INVALID": 1, "INDETERMINATE": 2, "UNSIGNED": 3}
_WORST_FIRST = (USELESS, 1, 2, 3, 0)
WORDS = {
    "VALID": "HỢP LỆ",
    "INVALID": "KHÔNG HỢP LỆ",
    "INDETERMINATE": "CHƯA KẾT LUẬN ĐƯỢC",
    "UNSIGNED": "KHÔNG CÓ CHỮ KÝ SỐ",
}
KINDS = {"PERSON": "Cá nhân", "AGENCY": "Cơ quan", "TIMESTAMP": "Dấu thời gian"}


_UsageError: Any = typer.BadParameter.__mro__[1]


class _OwnStatus(TyperGroup):
    """A wrong option must not look like the verdict whose status is 2."""

    def make_context(self, info_name: str | None, args: list[str], *rest: Any, **more: Any) -> Any:
        """Reads the options of the group."""
        as_json = "--json" in args
        with _usage_is_useless(as_json):
            context = super().make_context(info_name, args, *rest, **more)
        context.meta[_AS_JSON] = as_json
        return context

    def invoke(self, ctx: Any) -> Any:
        """Reads the options of the subcommand and runs it."""
        with _usage_is_useless(ctx.meta.get(_AS_JSON, False)):
            return super().invoke(ctx)


_AS_JSON = "vanthu.pdf.as_json"


@contextmanager
def _usage_is_useless(as_json: bool) -> Iterator[None]:
    try:
        yield
    except _UsageError as wrong:
        if as_json:
            _fail({"code": "USAGE", "message": wrong.format_message()}, as_json)
        wrong.exit_code = USELESS
        raise


app = typer.Typer(
    no_args_is_help=True,
    cls=_OwnStatus,
    help="Tệp PDF: ký số, kiểm tra, đóng dấu thời gian, xem vị trí ký. Không cần máy chủ.",
)

PdfFile = Annotated[Path, typer.Argument(metavar="FILE", help="The PDF file.")]
Output = Annotated[Path, typer.Option("--output", "-o", help="The file to write; must not exist.")]
AsJson = Annotated[bool, typer.Option("--json", help="Machine-readable output.")]
Offline = Annotated[bool, typer.Option("--offline", help="Ask no OCSP or CRL address.")]


@app.command()
def verify(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="Signed files.")],
    *,
    trust: TrustFiles = [],  # noqa: B006 - typer reads it, nobody changes it
    trusted_list: TrustedLists = [],  # noqa: B006
    list_signer: ListSigners = [],  # noqa: B006
    list_category: OfCategory = ListCategory.GOVERNMENT,
    offline: Offline = False,
    beside: Annotated[
        list[Path],
        typer.Option(
            "--beside", help="A file that a detached signature (.p7s, XML) is about. May be repeated."
        ),
    ] = [],  # noqa: B006
    at: Annotated[
        str, typer.Option("--at", help="Judge as of this instant, ISO 8601 with offset; now by default.")
    ] = "",
    report: Annotated[
        Path | None,
        typer.Option(
            "--report",
            help="Write the report on the one file as XML (ETSI TS 119 102-2) here; must not exist. Nothing is written "
            "about a file without signatures.",
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Judge the signatures of files (PDF, office, XML, CMS): 0 valid, 1 invalid, 2 indeterminate, 3 unsigned."""
    quiet_libraries()
    moment = or_exit(lambda: instant(at), as_json)
    believed = Believed(trust, trusted_list, list_signer, list_category)
    trusted, lists = or_exit(lambda: believed.trust(offline=offline, at=moment), as_json)
    others = or_exit(lambda: [_beside(file) for file in beside], as_json)
    if report is not None and len(files) > 1:
        raise typer.BadParameter("chỉ dùng khi kiểm tra một tệp", param_hint="--report")
    if report is not None:
        or_exit(partial(require_new, report), as_json)
    rows = [_judged(file, trusted, moment, others, report) for file in files]
    told = [_list_told(one, moment) for one in lists]
    if as_json:
        print_json({"files": rows, "trusted_lists": told})
    else:
        for one in told:
            typer.echo(printable(_list_in_words(one)))
        for row in rows:
            typer.echo("\n".join(map(printable, _in_words(row))))
    found = {row["status"] for row in rows}
    raise typer.Exit(next(status for status in _WORST_FIRST if status in found))


@app.command()
def timestamp(
    file: PdfFile,
    *,
    output: Output,
    tsa: Annotated[str, typer.Option("--tsa", help="Address of the RFC 3161 time-stamping service.")],
    trust: TrustFiles = [],  # noqa: B006
    trusted_list: TrustedLists = [],  # noqa: B006
    list_signer: ListSigners = [],  # noqa: B006
    list_category: OfCategory = ListCategory.GOVERNMENT,
    long_term: Annotated[
        bool,
        typer.Option(
            "--long-term",
            help="Also keep the evidence in the file (B-LTA); again later: renew. Needs --trust or "
            "--trusted-list.",
        ),
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Put a trusted time over a file as it stands, with --long-term also what its verdict rests on."""
    quiet_libraries()
    believed = Believed(trust, trusted_list, list_signer, list_category)
    done = or_exit(lambda: _stamped(file, output, tsa, believed if long_term else None), as_json)
    if as_json:
        print_json({"ok": True, **done})
    else:
        typer.echo(printable(f"{done['path']}  {done['size']} byte  SHA-256 {done['sha256']}"))


def _stamped(file: Path, output: Path, tsa: str, believed: Believed | None) -> dict[str, Any]:
    from vanthu import pades

    require_new(output)
    stamper = pades.HttpTimestamper(tsa)
    content = file.read_bytes()
    if believed is None:
        return kept(output, pades.timestamp(content, stamper))
    trust, _ = believed.trust(offline=False)
    return kept(output, pades.extend(content, trust, stamper))


# --- what the subcommands share ---


def quiet_libraries() -> None:
    """The verdict says it, in words for people; the libraries' own remarks about hostile files do not help."""
    for name in ("pyhanko", "pyhanko_certvalidator", "pikepdf", "pypdf"):
        logging.getLogger(name).setLevel(logging.CRITICAL)


def or_exit(work: Callable[[], T], as_json: bool) -> T:
    """The result of ``work``; a refusal or a file that does not open ends the program with status 4."""
    try:
        return work()
    except VanthuError as error:
        _fail(error.as_dict(), as_json)
    except OSError as error:
        _fail(file_trouble(error), as_json)


def kept(output: Path, content: bytes) -> dict[str, Any]:
    """Write the new file and tell about it. Raises FileExistsError, OSError."""
    write_new(output, content)
    return {"path": str(output), "size": len(content), "sha256": hashlib.sha256(content).hexdigest()}


def instant(text: str) -> datetime | None:
    """The instant that was asked for; None when none was. Raises :class:`typer.BadParameter`."""
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = None
    if moment is None or moment.utcoffset() is None:
        raise typer.BadParameter("ví dụ 2026-11-20T16:41:07+07:00", param_hint="--at")
    return moment


def _fail(said: Mapping[str, Any], as_json: bool) -> NoReturn:
    if as_json:
        print_json({"ok": False, "error": said})
    else:
        typer.echo(printable(f"{said['message']} ({said['code']})"), err=True)
    raise typer.Exit(USELESS)


# --- verdicts ---


def _beside(file: Path) -> Beside:
    from vanthu.cms import Beside

    with file.open("rb") as content:
        return Beside.of(file.name, content)


def _judged(
    file: Path, trust: Trust, moment: datetime | None, others: list[Beside], target: Path | None
) -> dict[str, Any]:
    from vanthu.cms import recognise, validate_any
    from vanthu.pades import Verdict, standard_report

    row: dict[str, Any] = {"file": str(file)}
    try:
        with file.open("rb") as content:
            row |= {"sha256": hashlib.file_digest(content, "sha256").hexdigest(), "size": content.tell()}
            content.seek(0)
            row["form"] = recognise(content).value
            report = validate_any(content, trust, at=moment, beside=others)
        if target is not None and report.verdict is not Verdict.UNSIGNED:
            write_new(target, standard_report(report, sha256=row["sha256"]))
    except OSError as error:
        return row | {"status": USELESS, "error": file_trouble(error)}
    return row | {"status": STATUS[report.verdict.value], "report": report.as_dict()}


def _in_words(row: dict[str, Any]) -> Iterator[str]:
    if "error" in row:
        yield f"{row['file']}: {row['error']['message']}"
        return
    from vanthu.pades import ValidationReport

    report: ValidationReport = ValidationReport.from_dict(row["report"])
    yield f"{row['file']}: {WORDS[report.verdict.value]}"
    for reason in report.reasons:
        yield f"  {reason.text}"
    for remark in report.remarks:
        yield f"  Lưu ý: {remark.text}"
    for signature in report.signatures:
        yield from _signature_in_words(signature)
    yield f"  SHA-256 {row['sha256']}, {row['size']} byte"


def _signature_in_words(signature: SignatureReport) -> Iterator[str]:
    from vanthu.pades.times import iso

    known = (signature.signer_name, signature.title, signature.organization)
    who = ", ".join(dict.fromkeys(filter(None, known)))
    yield f"  {KINDS[signature.kind.value]}: {who}: {WORDS[signature.verdict.value]}"
    if signature.trusted_time:
        yield f"    Thời điểm được chứng minh: {iso(signature.trusted_time)}"
    elif signature.claimed_time:
        yield f"    Thời điểm người ký tự khai: {iso(signature.claimed_time)}"
    for reason in signature.reasons:
        yield f"    {reason.text}"
    for remark in signature.remarks:
        yield f"    Lưu ý: {remark.text}"
    yield f"    Chứng thư số {signature.certificate_serial}, cấp bởi {signature.issuer}"
    if signature.listed:
        yield f"    {_listed_in_words(signature.listed)}"
    if signature.qualification:
        yield f"    {signature.qualification.text}"


def _listed_in_words(listed: Listed) -> str:
    edition = f"danh sách tin cậy {listed.territory} số {listed.sequence} ngày {listed.issued:%d/%m/%Y}"
    if listed.since is None:
        return f"Dịch vụ {listed.service} ({listed.provider}): chưa có trong {edition} tại thời điểm ký"
    return (
        f"Dịch vụ {listed.service} ({listed.provider}): {listed.type} {listed.status} từ "
        f"{listed.since:%d/%m/%Y}, theo {edition}"
    )


def _list_told(found: TrustedList, moment: datetime | None) -> dict[str, Any]:
    """The edition of a list that verdicts rest on; ``overdue``: older than it says it may become."""
    from vanthu.pades.times import iso

    until = found.next_update
    return {
        "territory": found.territory,
        "sequence": found.sequence,
        "issued": iso(found.issued),
        "next_update": iso(until) if until else None,
        "overdue": until is None or until < (moment or datetime.now(UTC)),
        "operator": found.operator,
        "signer": found.signer,
        "services": len(found.services),
    }


def _list_in_words(told: dict[str, Any]) -> str:
    words = f"Danh sách tin cậy {told['territory']} số {told['sequence']} ngày {told['issued']}, {told['operator']}"
    return f"{words}. Lưu ý: danh sách đã quá hạn cập nhật" if told["overdue"] else words


def attach_parts() -> None:
    """The subcommands that have files of their own."""
    from vanthu.commands import pdf_places, pdf_signing

    app.command("sign")(pdf_signing.sign)
    app.command("place")(pdf_places.place)


attach_parts()
