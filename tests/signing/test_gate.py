"""Nothing is signed without authority, nor sealed by anybody but the clerk who keeps the agency's device."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from tests import world as worlds
from tests.signing.staff import administrator, appoint

from vanthu.audit import queries as audit
from vanthu.base.actors import Role, RoleRequired
from vanthu.blobs import store
from vanthu.demo import samples
from vanthu.directory.models import Post
from vanthu.issuing import actions as issuing
from vanthu.issuing.models import Draft, Stage
from vanthu.issuing.uploads import check_upload
from vanthu.legal.authority import Prefix
from vanthu.records.models import Document
from vanthu.signing import authorities, devices, keys
from vanthu.signing.authority_models import PrintedBlock
from vanthu.signing.authority_queries import block_of
from vanthu.signing.authority_rules import AuthorityData, AuthorityUnknown, BlockDiffers, NoAuthority
from vanthu.signing.certificate_models import KeyUse, Purpose
from vanthu.signing.device_models import DeviceKind, DeviceState, KeyDevice
from vanthu.signing.device_rules import (
    ClerkOnly,
    DeviceRegistered,
    DeviceStep,
    DeviceUnknown,
    HandoverData,
    HandoverOpen,
    HandoverUnknown,
    NotCustodian,
    NotKeeper,
    PermissionMissing,
    RegulationMissing,
    WithoutCustodian,
)
from vanthu.signing.models import SigningKey

PERMISSION = HandoverData(permission="Giấy cho phép 02/GP-UBND ngày 18/11/2026")


def authority(post: Post, **changed: object) -> AuthorityData:
    entered: dict[str, object] = {
        "post_id": str(post.pk),
        "prefix": Prefix.TL,
        "basis": "Quy chế làm việc 12/QC-UBND ngày 05/01/2026",
        "since": date(2026, 1, 5),
        "type_codes": ("CONG_VAN",),
    }
    return AuthorityData(**{**entered, **changed})  # type: ignore[arg-type]


def the_agencys_device(world: worlds.World) -> KeyDevice:
    return KeyDevice.objects.get(agency=world.province.agency, owner=None)


def test_a_signature_says_by_which_authority_it_was_made_and_is_noted_with_the_key(
    world: worlds.World,
) -> None:
    document = worlds.issued(world.province, [world.department.agency])
    signed, sealed = KeyUse.objects.filter(document=document).select_related("key__device").order_by("pk")
    assert (signed.purpose, signed.authority) == (Purpose.SIGN, "TM.")
    assert (sealed.purpose, sealed.authority) == (Purpose.SEAL, "")
    said = {event.verb: event.data for event in audit.timeline(document.pk)}
    assert said["issuing.sign"]["authority_rule"] == "NĐ 30/2020 Đ13.2"
    assert said["issuing.seal"]["device"] == the_agencys_device(world).serial


def test_a_unit_head_signs_by_order_exactly_while_the_order_stands(world: worlds.World) -> None:
    province = world.province
    signer, admin = province.posts["unit_head"], administrator(province)
    SigningKey.objects.filter(post=province.posts["leader"]).update(post=signer)
    with pytest.raises(RoleRequired):
        authorities.record_authority(province.unit_head, authority(signer))
    order = authorities.record_authority(province.administrator, authority(signer))
    by_order, as_head = (_submitted(world, printed) for printed in ("TL. CHỦ TỊCH", ""))
    assert by_order.signer_competence == "TL. CHỦ TỊCH"
    assert any(
        "quyền hạn in trên trang" in note for note in Draft.objects.get(document=as_head).placement_notes
    )

    with pytest.raises(BlockDiffers, match=r"“không có”, thẩm quyền là “TL\."):
        issuing.sign_document(province.unit_head, as_head.pk, worlds.PASSPHRASE)
    with pytest.raises(AuthorityUnknown):
        authorities.end_authority(world.department.leader, order.pk, "Của cơ quan khác")
    signed = issuing.sign_document(province.unit_head, by_order.pk, worlds.PASSPHRASE)
    assert signed.state == Stage.SIGNED
    assert KeyUse.objects.get(document=signed).authority.startswith("TL. (Quy chế làm việc 12/QC-UBND")

    authorities.end_authority(province.administrator, order.pk, "Quy chế đã sửa")
    with pytest.raises(NoAuthority, match="đã kết thúc") as refused:
        issuing.sign_document(province.unit_head, as_head.pk, worlds.PASSPHRASE)
    assert refused.value.http_status == 403
    as_head.refresh_from_db()
    assert (as_head.state, admin.active) == (Stage.SUBMITTED, True)


def test_of_two_signers_side_by_side_the_block_of_the_one_who_signs_is_compared(world: worlds.World) -> None:
    stored = store.put(_letter(world, "TL. CHỦ TỊCH", "Nguyễn Đức Ưng")).sha256
    block = block_of(stored, "Nguyễn Đức Ưng")
    assert block is not None
    assert (block.prefixes, block.name) == ((Prefix.TL,), "Nguyễn Đức Ưng")
    assert PrintedBlock.objects.count() == 1
    assert block_of(stored, "Nguyễn Đức Ưng") == block
    assert PrintedBlock.objects.count() == 1
    block_of(stored, "Người Khác")
    assert PrintedBlock.objects.count() == 2


def _submitted(world: worlds.World, printed: str) -> Document:
    province = world.province
    document = worlds.draft(province, [world.department.agency])
    issuing.attach_main(
        province.specialist,
        document.pk,
        check_upload("to.pdf", _letter(world, printed, "Nguyễn Đức Ưng")),
    )
    Draft.objects.filter(document=document).update(signer=province.posts["unit_head"])
    issuing.submit(province.specialist, document.pk)
    document.refresh_from_db()
    return document


def _letter(world: worlds.World, authority_line: str, signer: str) -> bytes:
    head = worlds.letterhead(world.province, world.province.posts["leader"])
    lines = tuple(line for line in (authority_line, "CHÁNH VĂN PHÒNG") if line)
    return samples.document(
        "CONG_VAN",
        letterhead=replace(head, authority=lines, signer=signer),
        subject="V/v rà soát",
        paragraphs=("Đề nghị các đơn vị rà soát.",),
        to=("Các sở, ban, ngành",),
        year=2026,
    )


def test_only_the_clerk_who_keeps_the_agencys_device_seals(world: worlds.World) -> None:
    province = world.province
    appoint(province, "clerk2", "Đinh Thị Hạnh", "Văn thư", Role.CLERK)
    document = worlds.signed(province, [world.department.agency])
    with pytest.raises(NotCustodian, match="Lê Thị Hoa UBND"):
        issuing.issue(province.clerk2, document.pk, worlds.PASSPHRASE)
    document.refresh_from_db()
    assert document.number is None

    device = the_agencys_device(world)
    handover = devices.propose_handover(province.clerk, device.pk, province.posts["clerk2"].pk, PERMISSION)
    with pytest.raises(HandoverOpen):
        devices.propose_handover(province.clerk, device.pk, province.posts["clerk2"].pk, PERMISSION)
    with pytest.raises(HandoverUnknown):
        devices.confirm_handover(province.clerk, handover.pk)
    assert keys.agency_key(province.clerk).device == device
    devices.confirm_handover(province.clerk2, handover.pk)
    with pytest.raises(NotCustodian):
        issuing.issue(province.clerk, document.pk, worlds.PASSPHRASE)
    assert issuing.issue(province.clerk2, document.pk, worlds.PASSPHRASE).state == Stage.ISSUED


def test_the_register_keeps_the_rules_of_custody(world: worlds.World) -> None:
    province = world.province
    admin = administrator(province)
    device = the_agencys_device(world)
    propose = devices.propose_handover
    with pytest.raises(ClerkOnly):
        propose(province.clerk, device.pk, province.posts["specialist"].pk, PERMISSION)
    appoint(province, "clerk2", "Đinh Thị Hạnh", "Văn thư", Role.CLERK)
    with pytest.raises(PermissionMissing):
        propose(province.clerk, device.pk, province.posts["clerk2"].pk, HandoverData())
    with pytest.raises(NotKeeper):
        propose(province.specialist, device.pk, province.posts["clerk2"].pk, PERMISSION)
    with pytest.raises(DeviceUnknown):
        propose(world.department.clerk, device.pk, world.department.posts["clerk"].pk, PERMISSION)
    own = KeyDevice.objects.get(owner=province.posts["leader"])
    with pytest.raises(RegulationMissing):
        propose(province.leader, own.pk, province.posts["clerk"].pk, PERMISSION)
    with pytest.raises(DeviceRegistered):
        devices.register_device(province.administrator, devices.DeviceData(DeviceKind.TOKEN, device.serial))
    assert admin.pk


def test_a_device_taken_back_signs_nothing_until_it_is_handed_out_again(world: worlds.World) -> None:
    province = world.province
    administrator(province)
    device = the_agencys_device(world)
    devices.take_back(province.administrator, device.pk, "Văn thư nghỉ phép")
    with pytest.raises(DeviceStep, match="Đã thu lại"):
        keys.agency_key(province.clerk)
    handover = devices.propose_handover(
        province.administrator, device.pk, province.posts["clerk"].pk, PERMISSION
    )
    devices.confirm_handover(province.clerk, handover.pk)
    assert keys.agency_key(province.clerk).device == device

    fresh = devices.register_device(province.administrator, devices.DeviceData(DeviceKind.TOKEN, "T-9"))
    key, leaders = (
        SigningKey.objects.get(agency=province.agency, post=one) for one in (None, province.posts["leader"])
    )
    with pytest.raises(NotKeeper):
        devices.place_key(province.clerk, fresh.pk, key.pk)
    with pytest.raises(DeviceUnknown):
        devices.place_key(province.administrator, fresh.pk, leaders.pk)
    devices.place_key(province.administrator, fresh.pk, key.pk)
    with pytest.raises(WithoutCustodian):
        keys.agency_key(province.clerk)
    devices.destroy_device(province.administrator, fresh.pk, "Biên bản hủy 01/BB")
    assert not SigningKey.objects.filter(device=fresh, active=True).exists()
    with pytest.raises(DeviceStep):
        devices.take_back(province.administrator, fresh.pk, "Lần nữa")
    assert KeyDevice.objects.get(pk=fresh.pk).state == DeviceState.DESTROYED
