"""``vanthu pdf sign``: the four signatures of a document, each with the key of whoever may make it.

Owns the reading of options; what is written is ``vanthu.pades``'. The passphrase comes from the terminal, a file or
a file descriptor, never from the command line.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from vanthu.commands import pdf
from vanthu.commands.terminal import print_json, printable, require_new, secret

if TYPE_CHECKING:
    from vanthu.pades import KeySource


class SignAs(str, Enum):
    """Whose signature it is, and so what it looks like (NĐ 30/2020, Phụ lục I)."""

    PERSON = "person"
    AGENCY = "agency"
    ANNEX = "annex"
    COPY = "copy"


def sign(
    file: pdf.PdfFile,
    *,
    output: pdf.Output,
    sign_as: Annotated[
        SignAs,
        typer.Option(
            "--as",
            help="person: in the signer's field, made when the file has none; agency: number, date and seal in one "
            "revision; annex: number and time at the top right; copy: form, agency and time at the top right.",
        ),
    ] = SignAs.PERSON,
    p12: Annotated[Path | None, typer.Option("--p12", help="The key: a PKCS#12 file.")] = None,
    pkcs11: Annotated[
        Path | None, typer.Option("--pkcs11", help="The key: on a token; the maker's library (.so, .dll).")
    ] = None,
    token: Annotated[str, typer.Option("--token", help="With --pkcs11: the token's label.")] = "",
    key_label: Annotated[str, typer.Option("--key", help="With --pkcs11: the key's label.")] = "",
    pss: Annotated[
        bool, typer.Option("--pss", help="An RSA key signs by RSASSA-PSS instead of PKCS#1 v1.5.")
    ] = False,
    passphrase_file: Annotated[
        Path | None, typer.Option("--passphrase-file", help="File with the passphrase or PIN.")
    ] = None,
    passphrase_fd: Annotated[
        int | None, typer.Option("--passphrase-fd", help="Open file descriptor with the passphrase or PIN.")
    ] = None,
    image: Annotated[
        Path | None, typer.Option("--image", help="PNG of the handwritten signature or the seal.")
    ] = None,
    field: Annotated[
        str, typer.Option("--field", help="person: the signature field; the first empty one by default.")
    ] = "",
    reason: Annotated[str, typer.Option("--reason", help="person: written into the signature.")] = "",
    location: Annotated[str, typer.Option("--location", help="person, agency: written into it.")] = "",
    number: Annotated[str, typer.Option("--number", help="agency: the number, such as 15.")] = "",
    issued: Annotated[str, typer.Option("--date", help="agency: the day of issue, 2026-11-21.")] = "",
    place: Annotated[
        str,
        typer.Option("--place", help="agency: the place, where the draft left the whole date line blank."),
    ] = "",
    code: Annotated[str, typer.Option("--code", help="annex: number and notation, 15/QĐ-UBND.")] = "",
    form: Annotated[str, typer.Option("--form", help="copy: SY, SL or TrS.")] = "SY",
    agency: Annotated[str, typer.Option("--agency", help="copy: the agency's name.")] = "",
    tsa: Annotated[
        str, typer.Option("--tsa", help="Address of an RFC 3161 time-stamping service: PAdES B-T.")
    ] = "",
    as_json: pdf.AsJson = False,
) -> None:
    """Sign a file as a person, as an agency, or as the agency on an annex or a copy; writes a new file."""
    pdf.quiet_libraries()
    words = _Words(field, reason, location, number, issued, place, code, form, agency)
    _require_words(sign_as, words)

    def work() -> dict[str, Any]:
        from vanthu import pades

        require_new(output)
        content = file.read_bytes()
        picture = image.read_bytes() if image else None
        stamper = pades.HttpTimestamper(tsa) if tsa else None
        with _key(p12, pkcs11, token, key_label, passphrase_file, passphrase_fd, pss=pss) as key:
            signed, told = _SIGNERS[sign_as](content, key, words, picture, stamper)
            subject = key.certificate.subject.human_friendly
        return {**pdf.kept(output, signed), "signer": subject, **told}

    done = pdf.or_exit(work, as_json)
    if as_json:
        print_json({"ok": True, **done})
        return
    typer.echo(printable(f"{done['path']}  {done['size']} byte  SHA-256 {done['sha256']}"))
    for note in done.get("notes", ()):
        typer.echo(printable(f"Lưu ý: {note['message']} ({note['code']})"))


class _Words:
    """What is written beside the signature."""

    def __init__(self, *words: str) -> None:
        self.field, self.reason, self.location, self.number, self.issued = words[:5]
        self.place, self.code, self.form, self.agency = words[5:]


_NEEDED = {SignAs.AGENCY: ("number", "issued"), SignAs.ANNEX: ("code",), SignAs.COPY: ("agency",)}
_OPTIONS = {"number": "--number", "issued": "--date", "code": "--code", "agency": "--agency"}


def _require_words(sign_as: SignAs, words: _Words) -> None:
    for name in _NEEDED.get(sign_as, ()):
        if not getattr(words, name):
            raise typer.BadParameter(f"--as {sign_as.value} cần {_OPTIONS[name]}", param_hint=_OPTIONS[name])
    if words.number and not re.fullmatch(r"[0-9]{1,9}", words.number):
        raise typer.BadParameter("chỉ gồm chữ số, ví dụ 15", param_hint="--number")
    if words.issued:
        _day(words.issued)
    if sign_as is SignAs.COPY:
        _form(words.form)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter("ví dụ 2026-11-21", param_hint="--date") from None


def _form(text: str) -> str:
    from vanthu.formalities import CopyForm

    try:
        return CopyForm(text).label
    except ValueError:
        raise typer.BadParameter("SY, SL hoặc TrS", param_hint="--form") from None


def _key(
    p12: Path | None,
    library: Path | None,
    token: str,
    label: str,
    file: Path | None,
    descriptor: int | None,
    *,
    pss: bool,
) -> KeySource:
    from vanthu.pades import Pkcs12Key, Scheme

    if (p12 is None) == (library is None):
        raise typer.BadParameter("Cần đúng một khóa: --p12 hoặc --pkcs11.", param_hint="--p12")
    scheme = Scheme.PSS if pss else Scheme.PKCS1V15
    if p12 is not None:
        material = p12.read_bytes()
        passphrase = secret(file, descriptor, f"Mật khẩu của {p12.name}: ")
        return Pkcs12Key.open(material, passphrase, scheme=scheme)
    from vanthu.pades.tokens import Pkcs11Key

    assert library is not None
    pin = secret(file, descriptor, f"Mã PIN của thiết bị {token}: ")
    return Pkcs11Key.open(library, token_label=token, key_label=label, pin=pin, scheme=scheme)


def _as_person(
    content: bytes, key: KeySource, words: _Words, picture: bytes | None, stamper: Any
) -> tuple[bytes, dict[str, Any]]:
    from vanthu import pades
    from vanthu.pades.waiting import empty_signer_fields

    notes: list[dict[str, str]] = []
    field = words.field or next(iter(empty_signer_fields(content)), "")
    if not field:
        content, notes = _prepared(content)
        field = pades.signer_fields(1)[0]
    signed = pades.sign(
        content,
        field,
        key,
        signed_at=datetime.now(UTC),
        image=picture,
        reason=words.reason or None,
        location=words.location or None,
        timestamper=stamper,
    )
    return signed, {"field": field, "notes": notes}


def _prepared(content: bytes) -> tuple[bytes, list[dict[str, str]]]:
    from vanthu import pades
    from vanthu.formalities.placement import find_or_make_places
    from vanthu.formalities.upright import upright

    standing = upright(content)
    found = find_or_make_places(standing)
    notes = [{"code": note.code, "message": note.text} for note in found.notes]
    return pades.prepare(standing, found.places, signers=pades.signer_fields(1)), notes


def _as_agency(
    content: bytes, key: KeySource, words: _Words, picture: bytes | None, stamper: Any
) -> tuple[bytes, dict[str, Any]]:
    from vanthu import pades

    sealed = pades.seal(
        content,
        key,
        number=words.number,
        issued_date=_day(words.issued),
        font=_font("Regular"),
        date_font=_font("Italic"),
        place=words.place,
        signed_at=datetime.now(UTC),
        seal_image=picture,
        location=words.location or None,
        timestamper=stamper,
    )
    return sealed, {}


def _as_annex(
    content: bytes, key: KeySource, words: _Words, _picture: bytes | None, stamper: Any
) -> tuple[bytes, dict[str, Any]]:
    from vanthu import pades
    from vanthu.formalities.corner import clear_corner

    now = datetime.now(UTC)
    font = _font("Regular")
    sealed = pades.seal_attachment(
        content,
        key,
        code=words.code,
        font=font,
        signed_at=now,
        timestamper=stamper,
        clearing=clear_corner,
    )
    return sealed, {}


def _as_copy(
    content: bytes, key: KeySource, words: _Words, _picture: bytes | None, stamper: Any
) -> tuple[bytes, dict[str, Any]]:
    from vanthu import pades
    from vanthu.formalities.corner import clear_corner

    sealed = pades.seal_copy(
        content,
        key,
        form=_form(words.form),
        agency=words.agency,
        font=_font("Regular"),
        signed_at=datetime.now(UTC),
        timestamper=stamper,
        clearing=clear_corner,
    )
    return sealed, {}


def _font(style: str) -> bytes:
    from vanthu.formalities.fonts import tinos_folder

    return next(tinos_folder().glob(f"**/Tinos_*{style}.ttf")).read_bytes()


_SIGNERS = {
    SignAs.PERSON: _as_person,
    SignAs.AGENCY: _as_agency,
    SignAs.ANNEX: _as_annex,
    SignAs.COPY: _as_copy,
}
