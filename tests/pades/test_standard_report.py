"""The report after ETSI TS 119 102-2, read by a second parser: classes made from the standard's own schema."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from lxml import etree
from pyhanko.generated.etsi.ts_11910202 import ValidationReport as Standard
from tests.pades.conftest import NOW, Authority, Sealer
from xsdata.formats.dataclass.context import XmlContext
from xsdata.formats.dataclass.parsers import XmlParser
from xsdata.formats.dataclass.serializers import XmlSerializer

from vanthu import pades
from vanthu.pades import Reason, Verdict
from vanthu.pades.standard_report import NAMESPACE, REASON

_CONTEXT = XmlContext()


def read(xml: bytes) -> Any:
    """What the schema's classes read; they know no other element, attribute or order than the schema's."""
    found = XmlParser(context=_CONTEXT).from_bytes(xml, Standard)
    again = XmlSerializer(context=_CONTEXT).render(found, ns_map={"vr": NAMESPACE}).encode()
    assert shape(again) == shape(xml)
    return found


def shape(xml: bytes) -> list[tuple[str, str, dict[str, str]]]:
    root = etree.fromstring(xml)
    return [(str(one.tag), (one.text or "").strip(), dict(one.attrib)) for one in root.iter()]


def codes(status: Any) -> list[str]:
    data = [one for part in status.associated_validation_report_data for one in [part]]
    more = [one.additional_validation_report_data for one in data if one.additional_validation_report_data]
    return [said.type_value.removeprefix(REASON) for one in more for said in one.report_data]


def test_the_report_holds_both_signatures_their_times_chains_and_all_that_the_verdict_rests_on(
    signed: bytes, seal_it: Sealer, authority: Authority
) -> None:
    sealed = seal_it(signed, timestamper=authority.timestamper(NOW + timedelta(minutes=6)))
    report = pades.validate(sealed, authority.trust(NOW + timedelta(days=1)), at=NOW + timedelta(days=1))
    assert report.verdict is Verdict.VALID
    sha256 = hashlib.sha256(sealed).hexdigest()
    found = read(pades.standard_report(report, sha256=sha256))

    person, agency = found.signature_validation_report
    objects = {one.id: one for one in found.signature_validation_objects.validation_object}
    held = {one.validation_object_representation.base64 for one in objects.values()}
    assert held >= {*report.evidence.certificates, *report.evidence.ocsps, *report.evidence.timestamps}
    for one, ours in ((person, report.signatures[0]), (agency, report.signatures[1])):
        status = one.signature_validation_status
        assert status.main_indication == "urn:etsi:019102:mainindication:total-passed"
        assert not status.sub_indication
        assert one.signers_document.digest_alg_and_value.digest_value.value.hex() == sha256
        assert one.signature_identifier.daidentifier == ours.field
        chain = status.associated_validation_report_data[0].certificate_chain
        refers = [chain.signing_certificate, *chain.intermediate_certificate, chain.trust_anchor]
        ders = [objects[to.voreference[0]].validation_object_representation.base64 for to in refers]
        assert hashlib.sha256(ders[0]).hexdigest() == ours.certificate_sha256
        assert len(ders) == 3
    best = agency.validation_time_info.best_signature_time
    assert best.poetime.to_datetime() == report.signatures[1].trusted_time
    [stamp] = report.evidence.timestamps
    assert objects[best.poeobject.voreference[0]].validation_object_representation.base64 == stamp
    assert person.validation_time_info.best_signature_time.poeobject is None

    with pytest.raises(ValueError, match="nothing was signed"):
        pades.standard_report(pades.ValidationReport(Verdict.UNSIGNED, NOW), sha256=sha256)


def test_what_concerns_the_file_stands_with_every_signature_and_hostile_names_do_not_break_the_xml(
    signed: bytes, authority: Authority
) -> None:
    trust = authority.offline(revocation=pades.Revocation.IGNORED)
    report = pades.validate(signed, trust, at=NOW + timedelta(days=1))
    hostile = replace(report.signatures[0], field="ô\x00<a>&\ud800", signer_name="x\x1b[2J]]>")
    changed = replace(
        report,
        verdict=Verdict.INVALID,
        signatures=(hostile,),
        reasons=(Reason.of("CHANGED_AFTER_LAST_SIGNATURE"),),
    )
    [one] = read(pades.standard_report(changed, sha256="00" * 32)).signature_validation_report
    status = one.signature_validation_status
    assert status.main_indication.endswith(":total-failed")
    assert status.sub_indication == ("urn:etsi:019102:subindication:SIG_CONSTRAINTS_FAILURE",)
    assert "CHANGED_AFTER_LAST_SIGNATURE" in codes(status)
    assert one.signature_identifier.daidentifier == "ô\ufffd<a>&\ufffd"

    unreadable = pades.validate(b"%PDF-1.7 nothing", trust, at=NOW)
    [one] = read(pades.standard_report(unreadable, sha256="00" * 32)).signature_validation_report
    assert one.signature_validation_status.sub_indication == ("urn:etsi:019102:subindication:FORMAT_FAILURE",)
