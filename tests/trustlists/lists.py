"""Trusted lists of the tests' own making, signed by xmlsec1 with keys of the tests' own."""

from __future__ import annotations

import hashlib
from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests.cms.parts import NOW, Holder, holder
from tests.cms.signed_files import DS, ENVELOPED, EXCLUSIVE, SHA256, reference, signature, xmlsec

XADES = "http://uri.etsi.org/01903/v1.3.2#"
SVC = "http://uri.etsi.org/TrstSvc/Svctype/"
STATUS = "http://uri.etsi.org/TrstSvc/TrustedList/Svcstatus/"
_ADDRESS = (
    "<PostalAddresses><PostalAddress xml:lang='en'><StreetAddress>1</StreetAddress><Locality>Hà Nội</Locality>"
    "<CountryName>VN</CountryName></PostalAddress></PostalAddresses>"
    "<ElectronicAddress><URI xml:lang='en'>https://vi-du.vn</URI></ElectronicAddress>"
)
BEGAN = datetime(2020, 1, 1, tzinfo=UTC)


def operator() -> Holder:
    """Who signs the list."""
    return holder("Cơ quan quản lý danh sách tin cậy", signs=True, trusted=False)


@dataclass(frozen=True)
class Entry:
    """A service of a list; ``history`` newest first, as (status, since)."""

    certificate: bytes
    type: str = "CA/QC"
    history: Sequence[tuple[str, datetime]] = (("granted", BEGAN),)
    name: str = "Dịch vụ chứng thực"
    extensions: str = ""


@dataclass(frozen=True)
class Made:
    """What a list says."""

    entries: Sequence[Entry] = ()
    sequence: int = 7
    issued: datetime = NOW - timedelta(days=10)
    next_update: datetime | None = NOW + timedelta(days=80)
    pointers: str = ""
    kind: str = "http://uri.etsi.org/TrstSvc/TrustedList/TSLType/VNgeneric"
    more: str = ""
    signer: Holder = field(default_factory=operator)
    xades: bool = False
    """Signed as operators do, with properties that name the certificate (XAdES-B)."""

    def template(self) -> str:
        """The list, unsigned, with the place of its signature."""
        said = f"<NextUpdate>{_when(self.next_update) if self.next_update else ''}</NextUpdate>"
        services = "".join(map(_entry, self.entries))
        provider = (
            f"<TrustServiceProviderList><TrustServiceProvider><TSPInformation>{_named('TSPName', 'Nhà cung cấp')}"
            f"<TSPAddress>{_ADDRESS}</TSPAddress><TSPInformationURI><URI xml:lang='en'>https://vi-du.vn</URI>"
            f"</TSPInformationURI></TSPInformation><TSPServices>{services}</TSPServices></TrustServiceProvider>"
            "</TrustServiceProviderList>"
        )
        references, objects = [reference("", ENVELOPED, EXCLUSIVE)], ""
        if self.xades:
            references.append(
                reference("#signed", EXCLUSIVE, kind="http://uri.etsi.org/01903#SignedProperties")
            )
            objects = _properties(self.signer)
        made = signature(*references, who=self.signer, c14n=EXCLUSIVE, objects=objects)
        return (
            '<?xml version="1.0" encoding="UTF-8"?>\n<TrustServiceStatusList '
            'xmlns="http://uri.etsi.org/02231/v2#" TSLTag="http://uri.etsi.org/19612/TSLTag" Id="TSL">'
            "<SchemeInformation><TSLVersionIdentifier>5</TSLVersionIdentifier>"
            f"<TSLSequenceNumber>{self.sequence}</TSLSequenceNumber><TSLType>{self.kind}</TSLType>"
            f"{_named('SchemeOperatorName', 'Cơ quan quản lý')}"
            f"<SchemeOperatorAddress>{_ADDRESS}</SchemeOperatorAddress>{_named('SchemeName', 'VN:Danh sách tin cậy')}"
            "<SchemeInformationURI><URI xml:lang='en'>https://vi-du.vn</URI></SchemeInformationURI>"
            "<StatusDeterminationApproach>https://vi-du.vn/cach</StatusDeterminationApproach>"
            "<SchemeTerritory>VN</SchemeTerritory><HistoricalInformationPeriod>65535</HistoricalInformationPeriod>"
            f"{self.pointers}<ListIssueDateTime>{_iso(self.issued)}</ListIssueDateTime>{said}</SchemeInformation>"
            f"{provider if self.entries else ''}{self.more}{made}</TrustServiceStatusList>"
        )

    def signed(self, folder: Path) -> bytes:
        """The list as its operator publishes it."""
        more = ["--id-attr:Id", f"{XADES}:SignedProperties"] if self.xades else []
        return xmlsec(folder, self.template(), self.signer, *more)

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the operator's certificate."""
        return str(self.signer.asn1.sha256.hex())


def pointer(url: str, signer: Holder) -> str:
    """A pointer to another list."""
    return (
        "<PointersToOtherTSL><OtherTSLPointer><ServiceDigitalIdentities><ServiceDigitalIdentity><DigitalId>"
        f"<X509Certificate>{_b64(signer.asn1.dump())}</X509Certificate></DigitalId></ServiceDigitalIdentity>"
        f"</ServiceDigitalIdentities><TSLLocation>{url}</TSLLocation><AdditionalInformation><OtherInformation>"
        "<SchemeTerritory>LA</SchemeTerritory></OtherInformation></AdditionalInformation></OtherTSLPointer>"
        "</PointersToOtherTSL>"
    )


def _properties(signer: Holder) -> str:
    digest = _b64(hashlib.sha256(signer.asn1.dump()).digest())
    return (
        f'<Object><QualifyingProperties xmlns="{XADES}" Target="#s"><SignedProperties Id="signed">'
        f"<SignedSignatureProperties><SigningTime>{_iso(NOW)}</SigningTime><SigningCertificateV2><Cert><CertDigest>"
        f'<DigestMethod xmlns="{DS}" Algorithm="{SHA256}"/><DigestValue xmlns="{DS}">{digest}</DigestValue>'
        "</CertDigest></Cert></SigningCertificateV2></SignedSignatureProperties></SignedProperties>"
        "</QualifyingProperties></Object>"
    )


def _entry(entry: Entry) -> str:
    present, *earlier = (_status(entry, status, since) for status, since in entry.history)
    instances = "".join(f"<ServiceHistoryInstance>{one}</ServiceHistoryInstance>" for one in earlier)
    history = f"<ServiceHistory>{instances}</ServiceHistory>" if instances else ""
    return f"<TSPService><ServiceInformation>{present}{entry.extensions}</ServiceInformation>{history}</TSPService>"


def _status(entry: Entry, status: str, since: datetime) -> str:
    return (
        f"<ServiceTypeIdentifier>{SVC}{entry.type}</ServiceTypeIdentifier>{_named('ServiceName', entry.name)}"
        f"<ServiceDigitalIdentity><DigitalId><X509Certificate>{_b64(entry.certificate)}</X509Certificate></DigitalId>"
        f"</ServiceDigitalIdentity><ServiceStatus>{STATUS}{status}</ServiceStatus>"
        f"<StatusStartingTime>{_iso(since)}</StatusStartingTime>"
    )


def _named(element: str, name: str) -> str:
    return f"<{element}><Name xml:lang='en'>In English</Name><Name xml:lang='vi'>{name}</Name></{element}>"


def _when(moment: datetime) -> str:
    return f"<dateTime>{_iso(moment)}</dateTime>"


def _iso(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"


def _b64(der: bytes) -> str:
    return b64encode(der).decode()
