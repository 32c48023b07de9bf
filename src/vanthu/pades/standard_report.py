"""The validation report as XML after ETSI TS 119 102-2, for other programs and for evidence.

Owns the mapping from this library's report to the standard's elements; every certificate, revocation answer and
time-stamp that the verdict rests on is a validation object in it. The verdict is this library's: it refuses more than
the standard demands, and its own reasons stand beside the standard's sub-indications. Refuses to judge, and to report
on a file in which nothing was signed: the standard has no words for that.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Sequence
from datetime import UTC, datetime

from asn1crypto import cms, x509
from lxml import etree

from vanthu.pades.report import (
    Evidence,
    Reason,
    SignatureReport,
    ValidationReport,
    Verdict,
    standard_words,
    verdict_of,
)

NAMESPACE = "http://uri.etsi.org/19102/v1.2.1#"
_DS = "http://www.w3.org/2000/09/xmldsig#"
_SHA256 = "http://www.w3.org/2001/04/xmlenc#sha256"
_URN = "urn:etsi:019102"
REASON = "urn:x-vanthu:validation:"
"""Type of the report data that name this library's reasons and remarks, before their code."""
AUTHORITY = "urn:x-vanthu:authority"
"""Type of the report data that name the category of the authority (``anchors.Category``)."""
TRUSTED_LIST = "urn:x-vanthu:trusted-list"
"""… that name the edition of the trusted list: territory, sequence number, date of issue, operator."""
LISTED_SERVICE = "urn:x-vanthu:listed-service"
"""… that say how the list spoke of the authority at the instant that counts: provider, service, type, status, since."""
QUALIFICATION = "urn:x-vanthu:qualification"
"""… that say what the certificate is called (``qualified.Rank``); information only."""

_KINDS = {"certificates": "certificate", "crls": "CRL", "ocsps": "OCSPResponse", "timestamps": "timestamp"}
_PROCESSES = {"": "Basic", "B-B": "Basic", "B-LTA": "LTA"}
_LONGEST_CHAIN = 10
_LARGEST_INSIDE = 65_536
"""Larger pieces (CRLs of busy authorities) are named by their hash; they lie beside the report in the evidence."""

_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def standard_report(report: ValidationReport, *, sha256: str) -> bytes:
    """``report`` on the file with this hash (hex), with its evidence, as an XML document in UTF-8.

    What concerns the file as a whole is repeated with each signature, so that none reads better than the file. Instants
    are UTC. Raises ValueError for a file without signatures. Source: ETSI TS 119 102-2 V1.2.1 clause 4.
    """
    if report.verdict is Verdict.UNSIGNED:
        raise ValueError("nothing was signed")
    objects = _Objects(report.evidence)
    root = _Maker(etree.Element(f"{{{NAMESPACE}}}ValidationReport", nsmap={"vr": NAMESPACE, "ds": _DS}))
    if not report.signatures:
        _status(root.add("SignatureValidationReport"), report.reasons)
    for number, signature in enumerate(report.signatures, 1):
        _signature(root.add("SignatureValidationReport"), number, signature, report, objects, sha256)
    _validation_objects(root.add("SignatureValidationObjects"), objects, sha256)
    return etree.tostring(root.element, xml_declaration=True, encoding="UTF-8", pretty_print=True)


class _Maker:
    """An element that is being filled."""

    def __init__(self, element: etree._Element) -> None:
        self.element = element

    def add(
        self, name: str, text: str | None = None, /, *, space: str = NAMESPACE, **attributes: str
    ) -> _Maker:
        """A new last child. What XML cannot hold (names come from strangers) is replaced."""
        child = etree.SubElement(self.element, f"{{{space}}}{name}", attributes)
        child.text = None if text is None else _NOT_XML.sub("\ufffd", text)
        return _Maker(child)


class _Objects:
    """The evidence by the names under which the report refers to it."""

    def __init__(self, evidence: Evidence) -> None:
        self.held = {
            _name(kind, der): (kind, der) for part, kind in _KINDS.items() for der in getattr(evidence, part)
        }
        self._certificates = [x509.Certificate.load(der) for der in evidence.certificates]
        self._stamps = {_stamped_at(token): _name("timestamp", token) for token in evidence.timestamps}

    def chain(self, sha256: str) -> list[str]:
        """The signer's certificate, then what issued it, up to the trusted one; empty when it is not at hand."""
        found = [one for one in self._certificates if one.sha256.hex() == sha256]
        while found and found[-1].self_issued != "yes" and len(found) < _LONGEST_CHAIN:
            above = next((one for one in self._certificates if one.subject == found[-1].issuer), None)
            if above is None or above in found:
                break
            found.append(above)
        return [_name("certificate", one.dump()) for one in found]

    def stamp(self, moment: datetime | None) -> str | None:
        """The time-stamp that says ``moment``."""
        return self._stamps.get(moment)


def _name(kind: str, der: bytes) -> str:
    return f"vo-{kind}-{hashlib.sha256(der).hexdigest()}"


def _stamped_at(token: bytes) -> datetime | None:
    try:
        content = cms.ContentInfo.load(token)["content"]["encap_content_info"]["content"]
        said: datetime = content.parsed["gen_time"].native
    except (ValueError, TypeError, KeyError):
        return None
    return said


def _signature(
    made: _Maker,
    number: int,
    signature: SignatureReport,
    report: ValidationReport,
    objects: _Objects,
    sha256: str,
) -> None:
    identifier = made.add("SignatureIdentifier", id=f"signature-{number}")
    identifier.add("HashOnly", "false")
    identifier.add("DocHashOnly", "false")
    identifier.add("DAIdentifier", signature.field)
    _times(made.add("ValidationTimeInfo"), signature, report.checked_at, objects)
    document = made.add("SignersDocument")
    _digest(document, sha256)
    document.add("SignersDocumentRef", VOReference=_document_name(sha256))
    if signature.claimed_time:
        claimed = made.add("SignatureAttributes").add("SigningTime", Signed="true")
        claimed.add("Time", _instant(signature.claimed_time))
    chain = objects.chain(signature.certificate_sha256)
    if chain:
        signer = made.add("SignerInformation")
        signer.add("SignerCertificate", VOReference=chain[0])
        signer.add("Signer", signature.signer_name)
    process = _PROCESSES.get(report.level, "LTVM")
    made.add("SignatureValidationProcess").add(
        "SignatureValidationProcessID", f"{_URN}:validationprocess:{process}"
    )
    reasons = tuple(dict.fromkeys((*signature.reasons, *report.reasons)))
    _status(made, reasons, signature.remarks, chain, _of_authority(signature))


def _times(made: _Maker, signature: SignatureReport, checked_at: datetime, objects: _Objects) -> None:
    made.add("ValidationTime", _instant(checked_at))
    best = made.add("BestSignatureTime")
    best.add("POETime", _instant(signature.trusted_time or checked_at))
    best.add("TypeOfProof", f"{_URN}:poetype:validation")
    stamp = objects.stamp(signature.trusted_time)
    if stamp:
        best.add("POEObject", VOReference=stamp)


def _status(
    made: _Maker,
    reasons: tuple[Reason, ...],
    remarks: tuple[Reason, ...] = (),
    chain: list[str] | None = None,
    of_authority: Sequence[tuple[str, str]] = (),
) -> None:
    words = standard_words(verdict_of(reasons), reasons)
    status = made.add("SignatureValidationStatus")
    status.add("MainIndication", f"{_URN}:mainindication:{words['indication'].lower()}")
    for sub in words["sub_indications"]:
        status.add("SubIndication", f"{_URN}:subindication:{sub}")
    if not (chain or reasons or remarks or of_authority):
        return
    data = status.add("AssociatedValidationReportData")
    if chain:
        _chain(data, chain)
    told = [(REASON + one.code, one.text) for one in (*reasons, *remarks)]
    told += of_authority
    more = data.add("AdditionalValidationReportData") if told else data
    for kind, text in told:
        said = more.add("ReportData")
        said.add("Type", kind)
        said.add("Value", text)


def _of_authority(signature: SignatureReport) -> list[tuple[str, str]]:
    """What is known of whose authority it is, beyond its certificates."""
    told = [(AUTHORITY, signature.authority)] if signature.authority else []
    listed = signature.listed
    if listed is not None:
        since = _instant(listed.since) if listed.since else ""
        edition = (listed.territory, str(listed.sequence), _instant(listed.issued), listed.operator)
        service = (listed.provider, listed.service, listed.type, listed.status, since)
        told += [(TRUSTED_LIST, "; ".join(edition)), (LISTED_SERVICE, "; ".join(service))]
    if signature.qualification is not None:
        told.append((QUALIFICATION, signature.qualification.rank.value))
    return told


def _chain(data: _Maker, chain: list[str]) -> None:
    if len(chain) > 1:
        data.add("TrustAnchor", VOReference=chain[-1])
    listed = data.add("CertificateChain")
    listed.add("SigningCertificate", VOReference=chain[0])
    for one in chain[1:-1]:
        listed.add("IntermediateCertificate", VOReference=one)
    if len(chain) > 1:
        listed.add("TrustAnchor", VOReference=chain[-1])


def _validation_objects(made: _Maker, objects: _Objects, sha256: str) -> None:
    held: dict[str, tuple[str, bytes | None]] = {_document_name(sha256): ("signedData", None), **objects.held}
    for name, (kind, der) in held.items():
        one = made.add("ValidationObject", id=name)
        one.add("ObjectType", f"{_URN}:validationObject:{kind}")
        shown = one.add("ValidationObjectRepresentation")
        if der is None:
            _digest(shown, sha256)
        elif len(der) > _LARGEST_INSIDE:
            _digest(shown, hashlib.sha256(der).hexdigest())
        else:
            shown.add("base64", base64.b64encode(der).decode())


def _document_name(sha256: str) -> str:
    return f"vo-signedData-{sha256}"


def _digest(made: _Maker, sha256: str) -> None:
    held = made.add("DigestAlgAndValue")
    held.add("DigestMethod", space=_DS, Algorithm=_SHA256)
    held.add("DigestValue", base64.b64encode(bytes.fromhex(sha256)).decode(), space=_DS)


def _instant(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")
