"""Signed files of every form, made by independent programs: openssl for CMS, xmlsec1 for everything in XML."""

from __future__ import annotations

import hashlib
import io
import re
import subprocess
import zipfile
from base64 import b64encode
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from lxml import etree
from tests.cms.parts import Holder, openssl

DS = "http://www.w3.org/2000/09/xmldsig#"
SHA256 = "http://www.w3.org/2001/04/xmlenc#sha256"
C14N = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"
XADES = "http://uri.etsi.org/01903/v1.3.2#"
EXCLUSIVE = "http://www.w3.org/2001/10/xml-exc-c14n#"
ENVELOPED = f"{DS}enveloped-signature"
_RELS = "http://schemas.openxmlformats.org/package/2006/relationships"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
_RELS_TYPE = "application/vnd.openxmlformats-package.relationships+xml"


def cms(folder: Path, content: bytes, who: Holder, *more: str) -> bytes:
    """A CMS signature: detached, with ``-nodetach`` attached."""
    certificate, key = who.write(folder, "nguoi-ky")
    letter = folder / "letter"
    letter.write_bytes(content)
    command = ["cms", "-sign", "-binary", "-in", str(letter), "-signer", certificate, "-inkey", key]
    return openssl(*command, "-outform", "DER", "-md", "sha256", *more)


def reference(uri: str, *transforms: str, digest: str = "", kind: str = "") -> str:
    """A reference as a template writes it."""
    how = "".join(one if one.startswith("<") else f'<Transform Algorithm="{one}"/>' for one in transforms)
    inside = f"<Transforms>{how}</Transforms>" if how else ""
    about = f' Type="{kind}"' if kind else ""
    return (
        f'<Reference URI="{uri}"{about}>{inside}<DigestMethod Algorithm="{SHA256}"/>'
        f"<DigestValue>{digest}</DigestValue></Reference>"
    )


def signature(
    *references: str, who: Holder, objects: str = "", c14n: str = C14N, rsa: bool = False, name: str = ""
) -> str:
    """A signature template."""
    kind = "rsa" if rsa else "ecdsa"
    ident = f' Id="{name}"' if name else ""
    del who
    return (
        f'<Signature xmlns="{DS}"{ident}><SignedInfo><CanonicalizationMethod Algorithm="{c14n}"/>'
        f'<SignatureMethod Algorithm="http://www.w3.org/2001/04/xmldsig-more#{kind}-sha256"/>'
        f"{''.join(references)}</SignedInfo><SignatureValue/>"
        f"<KeyInfo><X509Data><X509Certificate/></X509Data></KeyInfo>{objects}</Signature>"
    )


def claiming(moment: datetime) -> tuple[str, str]:
    """(reference, object) of XAdES properties that claim a time of signing; XAdES covers them by the reference."""
    said = f"<SigningTime>{moment.isoformat()}</SigningTime>"
    signed = f"<SignedSignatureProperties>{said}</SignedSignatureProperties>"
    held = f"<SignedProperties xmlns='{XADES}' Id='thuoc-tinh'>{signed}</SignedProperties>"
    properties = f"<Object><QualifyingProperties xmlns='{XADES}'>{held}</QualifyingProperties></Object>"
    return reference("#thuoc-tinh", C14N, kind="http://uri.etsi.org/01903#SignedProperties"), properties


CLAIMING = ("--id-attr:Id", f"{XADES}:SignedProperties")
"""What xmlsec1 must be told to find them."""


def with_stamp(data: bytes, stamp: Callable[[bytes], bytes]) -> bytes:
    """The one signature in an XML file gets a XAdES time-stamp over its value; ``stamp`` makes a token of bytes."""
    tree = etree.fromstring(data).getroottree()
    value = next(tree.iter(f"{{{DS}}}SignatureValue"))
    token = b64encode(stamp(etree.tostring(value, method="c14n", exclusive=True, with_tail=False))).decode()
    how = f"<CanonicalizationMethod xmlns='{DS}' Algorithm='{EXCLUSIVE}'/>"
    held = f"<SignatureTimeStamp>{how}<EncapsulatedTimeStamp>{token}</EncapsulatedTimeStamp></SignatureTimeStamp>"
    unsigned = f"<UnsignedSignatureProperties>{held}</UnsignedSignatureProperties>"
    added = etree.fromstring(f"<UnsignedProperties xmlns='{XADES}'>{unsigned}</UnsignedProperties>")
    next(tree.iter(f"{{{XADES}}}QualifyingProperties")).append(added)
    return bytes(etree.tostring(tree))


def xmlsec(folder: Path, template: str, who: Holder, *more: str) -> bytes:
    """What xmlsec1 makes of a template; addresses of files are looked up in the folder."""
    certificate, key = who.write(folder, "nguoi-ky")
    (folder / "template.xml").write_text(template, encoding="utf-8")
    keys = ["--privkey-pem", f"{key},{certificate}", *more]
    command = ["xmlsec1", "--sign", *keys, "--output", "signed.xml", "template.xml"]
    subprocess.run(command, check=True, capture_output=True, cwd=folder)
    return (folder / "signed.xml").read_bytes()


def xmlsec_accepts(folder: Path, data: bytes, *more: str) -> bool:
    """Whether xmlsec1 finds digests and signature right, without any question of trust."""
    (folder / "judged.xml").write_bytes(data)
    command = ["xmlsec1", "--verify", "--insecure", *more, "judged.xml"]
    return subprocess.run(command, check=False, capture_output=True, cwd=folder).returncode == 0


def letter_xml(inside: str = "") -> str:
    """An XML document with namespaces, comments and marks that canonicalization cares about."""
    return (
        '<?xml version="1.0" encoding="UTF-8"?><?xml-stylesheet href="a.xsl"?>\n'
        '<v:vanban xmlns:v="urn:vanban" xmlns:thua="urn:thua" xml:lang="vi" Id="goc"><!-- ghi chú -->'
        '<v:noidung b="2" a="1">Kính gửi: Sở Nội vụ\n &lt;Hà Tĩnh&gt;\t</v:noidung>'
        f"<v:phan Id='phan'>Phần <v:con/> ký</v:phan>{inside}</v:vanban>"
    )


def open_document(
    folder: Path,
    who: Holder,
    *,
    leave_out: str = "",
    extra: dict[str, bytes] | None = None,
    rsa: bool = False,
    claim: tuple[str, str] = ("", ""),
) -> bytes:
    """A signed .odt: xmlsec1 hashes the unpacked parts. ``claim``: what :func:`claiming` made."""
    parts = {
        "content.xml": letter_xml().encode(),
        "styles.xml": b"<styles xmlns='urn:s'/>",
        "Pictures/anh.png": b"\x89PNG\r\n",
        "META-INF/manifest.xml": b"<manifest xmlns='urn:m'/>",
    }
    for name, data in parts.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)
    wanted = [name for name in parts if name != leave_out]
    listed = [reference(name, *([C14N] if name.endswith(".xml") else [])) for name in wanted]
    inside = signature(*listed, claim[0], who=who, objects=claim[1], rsa=rsa)
    space = "urn:oasis:names:tc:opendocument:xmlns:digitalsignature:1.0"
    template = f'<document-signatures xmlns="{space}">{inside}</document-signatures>'
    signed = xmlsec(folder, template, who, *(CLAIMING if claim[0] else ()))
    kinds = {"mimetype": b"application/vnd.oasis.opendocument.text"}
    return zipped({**kinds, **parts, **(extra or {}), "META-INF/documentsignatures.xml": signed})


def office(
    folder: Path,
    who: Holder,
    *,
    extra: dict[str, bytes] | None = None,
    hidden: str = "",
    signed_types: str = _WORD,
    rsa: bool = False,
    claim: tuple[str, str] = ("", ""),
) -> bytes:
    """A signed .docx in the manner of office programs: a manifest in an Object names parts and relationships."""
    target = f'<Relationship Id="rId1" Type="{_OFFICE}/officeDocument" Target="word/document.xml"/>'
    origin = f'<Relationship Id="rId9" Type="{_RELS}/digital-signature/origin" Target="_xmlsignatures/origin.sigs"/>'
    parts = {
        "[Content_Types].xml": _types().encode(),
        "_rels/.rels": f'<Relationships xmlns="{_RELS}">{origin}{target}</Relationships>'.encode(),
        "word/document.xml": letter_xml().encode(),
        "word/_rels/document.xml.rels": (
            f'<Relationships xmlns="{_RELS}"><Relationship Id="rId2" Type="{_OFFICE}/image" Target="media/a.png"/>'
            f'<Relationship Id="rId1" Type="{_OFFICE}/hyperlink" Target="https://a.vn/" TargetMode="External"/>{hidden}'
            "</Relationships>"
        ).encode(),
        "word/media/a.png": b"\x89PNG\r\n",
        "docProps/core.xml": b"<core xmlns='urn:c'/>",
        "_xmlsignatures/origin.sigs": b"",
    }
    about = [
        _part("/word/document.xml", signed_types, parts["word/document.xml"]),
        _part("/word/media/a.png", "image/png", parts["word/media/a.png"]),
        _related(folder, parts["_rels/.rels"], "/_rels/.rels", ["rId1"]),
        _related(
            folder, parts["word/_rels/document.xml.rels"], "/word/_rels/document.xml.rels", ["rId1", "rId2"]
        ),
    ]
    objects = f'<Object Id="idPackageObject"><Manifest>{"".join(about)}</Manifest></Object>{claim[1]}'
    whole = reference("#idPackageObject", kind=f"{DS}Object")
    # xmlsec1 would look the parts up on the network: their digests are there already.
    template = signature(whole, claim[0], who=who, objects=objects, rsa=rsa)
    signed = _manifest_alone(folder, template, who, *(CLAIMING if claim[0] else ()))
    return zipped({**parts, **(extra or {}), "_xmlsignatures/sig1.xml": signed})


def zipped(parts: dict[str, bytes], *, twice: str = "") -> bytes:
    """A ZIP of these parts; one of them twice."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as made:
        for name, data in parts.items():
            made.writestr(name, data)
        if twice:
            made.writestr(twice, b"<anders/>")
    return target.getvalue()


def unzipped(data: bytes) -> dict[str, bytes]:
    """The parts of a ZIP."""
    with zipfile.ZipFile(io.BytesIO(data)) as opened:
        return {name: opened.read(name) for name in opened.namelist()}


def _types() -> str:
    space = "http://schemas.openxmlformats.org/package/2006/content-types"
    signed = "application/vnd.openxmlformats-package.digital-signature-xmlsignature+xml"
    return (
        f'<Types xmlns="{space}"><Default Extension="rels" ContentType="{_RELS_TYPE}"/>'
        '<Default Extension="png" ContentType="image/png"/><Default Extension="xml" ContentType="application/xml"/>'
        f'<Override PartName="/word/document.xml" ContentType="{_WORD}"/>'
        f'<Override PartName="/_xmlsignatures/sig1.xml" ContentType="{signed}"/></Types>'
    )


def _part(name: str, kind: str, data: bytes) -> str:
    return reference(f"{name}?ContentType={kind}", digest=b64encode(hashlib.sha256(data).digest()).decode())


def _related(folder: Path, data: bytes, name: str, chosen: list[str]) -> str:
    """The digest of chosen relationships as xmlsec1 computes it: it knows their transform."""
    space = "http://schemas.openxmlformats.org/package/2006/digital-signature"
    inside = "".join(
        f'<mdssi:RelationshipReference xmlns:mdssi="{space}" SourceId="{one}"/>' for one in chosen
    )
    transform = (
        '<Transform Algorithm="http://schemas.openxmlformats.org/package/2006/RelationshipTransform">'
        f"{inside}</Transform>"
    )
    (folder / "rels.xml").write_bytes(data)
    from tests.cms.parts import holder

    helper = holder("Người giúp", signs=True)
    made = xmlsec(folder, signature(reference("rels.xml", transform, C14N), who=helper), helper)
    found = re.search(rb"<DigestValue>([^<]+)</DigestValue>", made)
    assert found
    digest = found.group(1).decode()
    return reference(f"{name}?ContentType={_RELS_TYPE}", transform, C14N, digest=digest)


def _manifest_alone(folder: Path, template: str, who: Holder, *more: str) -> bytes:
    """xmlsec1 with manifests left alone."""
    return xmlsec(folder, template, who, "--ignore-manifests", "--id-attr:Id", f"{DS}:Object", *more)
