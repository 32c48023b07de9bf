"""The pages of devices, authority and certificates: each for its people, nothing for anybody else."""

from __future__ import annotations

import subprocess
from datetime import timedelta
from uuid import UUID

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from tests import world as worlds
from tests.signing.staff import administrator, appoint, signed_in

from vanthu.audit.models import Event
from vanthu.base import clock
from vanthu.base.actors import Role
from vanthu.formalities.archival import archival
from vanthu.issuing.models import Draft, Stage
from vanthu.records import numbers
from vanthu.records.models import Document
from vanthu.signing import certificates, devices
from vanthu.signing.certificate_models import CertificateWarning, RequestKind
from vanthu.signing.device_models import DeviceKind, Handover, KeyDevice
from vanthu.signing.device_rules import HandoverData
from vanthu.signing.models import SigningKey
from vanthu.signing.paper_models import CustodyPaper

QUIET = {"accept": "application/json"}


def test_an_administrator_registers_hands_over_and_the_clerk_confirms_on_the_pages(
    world: worlds.World,
) -> None:
    province = world.province
    admin = signed_in(administrator(province))
    clerk2 = signed_in(appoint(province, "clerk2", "Đinh Thị Hạnh", "Văn thư", Role.CLERK))
    made = admin.post("/signing/devices/register", {"kind": "TOKEN", "serial": "BCY-77", "label": "Dấu số 2"})
    device = KeyDevice.objects.get(serial="BCY-77")
    assert made.url == f"/signing/devices/{device.pk}/"
    assert admin.post("/signing/devices/register", {"kind": "TOKEN"}).status_code == 422
    given = {"taker": str(province.posts["clerk2"].pk), "permission": "Giấy cho phép 3/GP-UBND"}
    admin.post(f"/signing/devices/{device.pk}/hand-over", given)
    handover = Handover.objects.get(device=device)
    assert "chờ xác nhận" in clerk2.get("/signing/devices/").content.decode()
    assert "chờ bạn xác nhận" in clerk2.get("/").content.decode()
    clerk2.post(f"/signing/handovers/{handover.pk}/confirm")
    device.refresh_from_db()
    assert device.custodian == province.posts["clerk2"]
    key = SigningKey.objects.get(agency=province.agency, post=None)
    assert key.subject[:40] in admin.get(f"/signing/devices/{device.pk}/").content.decode()
    admin.post(f"/signing/devices/{device.pk}/place-key", {"key": str(key.pk)})
    key.refresh_from_db()
    assert key.device == device
    minutes_are_kept(world, handover.pk, clerk2)
    form = {"lost_at": "2026-11-01T08:00", "circumstances": "Rơi"}
    clerk2.post(f"/signing/devices/{device.pk}/lost", form)
    assert "Báo mất" in admin.get(f"/signing/devices/{device.pk}/").content.decode()

    authority = {
        "post": str(province.posts["unit_head"].pk),
        "given": "TL",
        "basis": "Quy chế làm việc 12/QC-UBND",
        "type_codes": ["CONG_VAN", "THONG_BAO"],
        "since": "2026-01-05",
    }
    there = admin.post("/signing/authorities/give", authority).url
    page = admin.get("/signing/authorities/").content.decode()
    assert "Quy chế làm việc 12/QC-UBND" in page and "Nguyễn Đức Ưng" in page and "chưa gắn văn bản" in page
    decision_is_found_at_the_check(world, there)

    key = SigningKey.objects.get(post=province.posts["leader"])
    SigningKey.objects.filter(pk=key.pk).update(valid_to=clock.now() + timedelta(days=5, hours=1))
    certificates.warn_all()
    leader = signed_in(province.posts["leader"])
    assert "còn 5 ngày" in leader.get("/").content.decode()
    warning = CertificateWarning.objects.get(post=province.posts["leader"])
    leader.post(f"/signing/warnings/{warning.pk}/seen")
    assert "còn 5 ngày" not in leader.get("/").content.decode()
    asked = leader.post("/signing/certificates/ask/RENEW", {"key": str(key.pk), "reason": "Sắp hết hạn"})
    assert key.serial in leader.get(asked.url).content.decode()
    assert "Chưa gửi" in leader.get("/signing/certificates/").content.decode()


def minutes_are_kept(world: worlds.World, handover_id: UUID, clerk: Client) -> None:
    """Numbered without gaps, as PDF/A that another program reads; what was signed on paper beside them."""
    here = f"/signing/handovers/{handover_id}/"
    row = Handover.objects.get(pk=handover_id)
    assert row.code == "01/BBBG-UBND"
    kept = b"".join(clerk.get(here + "minutes.pdf").streaming_content)
    assert archival(kept).declared == "PDF/A-2B" and archival(kept).fit
    text = subprocess.run(
        ["pdftotext", "-", "-"], input=kept, capture_output=True, check=True
    ).stdout.decode()
    for words in ("Số: 01/BBBG-UBND", "Giấy cho phép 3/GP-UBND", "Đinh Thị Hạnh", "BCY-77"):
        assert words in text
    bring = clerk.post(here + "signed", {"file": upload(b"khong phai pdf")}, headers=QUIET)
    assert bring.json()["code"] == "CUSTODY_PAPER_REFUSED"
    assert clerk.post(here + "signed", {}, headers=QUIET).json()["code"] == "CUSTODY_PAPER_MISSING"
    assert clerk.post(here + "signed", {"file": upload(kept)}).url == here + "minutes/"
    page = clerk.get(here + "minutes/").content.decode()
    brought = f"/signing/papers/{CustodyPaper.objects.get().pk}.pdf"
    assert brought in page and "01/BBBG-UBND" in page
    assert b"".join(clerk.get(brought).streaming_content) == kept
    assert verbs(row.device_id)[-3:] == [
        "signing.view_minutes",
        "signing.minutes_brought",
        "signing.view_paper",
    ]
    strangers = [signed_in(world.department.posts["clerk"]), signed_in(world.province.posts["specialist"])]
    for stranger in strangers:
        for path in (here + "minutes/", here + "minutes.pdf", brought):
            assert stranger.get(path).status_code == 404
        assert stranger.post(here + "signed", {"file": upload(kept)}).status_code == 404

    # The second ones: by a hand-over whose second confirmation is undone, nothing is numbered; then the next number.
    device = Handover.objects.get(pk=handover_id).device
    said = HandoverData(permission="Giấy cho phép 4/GP-UBND")
    province = world.province
    again = devices.propose_handover(province.actor("clerk2"), device.pk, province.posts["clerk"].pk, said)
    with pytest.raises(KeyboardInterrupt), pytest.MonkeyPatch.context() as killed:
        killed.setattr(devices, "_record", interrupt)
        devices.confirm_handover(province.clerk, again.pk)
    assert devices.confirm_handover(province.clerk, again.pk).code == "02/BBBG-UBND"
    back = devices.propose_handover(province.clerk, device.pk, province.posts["clerk2"].pk, said)
    devices.confirm_handover(province.actor("clerk2"), back.pk)
    assert all(sequence.holds for sequence in numbers.audit_sequences())


def decision_is_found_at_the_check(world: worlds.World, there: str) -> None:
    """The writing behind an authority: a document of the site, or a file; open from whatever is signed by it."""
    province = world.province
    signed = worlds.signed(province, [world.department.agency], subject="Giao ký thừa lệnh năm 2026")
    admin, leader = signed_in(province.posts["administrator"]), signed_in(province.posts["leader"])
    specialist, stranger = (signed_in(office.posts["specialist"]) for office in (province, world.department))
    assert "Không tìm thấy" in admin.get(there, {"q": "giao ky thua lenh"}).content.decode(), "no part in it"
    assert "Gắn văn bản này" in leader.get(there, {"q": "giao ky thua lenh"}).content.decode()
    chosen = {"document": str(signed.pk)}
    assert admin.post(there + "paper", chosen, headers=QUIET).status_code == 404
    for _ in range(2):
        assert leader.post(there + "paper", chosen).url == there
    assert (
        leader.post(there + "paper", {"document": "?"}, headers=QUIET).json()["code"]
        == "CUSTODY_PAPER_MISSING"
    )
    admin.post(there + "paper", {"file": upload(worlds.official_letter(province))})
    file = CustodyPaper.objects.get(authority__isnull=False, document=None)
    assert CustodyPaper.objects.filter(authority=file.authority).count() == 2
    page = specialist.get(there).content.decode()
    assert f"/documents/{signed.pk}/" in page and "Chọn văn bản trên hệ thống" not in page
    assert specialist.post(there + "paper", chosen).status_code == 403
    assert specialist.get(f"/signing/papers/{file.pk}.pdf").status_code == 404
    assert signed_in(province.posts["unit_head"]).get(f"/signing/papers/{file.pk}.pdf").status_code == 200
    assert stranger.get(there).status_code == 404
    assert stranger.post(there + "paper", chosen).status_code == 403
    leader_there = signed_in(world.department.posts["leader"])
    assert leader_there.post(there + "paper", chosen).status_code == 404
    assert "chưa gắn văn bản" not in admin.get("/signing/authorities/").content.decode()
    drafted = worlds.draft(province, [world.department.agency])
    Draft.objects.filter(document=drafted).update(signer=province.posts["unit_head"])
    Document.objects.filter(pk=drafted.pk).update(state=Stage.SUBMITTED)
    assert there in specialist.get(f"/documents/{drafted.pk}/").content.decode()
    assert there not in specialist.get(f"/documents/{signed.pk}/").content.decode(), "by the post"


def upload(content: bytes) -> SimpleUploadedFile:
    return SimpleUploadedFile("biên bản.pdf", content, "application/pdf")


def verbs(about: UUID) -> list[str]:
    return list(Event.objects.filter(object_id=about).order_by("sequence").values_list("verb", flat=True))


def interrupt(*_given: object, **_named: object) -> None:
    """Killed before the commit."""
    raise KeyboardInterrupt


def test_lists_ask_as_often_for_many_as_for_few(world: worlds.World) -> None:
    province = world.province
    client = signed_in(administrator(province))
    paths = ("/", "/signing/devices/", "/signing/authorities/", "/signing/certificates/")

    def counted() -> list[int]:
        found = []
        for path in paths:
            with CaptureQueriesContext(connection) as seen:
                assert client.get(path).status_code == 200
            found.append(len(seen))
        return found

    from tests.signing.test_gate import authority

    from vanthu.signing.authorities import record_authority

    def more(times: int) -> None:
        for number in range(times):
            post = appoint(province, f"d{KeyDevice.objects.count()}", f"Người {number}", "Phó", Role.LEADER)
            data = devices.DeviceData(
                DeviceKind.TOKEN, f"S-{post.pk}", owner_id=post.pk, custodian_id=post.pk
            )
            device = devices.register_device(province.administrator, data)
            original = SigningKey.objects.get(post=province.posts["leader"])
            SigningKey.objects.filter(pk=original.pk).first()
            original.pk, original._state.adding = SigningKey().pk, True
            original.post, original.device = post, device
            original.save()
            record_authority(province.administrator, authority(province.posts["unit_head"]))
            certificates.ask_authority(
                province.administrator, RequestKind.RENEW, "Hết hạn", key_id=original.pk
            )

    more(1)
    few = counted()
    more(3)
    assert counted() == few
