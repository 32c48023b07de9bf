"""Fields of work: each draft is of one, and an authority bound to a field signs nothing of another."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from tests import world as worlds
from tests.signing.staff import administrator, signed_in

from vanthu.base.actors import RoleRequired
from vanthu.directory.models import OrgUnit, Post, WorkField
from vanthu.issuing import actions, queries
from vanthu.issuing.models import Draft
from vanthu.legal.authority import Prefix
from vanthu.signing import authorities, fields
from vanthu.signing.authority_rules import (
    AuthorityData,
    AuthorityIncomplete,
    Given,
    NoAuthority,
    Standing,
    require_complete,
)


def test_who_may_sign_one_field_signs_nothing_of_another(world: worlds.World) -> None:
    province = world.province
    admin, drafter = signed_in(administrator(province)), signed_in(province.posts["specialist"])
    unit = OrgUnit.objects.create(agency=province.agency, name="Phòng Xây dựng")
    Post.objects.filter(pk=province.posts["specialist"].pk).update(unit=unit)
    admin.post("/signing/fields/add", {"name": " Xây  dựng ", "unit_ids": [str(unit.pk)]})
    admin.post("/signing/fields/add", {"name": "Giáo dục", "type_codes": ["CONG_VAN"]})
    taken = admin.post("/signing/fields/add", {"name": "Giáo dục"}, headers={"accept": "application/json"})
    assert taken.json()["code"] == "WORK_FIELD_NAME_TAKEN"
    building, schools = WorkField.objects.get(name="Xây dựng"), WorkField.objects.get(name="Giáo dục")
    with pytest.raises(RoleRequired):
        fields.add_field(province.specialist, "Y tế")
    with pytest.raises(fields.FieldUnknown):
        fields.close_field(world.department.leader, schools.pk)
    strangers = signed_in(world.department.posts["leader"])
    assert "Xây dựng" not in strangers.get("/signing/authorities/").content.decode()

    head = province.posts["unit_head"]
    given = {
        "post": str(head.pk),
        "given": "TL",
        "basis": "Quy chế làm việc 12/QC-UBND",
        "type_codes": ["CONG_VAN"],
        "field_ids": [str(schools.pk)],
        "since": "2026-01-05",
    }
    admin.post("/signing/authorities/give", given)
    assert "lĩnh vực Giáo dục" in admin.get("/signing/authorities/").content.decode()

    document = worlds.draft(province, [world.department.agency])
    draft = Draft.objects.get(document=document)
    assert draft.field == building, "the drafting unit's"
    assert "Xây dựng" in drafter.get(f"/documents/{document.pk}/").content.decode()
    assert "Giáo dục" in drafter.get(f"/documents/{document.pk}/edit/").content.decode()
    data = replace(queries.data_of(document, draft), signer_id=str(head.pk))
    actions.update_draft(province.specialist, document.pk, data)
    actions.submit(province.specialist, document.pk)
    draft.refresh_from_db()
    assert any("không gồm lĩnh vực" in note for note in draft.placement_notes), "told before it is refused"
    with pytest.raises(NoAuthority, match="không gồm lĩnh vực"):
        actions.sign_document(province.unit_head, document.pk, worlds.PASSPHRASE)

    actions.withdraw(province.specialist, document.pk)
    actions.update_draft(province.specialist, document.pk, replace(data, field_id=str(schools.pk)))
    actions.submit(province.specialist, document.pk)
    draft.refresh_from_db()
    assert draft.field == schools and not any("lĩnh vực" in note for note in draft.placement_notes)

    order = authorities.record_authority(
        province.administrator,
        AuthorityData(
            str(head.pk),
            Prefix.TL,
            "Quy chế",
            date(2026, 1, 5),
            None,
            ["CONG_VAN"],
            field_ids=[str(building.pk)],
        ),
    )
    assert order.field_ids == [str(building.pk)]
    passed_on = AuthorityData(
        "p", Prefix.KT, "Quy chế", date(2026, 1, 5), type_codes=["CONG_VAN"], field_ids=["x"]
    )
    within = Given(Prefix.TL, type_codes=frozenset({"CONG_VAN"}), field_ids=frozenset({"y"}))
    with pytest.raises(AuthorityIncomplete, match="lĩnh vực ngoài lệnh"):
        require_complete(passed_on, holder=Standing(False, ""), giver_prefix=Prefix.TL, under=within)
    admin.post(f"/signing/fields/{building.pk}/close")
    page = drafter.get("/drafts/new/", follow=True).content.decode()
    assert str(schools.pk) in page and str(building.pk) not in page
