"""Signatures in files other than PDF: what is signed is found out, and nothing that was changed is ever valid."""

from __future__ import annotations

import io
import random
import re
import zipfile
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from tests.cms import signed_files as made
from tests.cms.parts import NOW, Holder, holder, openssl, trust

from vanthu import cms
from vanthu.cms.signeddata import Beside
from vanthu.pades import ValidationReport, Verdict

LETTER = "Kính gửi: Sở Nội vụ tỉnh Hà Tĩnh".encode() * 20


def signer() -> Holder:
    return holder("Võ Trọng Thử", signs=True)


def judged(data: bytes, *beside: Beside) -> ValidationReport:
    return cms.validate_any(data, trust(), at=NOW, beside=beside)


def codes(report: ValidationReport) -> set[str]:
    return {reason.code for reason in report.all_reasons}


def with_name(data: bytes, name: str = "cong-van.docx") -> Beside:
    return Beside.of(name, io.BytesIO(data))


def test_cms_with_the_content_inside(tmp_path: Path) -> None:
    data = made.cms(tmp_path, LETTER, signer(), "-nodetach")
    assert cms.recognise(data) is cms.Form.CMS
    report = judged(data)
    assert report.verdict is Verdict.VALID
    (found,) = report.signatures
    assert (found.signer_name, found.covers_whole_file) == ("Võ Trọng Thử", True)
    assert found.claimed_time is not None
    assert judged(data.replace(b"H\xc3\xa0 T", b"H\xc3\xa1 T", 1)).verdict is Verdict.INVALID
    pem = openssl("cms", "-cmsout", "-inform", "DER", "-in", _file(tmp_path, data), "-outform", "PEM")
    assert judged(pem).verdict is Verdict.VALID
    streamed = made.cms(tmp_path, LETTER, signer(), "-nodetach", "-stream")
    assert judged(streamed).verdict is Verdict.VALID
    assert ValidationReport.from_dict(report.as_dict()).signatures == report.signatures


def test_a_signature_beside_its_file_finds_it_among_those_that_came_along(tmp_path: Path) -> None:
    data = made.cms(tmp_path, LETTER, signer(), "-cades")
    others = [with_name(b"khac", "khac.pdf"), with_name(LETTER)]
    assert judged(data, *others).verdict is Verdict.VALID
    alone = judged(data)
    assert (alone.verdict, codes(alone)) == (Verdict.INDETERMINATE, {"SIGNED_FILE_ABSENT"})
    changed = judged(data, with_name(LETTER + b"."))
    assert (changed.verdict, codes(changed)) == (Verdict.INVALID, {"CONTENT_CHANGED"})


def test_who_signed_is_judged_as_for_pdf(tmp_path: Path) -> None:
    expired = holder("Hết Hạn", signs=True, days=-30)
    for who, code in (
        (holder("Người Lạ", signs=True, trusted=False), "UNTRUSTED"),
        (expired, "CERTIFICATE_EXPIRED"),
        (holder("Chỉ mã hóa"), "WRONG_USAGE"),
    ):
        report = judged(made.cms(tmp_path, LETTER, who, "-nodetach"))
        assert code in codes(report) and report.verdict is Verdict.INVALID
    weak = made.cms(tmp_path, LETTER, signer(), "-nodetach", "-md", "sha1")
    assert codes(judged(weak)) == {"LEGACY_ALGORITHM"}
    nameless = made.cms(tmp_path, LETTER, signer(), "-nodetach", "-nocerts")
    assert codes(judged(nameless)) == {"CERTIFICATE_ABSENT"}
    later = cms.validate_any(
        made.cms(tmp_path, LETTER, signer(), "-nodetach"), trust(), at=NOW + timedelta(days=4000)
    )
    assert later.verdict is not Verdict.VALID


XML_FORMS: dict[str, Callable[[Holder], tuple[str, list[str]]]] = {
    "enveloped": lambda who: (
        made.letter_xml(made.signature(made.reference("", made.ENVELOPED, made.EXCLUSIVE), who=who)),
        [],
    ),
    "enveloped by identifier": lambda who: (
        made.letter_xml(
            made.signature(made.reference("#goc", made.ENVELOPED, made.C14N), who=who, c14n=made.EXCLUSIVE)
        ),
        ["--id-attr:Id", "urn:vanban:vanban"],
    ),
    "enveloping": lambda who: (
        made.signature(
            made.reference("#o"), who=who, objects="<Object Id='o'><a xmlns='urn:a'>Nội dung</a></Object>"
        ),
        ["--id-attr:Id", f"{made.DS}:Object"],
    ),
}


@pytest.mark.parametrize("form", XML_FORMS)
def test_xml_signatures_over_the_whole_file(tmp_path: Path, form: str) -> None:
    template, options = XML_FORMS[form](signer())
    data = made.xmlsec(tmp_path, template, signer(), *options)
    report = judged(data)
    assert report.verdict is Verdict.VALID, codes(report)
    assert report.signatures[0].covers_whole_file
    for old, new in ((b"K\xc3\xadnh", b"Kinh"), (b"N\xe1\xbb\x99i dung", b"Noi dung")):
        if old in data:
            assert judged(data.replace(old, new)).verdict is Verdict.INVALID


def test_a_signature_over_a_part_is_not_one_over_the_file(tmp_path: Path) -> None:
    part = made.reference("#phan", made.C14N)
    template = made.letter_xml(made.signature(part, who=signer()))
    data = made.xmlsec(tmp_path, template, signer(), "--id-attr:Id", "urn:vanban:phan")
    report = judged(data)
    assert (report.verdict, codes(report)) == (Verdict.INDETERMINATE, {"PARTLY_SIGNED"})

    # Wrapping: the signed root hides in a corner of another document, whose own words a reader would see.
    template, options = XML_FORMS["enveloped by identifier"](signer())
    honest = made.xmlsec(tmp_path, template, signer(), *options).decode()
    root = honest[honest.index("<v:vanban") :]
    moved = judged(f"<v:vanban xmlns:v='urn:vanban'><v:noidung>Giả</v:noidung>{root}</v:vanban>".encode())
    assert moved.verdict is not Verdict.VALID and "PARTLY_SIGNED" in codes(moved)
    twice = judged(f"<r><v:vanban xmlns:v='urn:vanban' Id='goc'>Giả</v:vanban>{root}</r>".encode())
    assert (twice.verdict, "AMBIGUOUS_REFERENCE" in codes(twice)) == (Verdict.INVALID, True)


def test_an_xml_signature_beside_its_file(tmp_path: Path) -> None:
    (tmp_path / "so-lieu.csv").write_bytes(LETTER)
    data = made.xmlsec(tmp_path, made.signature(made.reference("so-lieu.csv"), who=signer()), signer())
    assert judged(data, with_name(LETTER, "so-lieu.csv")).verdict is Verdict.VALID
    assert codes(judged(data)) == {"SIGNED_FILE_ABSENT"}
    assert judged(data, with_name(b"khac", "so-lieu.csv")).verdict is Verdict.INVALID


def test_what_is_on_no_list_is_said_to_be_unchecked(tmp_path: Path) -> None:
    honest = made.xmlsec(tmp_path, XML_FORMS["enveloped"](signer())[0], signer())
    unknown = honest.replace(made.EXCLUSIVE.encode(), b"http://www.w3.org/TR/1999/REC-xslt-19991116")
    assert "UNKNOWN_SIGNATURE_KIND" in codes(judged(unknown))
    entity = b"<!DOCTYPE v [<!ENTITY a 'b'>]>" + honest[honest.index(b"<v:vanban") :]
    assert judged(entity).verdict is Verdict.INVALID
    mail = b"MIME-Version: 1.0\nContent-Type: application/pkcs7-mime; smime-type=signed-data\n\nMIAG"
    assert codes(judged(mail)) == {"UNKNOWN_SIGNATURE_KIND"}
    for unsigned in (b"", b"van ban", b"<a/>", b"<html>Signature", made.zipped({"a.txt": b"a"})):
        assert judged(unsigned).verdict is Verdict.UNSIGNED


def test_signed_open_documents(tmp_path: Path) -> None:
    data = made.open_document(tmp_path, signer())
    assert cms.recognise(data) is cms.Form.OPEN_DOCUMENT
    report = judged(data)
    assert report.verdict is Verdict.VALID, codes(report)
    for name in ("content.xml", "Pictures/anh.png"):
        parts = made.unzipped(data)
        parts[name] = parts[name].replace(b"g", b"h").replace(b"PNG", b"PNH")
        assert judged(made.zipped(parts)).verdict is Verdict.INVALID
    added = made.zipped({**made.unzipped(data), "Basic/ma.xml": b"<a/>"})
    assert codes(judged(added)) == {"PARTLY_SIGNED"}
    (tmp_path / "con").mkdir()
    partly = made.open_document(tmp_path / "con", signer(), leave_out="styles.xml")
    assert codes(judged(partly)) == {"PARTLY_SIGNED"}
    assert "AMBIGUOUS_REFERENCE" in codes(judged(made.zipped(made.unzipped(data), twice="Content.xml")))


def test_signed_office_files(tmp_path: Path) -> None:
    data = made.office(tmp_path, signer())
    assert cms.recognise(data) is cms.Form.OFFICE
    report = judged(data)
    assert report.verdict is Verdict.VALID, codes(report)
    parts = made.unzipped(data)

    def after(**changed: bytes) -> set[str]:
        return codes(judged(made.zipped({**parts, **{k.replace("__", "/"): v for k, v in changed.items()}})))

    document = parts["word/document.xml"]
    assert after(**{"word/document.xml": document.replace(b"H\xc3\xa0", b"Ha")}) == {"CONTENT_CHANGED"}
    assert after(**{"word/footnotes.xml": b"<them/>"}) == {"PARTLY_SIGNED"}
    hidden = (
        b'<Relationship Id="rId7" Type="urn:mau" Target="https://ke-gian.example/" TargetMode="External"/>'
    )
    relationships = parts["word/_rels/document.xml.rels"]
    more = relationships.replace(b"</Relationships>", hidden + b"</Relationships>")
    assert after(**{"word/_rels/document.xml.rels": more}) == {"PARTLY_SIGNED"}
    other = relationships.replace(b"https://a.vn/", b"https://b.vn/")
    assert after(**{"word/_rels/document.xml.rels": other}) == {"CONTENT_CHANGED"}
    types = parts["[Content_Types].xml"].replace(b"document.main+xml", b"template.main+xml")
    assert after(**{"[Content_Types].xml": types}) == {"CONTENT_CHANGED"}
    assert after(**{"docProps/core.xml": b"<khac/>"}) == set()
    lost = dict(parts)
    lost["[Content_Types].xml"] = parts["[Content_Types].xml"].replace(b"digital-signature-xml", b"la-")
    assert judged(made.zipped(lost)).verdict is not Verdict.UNSIGNED


def test_hostile_packages_are_bounded() -> None:
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("[Content_Types].xml", b"<Types/>")
        for number in range(12):
            packed.writestr(f"{number}.xml", b"\0" * (100 << 20) if number == 0 else b"")
            packed.filelist[-1].file_size = 100 << 20
    assert judged(bomb.getvalue()).verdict is not Verdict.VALID


def test_no_changed_byte_makes_a_valid_file_of_other_content(tmp_path: Path) -> None:
    """Seeded: bytes of each form are changed one at a time; none is valid unless what was signed is untouched."""
    template, options = XML_FORMS["enveloped"](signer())
    samples = [
        made.cms(tmp_path, LETTER, signer(), "-nodetach"),
        made.xmlsec(tmp_path, template, signer(), *options),
    ]
    dice = random.Random(20261119)
    for sample in samples:
        for _ in range(60):
            changed = bytearray(sample)
            changed[dice.randrange(len(sample))] ^= 1 << dice.randrange(8)
            report = judged(bytes(changed))
            if report.verdict is Verdict.VALID:
                assert _meaning(bytes(changed)) == _meaning(sample)


def _meaning(data: bytes) -> bytes:
    """What a reader of the file gets: the content of a CMS file, the XML without its prologue and signature."""
    if data[:1] == b"\x30":
        assert LETTER in data
        return LETTER
    return re.sub(rb"<Signature.*</Signature>", b"", data[data.index(b"<v:vanban") :], flags=re.DOTALL)


def _file(folder: Path, data: bytes) -> str:
    (folder / "file.p7m").write_bytes(data)
    return str(folder / "file.p7m")
