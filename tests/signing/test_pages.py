"""The pages of devices, authority and certificates: each for its people, nothing for anybody else."""

from __future__ import annotations

from datetime import timedelta

from django.db import connection
from django.test.utils import CaptureQueriesContext
from tests import world as worlds
from tests.signing.staff import administrator, appoint, signed_in

from vanthu.base import clock
from vanthu.base.actors import Role
from vanthu.signing import certificates, devices
from vanthu.signing.certificate_models import CertificateWarning, RequestKind
from vanthu.signing.device_models import DeviceKind, Handover, KeyDevice
from vanthu.signing.models import SigningKey


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
    minutes = clerk2.get(f"/signing/handovers/{handover.pk}/minutes/").content.decode()
    assert "Giấy cho phép 3/GP-UBND" in minutes and "Đinh Thị Hạnh" in minutes
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
    admin.post("/signing/authorities/give", authority)
    page = admin.get("/signing/authorities/").content.decode()
    assert "Quy chế làm việc 12/QC-UBND" in page and "Nguyễn Đức Ưng" in page

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
