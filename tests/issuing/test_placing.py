"""Putting number, date, signature and seal by hand, and seeing them before anybody signs."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import pytest
from django.conf import settings
from django.http import HttpResponse
from tests import world as worlds
from tests.formalities.papers import scanned
from tests.issuing import desk
from tests.pades.test_appearances import read_back

from vanthu.audit import queries as audit
from vanthu.blobs import store
from vanthu.environment import SignatureAppearance
from vanthu.errors import VanthuError
from vanthu.formalities.byhand import Part, PlaceOffPage, PlacesIncomplete, PlacesOverlap, PlaceTooSmall
from vanthu.formalities.frames import Spot, frames_of
from vanthu.formalities.remarks import PlaceNotFound
from vanthu.issuing import actions
from vanthu.issuing.models import Stage
from vanthu.issuing.rules import PlacesCoverWords
from vanthu.issuing.uploads import check_upload
from vanthu.pades import fields
from vanthu.pades.reserved import reserved_fields
from vanthu.pades.text import load_font
from vanthu.records import queries as records
from vanthu.records.models import Document, FileStage
from vanthu.signing import service

PASSPHRASE = worlds.PASSPHRASE
SPOTS = {
    Part.NUMBER: Spot(1, 40, 30, 18, 5.8),
    Part.DAY: Spot(1, 130, 30, 7, 5.8),
    Part.MONTH: Spot(1, 150, 30, 7, 5.8),
    Part.SIGNATURE: Spot(1, 130, 230, 48, 26),
    Part.SEAL: Spot(1, 110, 225, 36, 36),
}


def typed(spots: dict[Part, Spot], **more: str) -> dict[str, str]:
    """What the page of places sends."""
    date = "line" if Part.DATE in spots else "gaps"
    entered = {"do": "keep", "date": date, **more}
    for part, spot in spots.items():
        entered |= {
            f"{part.value}-page": str(spot.page),
            f"{part.value}-left": str(spot.left),
            f"{part.value}-top": str(spot.top),
        }
    return entered


def place(world: worlds.World, who: str, document: Document, **fields: Any) -> HttpResponse:
    return desk.go(world.province, who, document, "places/", **fields)


def reserved_spots(document: Document) -> dict[str, Spot]:
    """Where the fields of the present main file stand, in millimetres as shown."""
    main = records.main_file(document)
    assert main is not None
    content = store.read(main.sha256)
    frames = frames_of(content)
    return {name: frames[item.box.page].spot(item.box) for name, item in reserved_fields(content).items()}


def test_on_a_scan_the_drafter_points_at_the_places_and_the_document_goes_its_way(
    world: worlds.World,
) -> None:
    province = world.province
    document = desk.draft(world)
    scan = scanned(worlds.official_letter(province))
    actions.attach_main(province.specialist, document.pk, check_upload("quet.pdf", scan))
    with pytest.raises(PlaceNotFound, match="bản quét"):
        actions.submit(province.specialist, document.pk)
    drafter = desk.browser(province.posts["specialist"])
    refusal = drafter.post(
        f"/documents/{document.pk}/edit/",
        {**desk.fields_of(province, world.department.agency), "do": "submit"},
    )
    assert "Chỉ vị trí trên trang" in refusal.content.decode()

    page = drafter.get(f"/documents/{document.pk}/places/").content.decode()
    assert 'data-part="signature"' in page and 'name="seal-left"' in page
    asked = place(world, "specialist", document, **typed(SPOTS))
    assert asked.status_code == 422
    assert "Có nét in dưới vị trí" in asked.content.decode() and "cứ đặt như vậy" in asked.content.decode()
    assert place(world, "specialist", document, **typed(SPOTS, confirmed="1")).status_code == 302

    said = {part.value: asdict(spot) for part, spot in SPOTS.items()}
    said["seal"] |= {"width": 90, "height": 90}
    day, _month = said.pop(Part.DAY.value), said.pop(Part.MONTH.value)
    said[Part.DATE.value] = day | {"width": 45}
    answer = drafter.put(
        f"/api/v1/documents/{document.pk}/places",
        {"spots": said, "confirmed": True},
        content_type="application/json",
    )
    assert answer.status_code == 200, "other software may say the places too; the seal keeps its size"
    actions.submit(province.specialist, document.pk)
    spots = reserved_spots(document)
    for name, part in (("so_vb", Part.NUMBER), ("nguoi_ky_1", Part.SIGNATURE), ("con_dau", Part.SEAL)):
        assert spots[name].values[:3] == pytest.approx(SPOTS[part].values[:3], abs=0.05)
    assert (spots["con_dau"].width, spots["con_dau"].height) == pytest.approx((36, 36), abs=0.01)
    preview = desk.browser(province.posts["leader"]).get(f"/documents/{document.pk}/preview").json()
    [line] = next(item["words"] for item in preview["coming"] if item["part"] == "date")
    shown = load_font(service.font("Italic")).width(line["text"], line["size"] * 210)
    assert shown == pytest.approx(45, abs=0.1), "the date is shown as small as it will be written"
    actions.sign_document(province.leader, document.pk, PASSPHRASE)
    actions.issue(province.clerk, document.pk, PASSPHRASE)
    main = records.main_file(document)
    assert main is not None and main.stage == FileStage.SEALED
    assert fields(store.read(main.sha256))["so_vb"] == "01"


def test_the_signer_moves_the_places_until_the_signature_and_nobody_afterwards(world: worlds.World) -> None:
    province = world.province
    document = desk.submitted(world)
    found = reserved_spots(document)
    start = desk.browser(province.posts["leader"]).get(f"/documents/{document.pk}/places/").context["rows"]
    spots = {Part(row.part): row.spot for row in start if row.used}
    assert spots[Part.SIGNATURE].values == pytest.approx(found["nguoi_ky_1"].values, abs=0.05)
    lower = {
        part: Spot(spot.page, spot.left, spot.top + 60, spot.width, spot.height)
        if part in (Part.SIGNATURE, Part.SEAL)
        else spot
        for part, spot in spots.items()
    }
    for who in ("specialist", "unit_head", "clerk", "colleague"):
        assert place(world, who, document, **typed(lower)).status_code in {403, 404}
    assert reserved_spots(document) == found
    assert place(world, "leader", document, **typed(lower)).url == f"/documents/{document.pk}/"
    assert reserved_spots(document)["nguoi_ky_1"].top == pytest.approx(found["nguoi_ky_1"].top + 60, abs=0.1)
    assert reserved_spots(document)["so_vb"].values == pytest.approx(found["so_vb"].values, abs=0.06)
    event = audit.timeline(document.pk)[0]
    assert event.verb == "issuing.place_by_hand"
    assert event.data["after"]["spots"]["signature"][2] == pytest.approx(lower[Part.SIGNATURE].top, abs=0.1)

    assert place(world, "leader", document, do="auto").status_code == 302
    assert reserved_spots(document) == found
    actions.sign_document(province.leader, document.pk, PASSPHRASE)
    assert place(world, "leader", document, **typed(lower)).status_code == 403
    assert reserved_spots(document) == found


def test_places_off_the_page_on_each_other_missing_or_over_words_are_refused(world: worlds.World) -> None:
    office = world.province
    document = desk.draft(world)
    wrong: list[tuple[dict[Part, Spot], type[VanthuError]]] = [
        ({**SPOTS, Part.NUMBER: Spot(9, 40, 30, 18, 5.8)}, PlaceOffPage),
        ({**SPOTS, Part.SIGNATURE: Spot(1, 190, 230, 48, 26)}, PlaceOffPage),
        ({**SPOTS, Part.NUMBER: Spot(1, 40, 30, float("nan"), 5.8)}, PlaceOffPage),
        ({**SPOTS, Part.NUMBER: Spot(1, 40, 30, 0, 5.8)}, PlaceTooSmall),
        ({**SPOTS, Part.NUMBER: Spot(1, 135, 235, 18, 5.8)}, PlacesOverlap),
        ({part: spot for part, spot in SPOTS.items() if part is not Part.MONTH}, PlacesIncomplete),
        ({**SPOTS, Part.NUMBER: Spot(1, 40, 22, 18, 5.8)}, PlacesCoverWords),
        ({**SPOTS, Part.SEAL: Spot(1, 20, 60, 36, 36)}, PlacesCoverWords),
    ]
    for spots, refusal in wrong:
        with pytest.raises(refusal):
            actions.place_by_hand(office.specialist, document.pk, spots)
    with pytest.raises(PlacesCoverWords, match="khoảng 1/3"):
        actions.place_by_hand(office.specialist, document.pk, wrong[-1][0])
    document.draft.refresh_from_db()
    assert document.draft.places is None
    page = place(world, "specialist", document, **typed({**SPOTS, Part.NUMBER: Spot(1, 40, 22, 18, 5.8)}))
    assert "đè lên chữ" in page.content.decode()
    assert place(world, "specialist", document, **{**typed(SPOTS), "seal-left": "gần đó"}).status_code == 422


def test_places_belong_to_the_file_on_which_they_were_chosen(world: worlds.World) -> None:
    office = world.province
    document = desk.draft(world)
    actions.place_by_hand(office.specialist, document.pk, SPOTS, confirmed=True)
    actions.attach_main(
        office.specialist, document.pk, check_upload("moi.pdf", worlds.official_letter(office, "V/v khác"))
    )
    actions.submit(office.specialist, document.pk)
    assert reserved_spots(document)["nguoi_ky_1"].top != pytest.approx(230, abs=1)


def test_before_signing_each_sees_what_will_come_and_only_the_owner_sees_a_picture(
    world: worlds.World,
) -> None:
    office = world.province
    document = desk.submitted(world)
    base = f"/documents/{document.pk}/preview"

    def sees(who: str) -> tuple[int, int, int]:
        client = desk.browser(office.posts[who])
        answers = [client.get(base + end) for end in ("", "/signature.png", "/seal.png")]
        return tuple(answer.status_code for answer in answers)  # type: ignore[return-value]

    assert sees("leader") == (200, 200, 404)
    assert sees("specialist") == (200, 404, 404)
    assert sees("colleague") == sees("clerk") == (404, 404, 404)
    stranger = desk.browser(world.department.posts["leader"])
    assert stranger.get(base).status_code == stranger.get(base + "/signature.png").status_code == 404
    answer = desk.browser(office.posts["leader"]).get(base)
    assert answer.headers["Cache-Control"] == "private, no-store"
    coming = {item["part"]: item for item in answer.json()["coming"]}
    assert coming["signature"]["label"] == "Chữ ký của Võ Trọng Thử"
    assert coming["signature"]["image"] and not coming["seal"]["image"]
    assert [words["text"] for words in coming["number"]["words"]] == ["01"]
    page = desk.browser(office.posts["leader"]).get(f"/documents/{document.pk}/").content.decode()
    assert "Xem trước trên trang" in page and "Đặt lại vị trí" in page

    actions.sign_document(office.leader, document.pk, PASSPHRASE)
    assert sees("clerk") == (200, 404, 200)
    assert sees("leader") == (200, 404, 404)
    coming = {item["part"] for item in desk.browser(office.posts["clerk"]).get(base).json()["coming"]}
    assert coming == {"number", "date", "seal"}
    actions.issue(office.clerk, document.pk, PASSPHRASE)
    document.refresh_from_db()
    assert document.state == Stage.ISSUED
    assert desk.browser(office.posts["clerk"]).get(base).json() == {"coming": []}


def test_a_site_that_follows_the_circular_writes_name_and_time_beside_the_seal(
    world: worlds.World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """TT 01/2019/TT-BNV Đ13, where the agency's own regulation names it; seen before the seal, and on the file."""
    monkeypatch.setattr(settings.VANTHU, "signature_form", SignatureAppearance.TT01_2019)
    document = desk.signed(world)
    clerk = desk.browser(world.province.posts["clerk"])
    coming = clerk.get(f"/documents/{document.pk}/preview").json()["coming"]
    seal = next(item for item in coming if item["part"] == "seal")
    assert world.province.agency.name in {words["text"] for words in seal["words"]}
    actions.issue(world.province.clerk, document.pk, PASSPHRASE)
    main = records.main_file(document)
    assert main is not None
    assert world.province.agency.name in read_back(store.read(main.sha256)).text
