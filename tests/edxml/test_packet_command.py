"""``vanthu packet``: what a person or a script at the command line gets, exit status included."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from tests.edxml import packets
from tests.edxml.packets import HEADER, PDF, attached, raw, reference
from typer.testing import CliRunner

from vanthu.commands.packet import app
from vanthu.edxml import Attachment, Content, StatusCode, compose, describe, read, write


def run(*words: object, stdin: bytes | None = None):
    return CliRunner().invoke(app, [str(word) for word in words], input=stdin)


@pytest.fixture
def packet_file(tmp_path) -> Path:
    path = tmp_path / "goi.edxml"
    path.write_bytes(write(packets.update()))
    return path


# --- inspect ---


def test_inspect_says_what_a_clerk_asks_first(packet_file):
    done = run("inspect", packet_file)
    assert done.exit_code == 0
    for said in ("Công văn 152/SNV-VTLT", "09/03/2026", "Cập nhật văn bản", "H99.05.17", "152_SNV-VTLT.pdf"):
        assert said in done.stdout


def test_inspect_of_a_status_names_the_status(tmp_path):
    (tmp_path / "a.edxml").write_bytes(write(packets.status()))
    assert "03  Đã tiếp nhận" in run("inspect", tmp_path / "a.edxml").stdout


def test_inspect_as_json_holds_the_whole_packet(packet_file):
    done = run("inspect", packet_file, "--json")
    said = json.loads(done.stdout)
    assert said["packet"] == json.loads(json.dumps(describe(read(packet_file).packet)))
    assert said["sha256"] == read(packet_file).sha256
    assert said["notes"] == []


def test_a_packet_comes_from_standard_input_too():
    done = run("inspect", "-", "--json", stdin=write(packets.status()))
    assert json.loads(done.stdout)["packet"]["status_code"] == "03"


def test_a_packet_cannot_drive_the_terminal(tmp_path):
    path = tmp_path / "a.edxml"
    path.write_bytes(raw(HEADER.replace("Về việc", "Về\u009b2J\u202eviệc")))
    assert "Về 2J việc" in run("inspect", path).stdout


@pytest.mark.parametrize("verb", ["inspect", "check", "extract"])
def test_what_is_no_packet_ends_with_status_two_and_its_code(verb, tmp_path):
    path = tmp_path / "a.edxml"
    path.write_bytes(b"<!DOCTYPE a><a/>")
    done = run(verb, path)
    assert done.exit_code == 2
    assert "EDXML_FORBIDDEN_DOCTYPE" in done.stderr
    said = json.loads(run(verb, path, "--json").stdout)
    assert (said["ok"], said["error"]["code"]) == (False, "EDXML_FORBIDDEN_DOCTYPE")


def test_a_file_that_is_not_there_is_told():
    done = run("inspect", "/khong-co.edxml")
    assert (done.exit_code, done.stderr) == (2, "Không có tệp hoặc thư mục này: /khong-co.edxml (FILE)\n")


# --- check ---


def test_check_is_silent_about_a_good_packet(packet_file):
    done = run("check", packet_file)
    assert (done.exit_code, done.stdout) == (0, "Gói tin đúng quy chuẩn.\n")
    assert json.loads(run("check", packet_file, "--json").stdout) == {
        "ok": True,
        "problems": [],
        "damaged": [],
        "notes": [],
    }


def test_check_names_field_rule_and_sentence(tmp_path):
    wrong = packets.document(subject="x" * 501, promulgation_date=date(2099, 1, 1), place="")
    (tmp_path / "a.edxml").write_bytes(write(wrong, strict=False))
    done = run("check", tmp_path / "a.edxml", "--json")
    assert done.exit_code == 1
    said = json.loads(done.stdout)
    assert not said["ok"]
    rows = {row["field"]: row for row in said["problems"]}
    assert rows["Subject"] == {
        "code": "EDXML_TOO_LONG",
        "field": "Subject",
        "rule": "QCVN 102:2016/BTTTT, mục 1.6",
        "message": "Trường trích yếu dài 501 ký tự, tối đa 500 ký tự.",
        "is_error": True,
    }
    assert rows["PromulgationInfo/PromulgationDate"]["code"] == "EDXML_FUTURE_DATE"
    assert not rows["PromulgationInfo/Place"]["is_error"]
    lines = run("check", tmp_path / "a.edxml").stdout
    assert "LỖI        Subject: Trường trích yếu" in lines
    assert "NÊN SỬA    PromulgationInfo/Place: Thiếu địa danh." in lines


def test_a_damaged_file_fails_the_check(tmp_path):
    destroyed = PDF.decode("utf-8", "replace").encode()
    (tmp_path / "a.edxml").write_bytes(raw(attachments=attached("a.pdf", destroyed)))
    done = run("check", tmp_path / "a.edxml", "--json")
    assert done.exit_code == 1
    assert json.loads(done.stdout)["damaged"] == ["a.pdf"]


# --- extract ---


def extracted(tmp_path, *names: str):
    path, folder = tmp_path / "a.edxml", tmp_path / "ra" / "sau"
    manifest = "".join(reference(name, content_id=f"cid:{n}") for n, name in enumerate(names))
    files = "".join(
        attached(name, PDF + bytes([n]), content_id=f"cid:{n}", label="application/pdf")
        for n, name in enumerate(names)
    )
    path.write_bytes(raw(manifest=manifest, attachments=files))
    return folder, run("extract", path, "--to", folder, "--json")


def test_extract_writes_each_file_with_its_bytes_and_hash(tmp_path):
    folder, done = extracted(tmp_path, "Công văn.pdf", "phụ lục.pdf")
    assert done.exit_code == 0
    rows = json.loads(done.stdout)["files"]
    assert [row["path"] for row in rows] == [str(folder / "Công văn.pdf"), str(folder / "phụ lục.pdf")]
    assert (folder / "phụ lục.pdf").read_bytes() == PDF + b"\x01"
    assert rows[1]["sha256"] == Content.of(PDF + b"\x01").sha256


def test_extract_never_leaves_its_folder_and_never_overwrites(tmp_path):
    folder, done = extracted(
        tmp_path, "../../a.edxml", "/etc/passwd", "..\\..\\b.pdf", "b.pdf", "..", "b.pdf", "CON.pdf"
    )
    assert done.exit_code == 0
    assert sorted(path.name for path in folder.iterdir()) == [
        "_CON.pdf",
        "a.edxml",
        "b (2).pdf",
        "b (3).pdf",
        "b.pdf",
        "passwd",
        "tep-dinh-kem",
    ]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.edxml", "ra"]
    again = run("extract", tmp_path / "a.edxml", "--to", folder)
    assert again.exit_code == 0
    assert (folder / "b.pdf").read_bytes() == PDF + b"\x02"
    assert len(list(folder.iterdir())) == 14


def test_a_link_that_lies_in_wait_is_not_followed(tmp_path):
    victim = tmp_path / "quan-trong.txt"
    victim.write_text("giữ")
    (tmp_path / "ra" / "sau").mkdir(parents=True)
    (tmp_path / "ra" / "sau" / "a.pdf").symlink_to(victim)
    folder, _done = extracted(tmp_path, "a.pdf")
    assert victim.read_text() == "giữ"
    assert (folder / "a (2).pdf").read_bytes() == PDF + b"\x00"


def test_extract_says_that_a_status_has_no_files(tmp_path):
    (tmp_path / "a.edxml").write_bytes(write(packets.status()))
    done = run("extract", tmp_path / "a.edxml", "--to", tmp_path / "ra")
    assert (done.exit_code, done.stdout) == (0, "Gói tin không có tệp đính kèm.\n")


def test_extract_tells_damage_by_its_exit_status(tmp_path):
    (tmp_path / "a.edxml").write_bytes(raw(attachments=attached("a.pdf", "AAAA*AAA")))
    done = run("extract", tmp_path / "a.edxml", "--to", tmp_path / "ra")
    assert done.exit_code == 1
    assert "HỎNG" in done.stdout
    assert (tmp_path / "ra" / "a.pdf").exists()


# --- build ---


def described(packet) -> dict:
    return json.loads(json.dumps(describe(packet)))


@pytest.mark.parametrize(
    "packet",
    [packets.document(), packets.update(), packets.replacement(), packets.recall(), packets.status()],
    ids=["new", "update", "replacement", "recall", "status"],
)
def test_what_inspect_and_extract_gave_is_built_again_the_same(packet, tmp_path):
    path = tmp_path / "a.edxml"
    path.write_bytes(write(packet))
    (tmp_path / "mo-ta.json").write_text(run("inspect", path, "--json").stdout)
    run("extract", path, "--to", tmp_path)
    done = run("build", tmp_path / "mo-ta.json", "-o", tmp_path / "b.edxml", "--json")
    assert done.exit_code == 0, done.stdout
    assert (tmp_path / "b.edxml").read_bytes() == path.read_bytes()
    assert json.loads(done.stdout)["sha256"] == read(path).sha256


def test_a_short_description_is_enough(tmp_path):
    (tmp_path / "cv.pdf").write_bytes(PDF)
    plain = {
        "message_type": "edoc",
        "sender": {"organ_id": "H99.05", "organ_name": "Sở Nội vụ"},
        "recipients": [{"organ_id": "H99.05.17", "organ_name": "UBND xã Đồng Mẫu"}],
        "document_id": "H99.05,2026/03/09,152/SNV-VTLT",
        "code_number": "152",
        "code_notation": "SNV-VTLT",
        "promulgation_date": "2026-03-09",
        "subject": "Về việc thử nghiệm",
        "type_name": "Công văn",
        "trace": [{"organ_id": "H99.05", "timestamp": "2026-03-09T08:00:00"}],
        "attachments": [{"name": "152_SNV-VTLT.pdf", "file": "cv.pdf"}],
    }
    (tmp_path / "a.json").write_text(json.dumps(plain))
    done = run("build", tmp_path / "a.json", "-o", tmp_path / "a.edxml")
    assert done.exit_code == 0, done.stderr
    packet = read(tmp_path / "a.edxml").packet
    assert packet.attachments[0].name == "152_SNV-VTLT.pdf"
    assert packet.attachments[0].content.read() == PDF
    assert packet.trace[0].timestamp.isoformat() == "2026-03-09T08:00:00+07:00"


def test_a_packet_that_breaks_the_standard_is_not_built(tmp_path):
    (tmp_path / "a.json").write_text(json.dumps(described(packets.status(timestamp=None))))
    done = run("build", tmp_path / "a.json", "-o", tmp_path / "a.edxml", "--json")
    assert done.exit_code == 1
    assert [row["field"] for row in json.loads(done.stdout)["problems"]] == ["Timestamp"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.json"]


def test_build_never_overwrites(packet_file, tmp_path):
    (tmp_path / "a.json").write_text(json.dumps(described(packets.status())))
    before = packet_file.read_bytes()
    done = run("build", tmp_path / "a.json", "-o", packet_file)
    assert (done.exit_code, packet_file.read_bytes()) == (2, before)
    nowhere = run("build", tmp_path / "a.json", "-o", tmp_path / "chua-co" / "a.edxml")
    assert (nowhere.exit_code, nowhere.stderr) == (
        2,
        f"Không có tệp hoặc thư mục này: {tmp_path}/chua-co (FILE)\n",
    )


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"message_type": "thu"}, "message_type"),
        ({"subjet": "x"}, "subjet"),
        ({"subject": 5}, "subject"),
        ({"type": True}, "type"),
        ({"promulgation_date": "09/03/2026"}, "promulgation_date"),
        ({"recipients": {}}, "recipients"),
        ({"recipients": [{"organ_id": "H1", "name": "x"}]}, "recipients[0].name"),
        ({"trace": [{"organ_id": "H1", "timestamp": "x"}]}, "trace[0].timestamp"),
        ({"signer": []}, "signer"),
        ({"attachments": [{"name": "a.pdf", "file": "", "content": {}}]}, "a.pdf"),
        ({"attachments": [{"name": "", "file": ""}]}, "attachments"),
        ({"business": {"doc_type": "1"}}, "business.doc_type"),
    ],
)
def test_a_wrong_description_is_told_by_its_place(change, place, tmp_path):
    (tmp_path / "a.json").write_text(json.dumps(described(packets.document(attachments=())) | change))
    done = run("build", tmp_path / "a.json", "-o", tmp_path / "a.edxml")
    assert done.exit_code == 2
    assert place in done.stderr
    assert not (tmp_path / "a.edxml").exists()


@pytest.mark.parametrize("text", ["", "[]", "null", "{", '{"message_type": 1}'])
def test_what_is_no_description_is_told(text, tmp_path):
    (tmp_path / "a.json").write_text(text)
    done = run("build", tmp_path / "a.json", "-o", tmp_path / "a.edxml")
    assert (done.exit_code, "EDXML_BAD_DESCRIPTION" in done.stderr) == (2, True)


def test_a_file_that_changed_since_it_was_described_is_refused(tmp_path):
    (tmp_path / "152_SNV-VTLT.pdf").write_bytes(PDF + b"x")
    (tmp_path / "a.json").write_text(json.dumps(described(packets.document())))
    done = run("build", tmp_path / "a.json", "-o", tmp_path / "a.edxml")
    assert (done.exit_code, "SHA-256" in done.stderr) == (2, True)


@pytest.mark.parametrize(
    "packet",
    [packets.update(), packets.replacement(), packets.document(business=None, due_date=None)],
    ids=["update", "replacement", "without business"],
)
def test_a_description_says_all_that_the_packet_is_made_of(packet):
    bare = replace(packet, attachments=())
    assert compose(described(bare), lambda one: Content.of(b"")) == bare
    status = packets.status(status_code="09", staff=None)
    assert compose(described(status), lambda one: Content.of(b"")) == status
    with_code = compose(described(packets.status()), lambda one: Content.of(b""))
    assert with_code.status_code is StatusCode.ACCEPTED
    named = replace(packet, attachments=(Attachment("a.txt", Content.of(b"a"), content_id="1"),))
    assert compose(described(named), lambda one: Content.of(b"a")) == named
