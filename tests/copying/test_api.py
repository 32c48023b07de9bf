"""Copies by the API: made once whatever is repeated, verified by their code, closed to others."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from django.core.files.uploadedfile import SimpleUploadedFile
from tests import world
from tests.copying.test_copies import PAPER_ONLY, scan, signed_in
from tests.world import PASSPHRASE

from vanthu.copying.models import Copy
from vanthu.records import numbers

API = "/api/v1"


def test_other_software_makes_verifies_prints_and_withdraws_copies(db: None) -> None:
    offices = world.build()
    issued = world.issued(offices.province, [offices.department.agency])
    office = offices.province
    clerk, drafter = signed_in(office, "clerk"), signed_in(office, "specialist")
    colleague, other = signed_in(office, "colleague"), signed_in(offices.department, "clerk")
    signer = str(office.posts["leader"].pk)
    form: dict[str, Any] = {"form": "SY", "way": "E2P", "signer_id": signer, "sheets": 2}
    key = str(uuid4())

    def made(path: str, given: dict[str, Any], key: str, who: Any = clerk) -> Any:
        return who.post(f"{API}{path}", given, headers={"Idempotency-Key": key})

    first = made(f"/documents/{issued.pk}/copies", form, key)
    assert first.status_code == 201, first.content
    again = made(f"/documents/{issued.pk}/copies", form, key)
    assert again.json() == first.json()
    assert first.json()["code"] == "01/SY-UBND" and Copy.objects.count() == 1
    key = first.json()["id"]
    assert made(f"/documents/{issued.pk}/copies", form, str(uuid4()), drafter).status_code == 403
    assert made(f"/documents/{issued.pk}/copies", form, str(uuid4()), other).status_code == 404
    refused = made(f"/documents/{issued.pk}/copies", {**form, "way": "E2E"}, str(uuid4()))
    assert (refused.status_code, refused.json()["code"]) == (400, "COPY_WAY_NOT_ALLOWED")

    digital = {**form, **PAPER_ONLY, "way": "P2E", "passphrase": PASSPHRASE}
    for _ in range(2):
        sheet = SimpleUploadedFile("quet.pdf", scan(), "application/pdf")
        electronic = made("/copies", {**digital, "file": sheet}, str(uuid4()))
        assert (electronic.status_code, electronic.json()["code"]) == (201, "")
        digital["passphrase"] = PASSPHRASE
    assert made("/copies", digital, str(uuid4())).json()["code"] == "COPY_INCOMPLETE"

    listed = clerk.get(f"{API}/copies").json()
    assert len(listed) == 3 and listed[-1]["id"] == key
    assert clerk.get(f"{API}/copies", {"before": listed[0]["id"]}).json() == listed[1:]
    for who, codes in ((drafter, (403, 200)), (colleague, (403, 404)), (other, (200, 404))):
        found = tuple(who.get(f"{API}{path}").status_code for path in ("/copies", f"/copies/{key}"))
        assert found == codes
        for verb in ("print", "withdraw"):
            tried = who.post(f"{API}/copies/{key}/{verb}", {"reason": "Thử"}, "application/json")
            assert tried.status_code in {403, 404}
    assert other.get(f"{API}/copies").json() == []
    assert clerk.post(f"{API}/copies/{key}/print").json()["file_size"] > 1000
    lookup = first.json()["lookup"]
    public = other.get(f"{API}/copies/by-code/{lookup}").json()
    assert (public["standing"], public["source_code"]) == ("IN_FORCE", issued.code)
    clerk.post(f"{API}/copies/{key}/withdraw", {"reason": "Nhầm"}, "application/json")
    assert clerk.get(f"{API}/copies/{key}").json()["standing"] == "WITHDRAWN"
    assert other.get(f"{API}/copies/by-code/{'0' * 16}").json()["code"] == "LOOKUP_UNKNOWN"
    assert all(audit.holds for audit in numbers.audit_sequences())
