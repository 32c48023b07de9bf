"""``vanthu pdf``: what a person or a script at the command line gets, exit status included."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from tests.pades.conftest import Authority
from tests.pades.samples import PLACES, decision
from tests.softtoken import LIBRARY, PIN, make_token, shelf
from typer.testing import CliRunner

from vanthu import pades
from vanthu.commands.pdf import app
from vanthu.demo import pki
from vanthu.demo.cluster import DemoPki

PSS = b"06092a864886f70d01010a"
"""The object identifier of RSASSA-PSS as it stands, hexadecimal, in a signature."""
USELESS, VALID, INVALID, INDETERMINATE, UNSIGNED = 4, 0, 1, 2, 3


def run(*words: object) -> Any:
    return CliRunner().invoke(app, [str(word) for word in words])


def said(*words: object) -> dict[str, Any]:
    answer: dict[str, Any] = json.loads(run(*words, "--json").stdout)
    return answer


@pytest.fixture
def files(tmp_path: Path, authority: Authority) -> Path:
    """A folder with a draft, the authority's keys and the passphrase in a file."""
    (tmp_path / "draft.pdf").write_bytes(decision())
    (tmp_path / "secret").write_text(pki.DEMO_PASSPHRASE + "\n")
    (tmp_path / "pki").symlink_to(authority.folder)
    return tmp_path


def test_a_real_process_signs_with_the_passphrase_from_a_descriptor_and_without_django(files: Path) -> None:
    program = (
        "import sys, atexit; sys.argv[0] = 'vanthu'\n"
        "atexit.register(lambda: print('django' in sys.modules, file=sys.stderr))\n"
        "from vanthu.cli import main; main()"
    )
    words = ["pdf", "sign", "draft.pdf", "-o", "signed.pdf", "--p12", "pki/chu-tich.p12"]
    with (files / "secret").open("rb") as secret:
        done = subprocess.run(
            [sys.executable, "-c", program, *words, "--passphrase-fd", str(secret.fileno()), "--json"],
            cwd=files,
            pass_fds=[secret.fileno()],
            capture_output=True,
            text=True,
            check=False,
            env={name: os.environ[name] for name in ("PATH", "PYTHONPATH") if name in os.environ},
        )
    assert (done.returncode, done.stderr) == (0, "False\n")
    assert json.loads(done.stdout)["field"] == "nguoi_ky_1"
    offline = run("verify", files / "signed.pdf", "--trust", files / "pki/root.pem", "--offline")
    assert (
        offline.exit_code != VALID
    )  # nobody was asked about revocation, and the intermediate is not at hand


def test_from_draft_to_sealed_stamped_and_verified_by_real_services(
    demo_pki: DemoPki, tmp_path: Path
) -> None:
    folder, tsa = demo_pki.material.pki, pki.tsa_url(demo_pki.port)
    members = json.loads((folder / "members.json").read_text())
    person = pki.p12_path(folder, next(one["slug"] for one in members if "title" in one))
    (tmp_path / "draft.pdf").write_bytes(decision())
    (tmp_path / "secret").write_text(pki.DEMO_PASSPHRASE)
    key = ["--passphrase-file", tmp_path / "secret", "--p12"]
    trust = ["--trust", demo_pki.material.trust]

    signed = run("sign", tmp_path / "draft.pdf", "-o", tmp_path / "1.pdf", *key, person, "--tsa", tsa)
    assert signed.exit_code == 0, signed.output
    stamped = run(
        "timestamp", tmp_path / "1.pdf", "-o", tmp_path / "2.pdf", "--tsa", tsa, "--long-term", *trust
    )
    assert stamped.exit_code == 0, stamped.output
    xml = tmp_path / "report.xml"
    assert run("verify", tmp_path / "2.pdf", *trust, "--report", xml).exit_code == VALID
    assert b"mainindication:total-passed" in xml.read_bytes()
    again = said("verify", tmp_path / "2.pdf", *trust, "--report", xml)
    assert again["error"]["code"] == "FILE", "what stands there is not written over"
    unsigned = run("verify", tmp_path / "draft.pdf", *trust, "--report", tmp_path / "none.xml")
    assert unsigned.exit_code == UNSIGNED
    assert not (tmp_path / "none.xml").exists()
    both = run("verify", tmp_path / "1.pdf", tmp_path / "2.pdf", *trust, "--report", tmp_path / "none.xml")
    assert both.exit_code == USELESS
    good = run("verify", tmp_path / "1.pdf", tmp_path / "2.pdf", *trust)
    assert good.exit_code == VALID, good.output
    assert "HỢP LỆ" in good.stdout
    assert "Thời điểm được chứng minh" in good.stdout

    broken = bytearray((tmp_path / "1.pdf").read_bytes())
    broken[200] ^= 1
    (tmp_path / "3.pdf").write_bytes(broken)
    report = said("verify", tmp_path / "1.pdf", tmp_path / "3.pdf", tmp_path / "draft.pdf", *trust)
    assert [row["status"] for row in report["files"]] == [VALID, INVALID, UNSIGNED]
    assert run("verify", tmp_path / "draft.pdf", tmp_path / "3.pdf", *trust).exit_code == INVALID


def test_the_agency_seals_annexes_and_copies_with_its_own_key(files: Path) -> None:
    key = ["--passphrase-file", files / "secret", "--p12"]
    run("sign", files / "draft.pdf", "-o", files / "1.pdf", *key, files / "pki/chu-tich.p12")
    agency = [*key, files / "pki/ubnd.p12"]
    for number, words in enumerate(
        (
            ["1.pdf", "--as", "agency", "--number", "15", "--date", "2026-11-21"],
            ["draft.pdf", "--as", "annex", "--code", "15/QĐ-UBND"],
            ["draft.pdf", "--as", "copy", "--form", "TrS", "--agency", "Ủy ban nhân dân tỉnh Hà Tĩnh"],
        )
    ):
        out = files / f"sealed-{number}.pdf"
        done = run("sign", files / words[0], *words[1:], "-o", out, *agency)
        assert done.exit_code == 0, done.output
        checked = said("verify", out, "--trust", files / "pki", "--offline")["files"][0]
        assert checked["status"] == INDETERMINATE
        assert {r["code"] for s in checked["report"]["signatures"] for r in s["reasons"]} == {
            "REVOCATION_UNKNOWN"
        }
    folder = files / "roots"
    folder.mkdir()
    for source, name in (("root.pem", "public-root.pem"), ("issuer.pem", "intermediate.pem")):
        (folder / name).write_bytes((files / "pki" / source).read_bytes())
    checked = said("verify", files / "sealed-0.pdf", "--trust", folder, "--offline")["files"][0]
    assert {one["authority"] for one in checked["report"]["signatures"]} == {"PUBLIC"}
    unsigned = said("sign", files / "draft.pdf", "-o", files / "x.pdf", "--as", "agency", "--number", "1",
                    "--date", "2026-11-21", *agency)  # fmt: skip
    assert unsigned["error"]["code"] in {"FIELD_MISSING", "SEAL_WITHOUT_COMPETENT_SIGNATURE"}


def test_a_token_signs_by_either_scheme_and_a_wrong_pin_is_told(files: Path) -> None:
    with shelf(files) as folder:
        token = make_token(folder, "USB", files / "pki", "chu-tich", "ubnd")
        (files / "pin").write_text(PIN)
        (files / "sai").write_text("000000")
        device = ["--pkcs11", LIBRARY, "--token", token, "--key", "chu-tich"]
        for out, more in (("1.pdf", []), ("2.pdf", ["--pss"])):
            sign = ["sign", files / "draft.pdf", "-o", files / out, *device, *more]
            done = run(*sign, "--passphrase-file", files / "pin")
            assert done.exit_code == 0, done.output
        wrong = ["sign", files / "draft.pdf", "-o", files / "3.pdf", *device]
        assert said(*wrong, "--passphrase-file", files / "sai")["error"]["code"] == "TOKEN_PIN_WRONG"
    judged = said("verify", files / "1.pdf", files / "2.pdf", "--trust", files / "pki", "--offline")["files"]
    assert [row["report"]["signatures"][0]["signer_name"] for row in judged] == ["Võ Trọng Thử"] * 2
    assert {row["status"] for row in judged} == {INDETERMINATE}  # nobody was asked about revocation
    assert [PSS in (files / out).read_bytes().lower() for out in ("1.pdf", "2.pdf")] == [False, True]


def test_signers_take_the_empty_fields_of_a_prepared_file_in_order_and_no_other(files: Path) -> None:
    (files / "prepared.pdf").write_bytes(pades.prepare(decision(), PLACES, signers=pades.signer_fields(2)))
    told, source = [], "prepared.pdf"
    for out, who, more in (
        ("1.pdf", "chanh-vp", []),
        ("2.pdf", "chu-tich", ["--field", "con_dau"]),
        ("2.pdf", "chu-tich", []),
        ("3.pdf", "chu-tich", []),
    ):
        key = ["--passphrase-file", files / "secret", "--p12", files / f"pki/{who}.p12"]
        done = said("sign", files / source, "-o", files / out, *key, *more)
        told.append(done["field"] if done["ok"] else done["error"]["code"])
        source = out if done["ok"] else source
    assert told == ["nguoi_ky_1", "FIELD_OF_AGENCY", "nguoi_ky_2", "PDF_ALREADY_SIGNED"]


def test_what_cannot_be_done_has_a_status_of_its_own_and_leaves_no_file(files: Path) -> None:
    (files / "wrong").write_text("khong-phai")
    sign = ["sign", files / "draft.pdf", "-o", files / "new.pdf"]
    for words in (
        [*sign, "--p12", files / "pki/chu-tich.p12", "--passphrase-file", files / "wrong"],
        [*sign, "--p12", files / "pki/chu-tich.p12"],  # nobody at a terminal to ask
        [*sign, "--p12", files / "khong-co.p12", "--passphrase-file", files / "secret"],
        sign,
        ["sign", files / "draft.pdf", "-o", files / "secret", "--p12", files / "pki/chu-tich.p12",
         "--passphrase-file", files / "secret"],
        ["verify", files / "khong-co.pdf", "--trust", files / "pki/root.pem"],
        ["verify", files / "draft.pdf", "--trust", files / "khong-co"],
        ["verify", files / "draft.pdf", "--trust", files / "secret"],
        [*sign, "--as", "agency", "--number", "15a", "--date", "2026-11-21", "--p12", files / "pki/ubnd.p12"],
        ["verify", files / "draft.pdf", "--at", "hôm qua", "--trust", files / "pki/root.pem"],
        ["verify", files / "draft.pdf"],
        ["verify", "--khong-co"],
        ["timestamp", files / "draft.pdf", "-o", files / "new.pdf", "--tsa", "http://127.0.0.1:9/"],
    ):  # fmt: skip
        done = run(*words)
        assert done.exit_code == USELESS, (words, done.output)
        assert json.loads(run(*words, "--json").stdout), "also a wrong option is told as JSON"
    assert not (files / "new.pdf").exists()
    assert (files / "secret").read_text() == pki.DEMO_PASSPHRASE + "\n"


def test_places_are_told_and_drawn(files: Path) -> None:
    told = said("place", files / "draft.pdf", "--image", files / "places.png")
    found = {row["what"]: row for row in told["places"]}
    assert set(found) == {"number", "date", "signature", "seal"}
    assert found["seal"]["x1"] < found["signature"]["x1"]
    with Image.open(files / "places.png") as picture:
        middle = [
            (found["seal"]["x0"] + found["seal"]["x1"]) / 2,
            (found["seal"]["y0"] + found["seal"]["y1"]) / 2,
        ]
        red, green, _ = picture.getpixel((int(middle[0] * 1.5), int(picture.height - middle[1] * 1.5)))
    assert red > green + 20


def test_a_detached_signature_by_openssl_is_judged_with_the_file_it_is_about(files: Path) -> None:
    (files / "bao-cao.txt").write_text("Báo cáo")
    pem = [
        "openssl",
        "pkcs12",
        "-in",
        "pki/ubnd.p12",
        "-nodes",
        "-clcerts",
        "-passin",
        "file:secret",
        "-out",
        "key.pem",
    ]
    subprocess.run(pem, cwd=files, check=True, capture_output=True)
    cms = [
        "openssl",
        "cms",
        "-sign",
        "-cades",
        "-binary",
        "-in",
        "bao-cao.txt",
        "-signer",
        "key.pem",
        "-outform",
        "DER",
    ]
    subprocess.run([*cms, "-out", "bao-cao.p7s"], cwd=files, check=True, capture_output=True)
    trust = ["--trust", files / "pki", "--offline"]
    with_it = said("verify", files / "bao-cao.p7s", "--beside", files / "bao-cao.txt", *trust)["files"][0]
    assert (with_it["form"], with_it["status"]) == ("CMS", INDETERMINATE)
    assert {reason["code"] for one in with_it["report"]["signatures"] for reason in one["reasons"]} == {
        "REVOCATION_UNKNOWN"
    }
    assert (
        said("verify", files / "bao-cao.p7s", "--beside", files / "draft.pdf", *trust)["files"][0]["status"]
        != VALID
    )
