"""Documents that several agencies issue together (văn bản liên tịch)."""

from __future__ import annotations

import pytest
from tests import world as worlds
from tests.issuing import joint
from tests.jobs import run_jobs

from vanthu.base.actors import NotYourStep
from vanthu.blobs import store
from vanthu.issuing import actions
from vanthu.issuing.models import Stage
from vanthu.pades import ValidationReport, Verdict, fields_match
from vanthu.records import queries as records
from vanthu.records.models import Direction, Document
from vanthu.signing import service


def test_two_agencies_of_one_site_sign_number_seal_and_each_keeps_the_document(world: worlds.World) -> None:
    office, other = world.province, world.department
    document = joint.submitted(world)
    assert not records.visible(other.leader).filter(pk=document.pk).exists()
    actions.sign_document(other.leader, document.pk, worlds.PASSPHRASE)
    document.refresh_from_db()
    assert document.state == Stage.SUBMITTED
    actions.sign_document(office.leader, document.pk, worlds.PASSPHRASE)
    document = actions.issue(office.clerk, document.pk, worlds.PASSPHRASE)
    assert document.state == Stage.NUMBERED and document.code == "01/KH-UBND-SNV"
    with pytest.raises(NotYourStep):
        actions.issue(office.clerk, document.pk, worlds.PASSPHRASE)
    actions.seal_as_partner(other.clerk, document.pk, worlds.PASSPHRASE)
    document = actions.issue(office.clerk, document.pk, worlds.PASSPHRASE)
    assert document.state == Stage.ISSUED
    main = records.main_file(document)
    assert main is not None and document.issued_date is not None
    report = ValidationReport.from_dict(service.check(main.sha256).report)
    assert [item.field for item in report.signatures] == [
        "lien_tich_1_ky",
        "nguoi_ky_1",
        "cap_so",
        "lien_tich_1_dau",
        "con_dau",
    ]
    assert report.verdict is not Verdict.INVALID
    assert fields_match(store.read(main.sha256), "01", document.issued_date)
    run_jobs()
    [received] = Document.objects.filter(agency=other.agency, direction=Direction.INCOMING)
    assert received.code == document.code
