"""Whose certificates are used, which are refused, and the page on which clerks keep them."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from tests import world as worlds
from tests.encryption.key_files import PASSPHRASE, certificate, p12
from tests.issuing.desk import browser

from vanthu import cms
from vanthu.base import clock
from vanthu.base.actors import NotYours, RoleRequired
from vanthu.demo import pki
from vanthu.directory.models import Agency, AgencyIdentifier
from vanthu.encryption import actions, jobs, queries, rules
from vanthu.encryption.models import AgencyCertificate, AgencyKey, Choice, Standing
from vanthu.issuing import actions as issuing
from vanthu.pades import Standing as Found
from vanthu.pades.trust import ChainResult


def test_only_a_trusted_encryption_certificate_of_that_agency_is_taken(world: worlds.World) -> None:
    clerk, department = world.province.clerk, world.department
    elsewhere = _elsewhere("Sở Nội vụ tỉnh Quảng Trị", "H50.14")
    finance = _elsewhere("Sở Tài chính", "H27.09")
    with pytest.raises(rules.CertificateUnreadable):
        actions.add_certificate(clerk, finance.pk, b"khong phai chung thu", "thử")
    with pytest.raises(rules.CertificateOfAnother):
        actions.add_certificate(clerk, elsewhere.pk, certificate("ma-hoa-khac"), "thử")
    with pytest.raises(cms.CertificateUnfit):
        actions.enrol_key(clerk, pki.p12_path(worlds.authority(), "ubnd").read_bytes(), PASSPHRASE)
    with pytest.raises(NotYours):  # agencies of this site publish their own
        actions.add_certificate(clerk, department.agency.pk, certificate("ma-hoa-so"), "thử")
    with pytest.raises(RoleRequired):
        actions.add_certificate(world.province.specialist, finance.pk, certificate("ma-hoa-khac"), "thử")
    with (
        clock.frozen(clock.now() - timedelta(days=4 * 365)),
        pytest.raises(rules.CertificateNotUsable) as early,
    ):
        actions.add_certificate(clerk, finance.pk, certificate("ma-hoa-khac"), "thử")
    assert "chưa có hiệu lực" in early.value.text

    row = actions.add_certificate(clerk, finance.pk, certificate("ma-hoa-khac"), "Công văn số 12/STC-VP")
    assert list(queries.certificates_for([finance])) == [finance.pk]
    with clock.frozen(clock.now() + timedelta(days=20 * 365)):
        assert queries.certificates_for([finance]) == {}
    actions.withdraw_certificate(clerk, row.pk)
    assert queries.certificates_for([finance]) == {}


def test_a_revoked_certificate_is_used_no_more_and_silence_does_not_bring_it_back(
    world: worlds.World, monkeypatch: pytest.MonkeyPatch
) -> None:
    actions.enrol_key(world.department.clerk, p12("ma-hoa-so"), PASSPHRASE)
    agency = world.department.agency
    assert agency.pk in queries.certificates_for([agency])
    row = AgencyCertificate.objects.get(agency=agency)
    work = browser(world.department.posts["clerk"]).get("/")
    assert "Khóa mã hóa của cơ quan" not in work.content.decode()
    for days, said in ((20, "còn 20 ngày"), (-1, "nơi khác không mã hóa")):
        AgencyKey.objects.update(valid_to=clock.now() + timedelta(days=days, hours=1))
        for who, shown in (("clerk", True), ("specialist", False)):
            page = browser(world.department.posts[who]).get("/").content.decode()
            assert (said in page) is shown
    for answer, expected in (
        (Found.GOOD, Standing.GOOD),
        (Found.UNKNOWN, Standing.UNKNOWN),
        (Found.REVOKED, Standing.REVOKED),
        (Found.UNKNOWN, Standing.REVOKED),
    ):
        monkeypatch.setattr(actions, "check_certificate", lambda *_, found=answer, **__: ChainResult(found))
        AgencyCertificate.objects.update(checked_at=clock.now() - timedelta(days=1))
        jobs.look_at_certificates()
        row.refresh_from_db()
        assert row.standing == expected
    assert queries.certificates_for([agency]) == {}

    AgencyCertificate.objects.update(standing=Standing.GOOD, checked_at=clock.now() - timedelta(hours=2))
    monkeypatch.setattr(actions, "check_certificate", lambda *_, **__: ChainResult(Found.REVOKED))
    document = worlds.signed(world.province, [agency])
    actions.choose(world.province.clerk, document.pk, encrypt=True)
    with pytest.raises(rules.LacksCertificate):
        issuing.issue(world.province.clerk, document.pk, worlds.PASSPHRASE)


def test_the_page_keeps_keys_and_certificates_and_is_for_clerks(world: worlds.World) -> None:
    clerk = browser(world.department.posts["clerk"])
    empty = clerk.get("/encryption/")
    assert "Chưa có khóa mã hóa" in empty.content.decode()
    file = SimpleUploadedFile("khoa.p12", p12("ma-hoa-so"))
    assert clerk.post("/encryption/keys", {"file": file, "passphrase": PASSPHRASE}).status_code == 302
    held = AgencyKey.objects.get()
    assert PASSPHRASE.encode() not in bytes(held.material)
    wrong = SimpleUploadedFile("khoa.p12", p12("ma-hoa-so"))
    refused = clerk.post("/encryption/keys", {"file": wrong, "passphrase": "sai"})
    assert refused.status_code == 400 and AgencyKey.objects.count() == 1
    finance = _elsewhere("Sở Tài chính", "H27.09")
    given = {"organ_id": "H27.09", "source": "Danh bạ"}
    file = SimpleUploadedFile("stc.cer", certificate("ma-hoa-khac"))
    assert clerk.post("/encryption/certificates", {**given, "file": file}).status_code == 302
    page = clerk.get("/encryption/?q=tai chinh").content.decode()
    assert "Sở Tài chính" in page and "Sở Nội vụ tỉnh Hà Tĩnh" not in page.split("Chứng thư số của các")[1]
    row = AgencyCertificate.objects.get(agency=finance)
    own = AgencyCertificate.objects.get(agency=world.department.agency)
    other = browser(world.province.posts["clerk"])
    assert other.post(f"/encryption/certificates/{own.pk}/withdraw").status_code == 404
    for post in ("specialist", "leader"):
        visitor = browser(world.province.posts[post])
        assert visitor.get("/encryption/").status_code == 403
        assert visitor.post(f"/encryption/certificates/{row.pk}/withdraw").status_code == 403
    assert AgencyCertificate.objects.filter(active=True).count() == 2

    counts = []
    for _ in range(2):
        with CaptureQueriesContext(connection) as caught:
            clerk.get("/encryption/")
        counts.append(len(caught))
        _many(certificate("ma-hoa-khac"), 12)
    assert counts[0] == counts[1]


def test_the_document_page_offers_encryption_and_names_who_cannot_open_it(world: worlds.World) -> None:
    draft = worlds.draft(world.province, [world.department.agency])
    drafter = browser(world.province.posts["specialist"])
    page = drafter.get(f"/documents/{draft.pk}/").content.decode()
    assert "Mã hóa khi gửi" in page
    done = drafter.post(f"/documents/{draft.pk}/encryption", {"encrypt": "on", "without": "STOP"})
    assert done.status_code == 302
    page = drafter.get(f"/documents/{draft.pk}/").content.decode()
    assert "Chưa có chứng thư số mã hóa" in page and world.department.agency.name in page
    stranger = browser(world.department.posts["clerk"])
    assert stranger.post(f"/documents/{draft.pk}/encryption", {"without": "STOP"}).status_code == 404
    assert Choice.objects.filter(document=draft).exists()
    drafter.post(f"/documents/{draft.pk}/encryption", {"without": "STOP"})
    assert not Choice.objects.filter(document=draft).exists()


def _elsewhere(name: str, code: str) -> Agency:
    agency = Agency.objects.create(name=name, hosted=False)
    AgencyIdentifier.objects.create(agency=agency, code=code)
    return agency


def _many(der: bytes, count: int) -> None:
    sample = AgencyCertificate.objects.exclude(agency__hosted=True)[0]
    for number in range(count):
        agency = Agency.objects.create(name=f"Sở thứ {number}", hosted=False)
        AgencyCertificate.objects.create(
            agency=agency,
            certificate=der,
            sha256=f"{number:064}",
            subject=sample.subject,
            issuer=sample.issuer,
            serial=sample.serial,
            valid_from=sample.valid_from,
            valid_to=sample.valid_to,
            source="thử",
            added_at=sample.added_at,
        )
