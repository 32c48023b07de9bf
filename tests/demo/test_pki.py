"""The make-believe authority: real services over HTTP, and a folder that can be used again."""

from __future__ import annotations

import contextlib
import socket
import subprocess
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest

from vanthu import pades
from vanthu.demo import images, pki
from vanthu.pades.trust import HttpRevocationSource

ROOT = Path(__file__).resolve().parents[2]
BOLD = ROOT / "node_modules/@expo-google-fonts/tinos/700Bold/Tinos_700Bold.ttf"
CHAIRMAN = pki.PersonCert("chu-tich", "Nguyễn Thử Nghiệm", "Sở Nội vụ tỉnh Hà Tĩnh", "Giám đốc")
AGENCY = pki.AgencyCert("so-noi-vu", "Sở Nội vụ tỉnh Hà Tĩnh", "000.07.00.H27")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="module")
def port() -> int:
    return free_port()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, port: int) -> Path:
    made = tmp_path_factory.mktemp("pki")
    pki.create(made, [CHAIRMAN], [AGENCY], port=port)
    return made


@pytest.fixture(scope="module")
def server(folder: Path, port: int) -> Iterator[int]:
    with subprocess.Popen(
        pki.serve_command(folder, port), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        _wait_for(port, process)
        yield port
        process.terminate()


def _wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 90
    with httpx.Client(trust_env=False, timeout=2) as client:
        while process.poll() is None and time.monotonic() < deadline:
            try:
                client.get(f"http://127.0.0.1:{port}/")
            except httpx.TransportError:
                with contextlib.suppress(subprocess.TimeoutExpired):
                    process.wait(0.1)
                continue
            return
    raise AssertionError("the authority did not start")


def key(folder: Path, slug: str) -> pades.Pkcs12Key:
    return pades.Pkcs12Key.open(pki.p12_path(folder, slug).read_bytes(), pki.DEMO_PASSPHRASE)


def minimal_pdf() -> bytes:
    import io

    import pikepdf

    with pikepdf.new() as document:
        document.add_blank_page(page_size=(595, 842))
        out = io.BytesIO()
        document.save(out)
        return out.getvalue()


PLACES = pades.Places(
    number=pades.NumberPlace(pades.Box(0, 100, 700, 150, 716), 704),
    date=pades.DateGaps(pades.Box(0, 300, 700, 550, 716), None, None, None, 704),
    signature=pades.Box(0, 350, 200, 490, 270),
    seal=pades.seal_box_over(pades.Box(0, 350, 200, 490, 270)),
)


def test_time_stamps_and_revocation_are_served_over_http(folder: Path, server: int) -> None:
    stamper = pades.HttpTimestamper(pki.tsa_url(server))
    trust = pades.Trust(pki.trust_roots(folder), allow_fetching=True)
    ready = pades.prepare(minimal_pdf(), PLACES, signers=["nguoi_ky_1"])
    pdf = pades.sign(
        ready, "nguoi_ky_1", key(folder, "chu-tich"), signed_at=datetime.now(UTC), timestamper=stamper
    )
    report = pades.validate(pdf, trust)
    assert report.verdict is pades.Verdict.VALID, report.all_reasons
    assert report.signatures[0].trusted_time is not None
    extended = pades.extend(pdf, trust, stamper)
    assert pades.validate(extended, trust).verdict is pades.Verdict.VALID


def test_revocation_is_told_over_http(folder: Path, server: int) -> None:
    revoked = key(folder, pki.REVOKED)
    trust = pades.Trust(
        pki.trust_roots(folder), pki.intermediates(folder), allow_fetching=True, source=HttpRevocationSource()
    )
    found = pades.check_certificate(revoked.certificate, trust, at=datetime.now(UTC))
    assert found.standing is pades.Standing.REVOKED
    before = pades.check_certificate(revoked.certificate, trust, at=datetime(2025, 3, 1, tzinfo=UTC))
    assert before.standing is pades.Standing.GOOD
    assert before.evidence.crls


def test_a_silent_time_stamping_authority_is_told(folder: Path) -> None:
    ready = pades.prepare(minimal_pdf(), PLACES, signers=["nguoi_ky_1"])
    stamper = pades.HttpTimestamper(pki.tsa_url(free_port()), timeout=2)
    with pytest.raises(pades.PadesError) as refused:
        pades.sign(
            ready, "nguoi_ky_1", key(folder, "chu-tich"), signed_at=datetime.now(UTC), timestamper=stamper
        )
    assert refused.value.code == "TIMESTAMP_UNAVAILABLE"


def test_an_existing_folder_continues(folder: Path, port: int) -> None:
    before = {path.name: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    pki.create(folder, [], [], port=port)
    after = {path.name: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    assert after == before


def test_people_can_be_added_without_changing_the_others(tmp_path: Path, folder: Path, port: int) -> None:
    import shutil

    shutil.copytree(folder, tmp_path, dirs_exist_ok=True)
    before = pki.p12_path(tmp_path, "chu-tich").read_bytes()
    pki.create(tmp_path, [pki.PersonCert("moi", "Người Mới", "Sở Nội vụ", "Phó Giám đốc")], [], port=port)
    assert pki.p12_path(tmp_path, "chu-tich").read_bytes() == before
    assert key(tmp_path, "moi").certificate.subject.native["title"] == "Phó Giám đốc"


def test_certificates_look_like_the_public_duty_service(folder: Path) -> None:
    person = key(folder, "chu-tich").certificate.subject.native
    assert (person["common_name"], person["organization_name"], person["title"], person["country_name"]) == (
        "Nguyễn Thử Nghiệm",
        "Sở Nội vụ tỉnh Hà Tĩnh",
        "Giám đốc",
        "VN",
    )
    assert key(folder, "so-noi-vu").certificate.subject.native["serial_number"] == "000.07.00.H27"


def test_key_files_are_for_their_owner_only(folder: Path) -> None:
    secret = [*folder.glob("*.p12"), *(folder / "keys").iterdir()]
    assert secret
    assert all(path.stat().st_mode & 0o077 == 0 for path in secret)


def test_the_authoritys_own_names_are_not_given_away(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="goc"):
        pki.create(tmp_path, [pki.PersonCert("goc", "Kẻ Mạo Danh", "", "")], [], port=1)


def test_pictures_depend_on_the_name_alone() -> None:
    assert images.signature("Võ Trọng Thử") == images.signature("Võ Trọng Thử")
    assert images.signature("Võ Trọng Thử") != images.signature("Lê Văn Mẫu")
    assert images.seal("Sở Nội vụ", font=BOLD) == images.seal("Sở Nội vụ", font=BOLD)


def test_pictures_are_transparent_and_of_one_ink() -> None:
    import io

    from PIL import Image

    for data, red in (
        (images.seal("Ủy ban nhân dân tỉnh Hà Tĩnh", font=BOLD), True),
        (images.signature("A"), False),
    ):
        picture = Image.open(io.BytesIO(data))
        assert (picture.format, picture.mode) == ("PNG", "RGBA")
        assert picture.getchannel("A").getextrema() == (0, 255)
        assert picture.getpixel((0, 0))[3] == 0  # type: ignore[index]
        strongest = max(range(3), key=lambda channel: picture.getchannel(channel).getextrema()[0])
        assert strongest == (0 if red else 2)
