"""How much a trusted list of 500 services costs: reading it, and judging a signature by it.

CPU time counts, for the machine may be busy. The floor of reading is what checking the list's signature alone costs;
that of judging is the same signature judged by a single root.
"""

from __future__ import annotations

import base64
import hashlib
import pickle
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding, pkcs7
from cryptography.x509.oid import NameOID
from lxml import etree

from bench.measuring import Result, Row, processor_times, timed
from vanthu import cms
from vanthu.pades import Category, Revocation, Trust, Verdict, budgeted
from vanthu.trustlists import TrustedList, read_list

FLOOR = "chỉ kiểm chữ ký của danh sách (lxml, C14N, SHA-256, RSA); cùng chữ ký xét theo một chứng thư số gốc"
SERVICES, CHAINED = 500, 250
NOW = datetime.now(UTC).replace(microsecond=0)
_TSL, _DS, _EXCLUSIVE = (
    "http://uri.etsi.org/02231/v2#",
    "http://www.w3.org/2000/09/xmldsig#",
    "http://www.w3.org/2001/10/xml-exc-c14n#",
)
_SVC, _GRANTED = (
    "http://uri.etsi.org/TrstSvc/Svctype/CA/QC",
    "http://uri.etsi.org/TrstSvc/TrustedList/Svcstatus/granted",
)
Key = tuple[x509.Certificate, Any]


def run(*, quick: bool = False) -> Result:
    """Read a list of 500 services, judge a signature by it."""
    rounds = 3 if quick else 20
    services = [_issued(f"Dịch vụ chứng thực {number}", authority=True) for number in range(SERVICES)]
    operator = _issued("Cơ quan quản lý danh sách", rsa_key=True)
    data = _signed_list([one for one, _ in services], operator)
    signer = operator[0].fingerprint(hashes.SHA256()).hex()
    found = read_list(data, {signer}, at=NOW)
    rows = [
        timed(
            f"đọc danh sách {SERVICES} dịch vụ ({len(data) >> 10} kB)",
            processor_times(partial(read_list, data, {signer}, at=NOW), rounds),
            processor_times(partial(_check_alone, data, operator), rounds),
        ),
        *_judging(found, services[CHAINED], rounds * 3),
    ]
    return Result("trustlists", "Danh sách tin cậy 500 dịch vụ", FLOOR, rows)


def _judging(found: TrustedList, issuer: Key, rounds: int) -> list[Row]:
    letter = _letter(_issued("Người ký", issuer), b"Kinh gui")
    root = asn1_x509.Certificate.load(issuer[0].public_bytes(Encoding.DER))
    alone = Trust((root,), revocation=Revocation.IGNORED)
    anchors = tuple(found.anchors(Category.GOVERNMENT))
    listed = Trust((), revocation=Revocation.IGNORED, anchors=anchors)
    for trust in (alone, listed):
        if cms.validate_any(letter, trust, at=NOW).verdict is not Verdict.VALID:
            raise RuntimeError("the signature is not judged as it should be")
    floor = processor_times(partial(cms.validate_any, letter, alone, at=NOW), rounds)
    return [
        timed(
            "xét một chữ ký theo danh sách",
            processor_times(partial(cms.validate_any, letter, listed, at=NOW), rounds),
            floor,
        ),
        timed(
            "trao danh sách sang tiến trình cách ly rồi xét ở đó",
            processor_times(lambda: cms.validate_any(letter, _handed_over(listed), at=NOW), rounds),
            processor_times(lambda: cms.validate_any(letter, _handed_over(alone), at=NOW), rounds),
        ),
        timed(
            "lập danh sách neo từ bản đã lưu, mỗi luồng một lần",
            processor_times(
                lambda: list(TrustedList.from_dict(found.as_dict()).anchors(Category.GOVERNMENT)), 3
            ),
            processor_times(
                lambda: [asn1_x509.Certificate.load(one.certificate.dump()).sha256 for one in anchors], 3
            ),
        ),
    ]


def _handed_over(trust: Trust) -> Trust:
    kept = pickle.dumps(budgeted.packed(trust))
    return budgeted.unpacked(pickle.loads(kept), lambda _: {})


def _check_alone(data: bytes, operator: Key) -> None:
    root = etree.fromstring(data)
    signature = root.find(f"{{{_DS}}}Signature")
    assert signature is not None
    info = etree.tostring(signature[0], method="c14n", exclusive=True, with_tail=False)
    value = base64.b64decode(signature.findtext(f"{{{_DS}}}SignatureValue") or "")
    root.remove(signature)
    hashlib.sha256(etree.tostring(root, method="c14n", exclusive=True)).digest()
    operator[0].public_key().verify(value, info, padding.PKCS1v15(), hashes.SHA256())  # type: ignore[union-attr, call-arg]


# --- what is measured on


def _issued(name: str, issuer: Key | None = None, *, authority: bool = False, rsa_key: bool = False) -> Key:
    key: Any = rsa.generate_private_key(65537, 2048) if rsa_key else ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    usage = dict.fromkeys(
        ("key_encipherment", "data_encipherment", "key_agreement", "encipher_only", "decipher_only"), False
    )
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer[0].subject if issuer else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(NOW - timedelta(days=100))
        .not_valid_after(NOW + timedelta(days=900))
        .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
        .add_extension(
            x509.KeyUsage(
                digital_signature=not authority,
                content_commitment=not authority,
                key_cert_sign=authority,
                crl_sign=authority,
                **usage,
            ),
            critical=True,
        )
    )
    return builder.sign(issuer[1] if issuer else key, hashes.SHA256()), key


def _letter(who: Key, content: bytes) -> bytes:
    builder = pkcs7.PKCS7SignatureBuilder().set_data(content).add_signer(*who, hashes.SHA256())
    return builder.sign(Encoding.DER, [pkcs7.PKCS7Options.Binary])


def _signed_list(certificates: list[x509.Certificate], operator: Key) -> bytes:
    services = "".join(map(_service, certificates))
    when = f"{NOW - timedelta(days=1):%Y-%m-%dT%H:%M:%SZ}"
    root = etree.fromstring(
        f'<TrustServiceStatusList xmlns="{_TSL}"><SchemeInformation><TSLVersionIdentifier>5</TSLVersionIdentifier>'
        "<TSLSequenceNumber>1</TSLSequenceNumber><TSLType>http://uri.etsi.org/TrstSvc/TrustedList/TSLType/VNgeneric"
        f"</TSLType><SchemeOperatorName>{_NAME}</SchemeOperatorName><SchemeName>{_NAME}</SchemeName>"
        f"<SchemeTerritory>VN</SchemeTerritory><ListIssueDateTime>{when}</ListIssueDateTime><NextUpdate/>"
        "</SchemeInformation><TrustServiceProviderList><TrustServiceProvider><TSPInformation>"
        f"<TSPName>{_NAME}</TSPName></TSPInformation><TSPServices>{services}</TSPServices></TrustServiceProvider>"
        "</TrustServiceProviderList></TrustServiceStatusList>"
    )
    digest = hashlib.sha256(etree.tostring(root, method="c14n", exclusive=True)).digest()
    signature = etree.fromstring(
        f'<Signature xmlns="{_DS}"><SignedInfo><CanonicalizationMethod Algorithm="{_EXCLUSIVE}"/>'
        '<SignatureMethod Algorithm="http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"/><Reference URI="">'
        f'<Transforms><Transform Algorithm="{_DS}enveloped-signature"/>'
        f'<Transform Algorithm="{_EXCLUSIVE}"/></Transforms>'
        '<DigestMethod Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"/>'
        f"<DigestValue>{_b64(digest)}</DigestValue></Reference></SignedInfo><SignatureValue/><KeyInfo><X509Data>"
        f"<X509Certificate>{_b64(operator[0].public_bytes(Encoding.DER))}</X509Certificate></X509Data></KeyInfo>"
        "</Signature>"
    )
    info = etree.tostring(signature[0], method="c14n", exclusive=True)
    signature[1].text = _b64(operator[1].sign(info, padding.PKCS1v15(), hashes.SHA256()))
    root.append(signature)
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8")


_NAME = "<Name xml:lang='vi'>Cơ quan quản lý danh sách tin cậy</Name>"


def _service(certificate: x509.Certificate) -> str:
    return (
        f"<TSPService><ServiceInformation><ServiceTypeIdentifier>{_SVC}</ServiceTypeIdentifier><ServiceName>{_NAME}"
        "</ServiceName><ServiceDigitalIdentity><DigitalId><X509Certificate>"
        f"{_b64(certificate.public_bytes(Encoding.DER))}</X509Certificate></DigitalId></ServiceDigitalIdentity>"
        f"<ServiceStatus>{_GRANTED}</ServiceStatus><StatusStartingTime>2020-01-01T00:00:00Z</StatusStartingTime>"
        "</ServiceInformation></TSPService>"
    )


def _b64(data: bytes) -> str:
    return base64.b64encode(data).decode()
