"""Which elements of a packet the model has a place for, and so which it has none for.

Owns the table of known children. Refuses to read values.
"""

from __future__ import annotations

from collections.abc import Iterator

from vanthu.edxml.xmlstream import SIGNATURE_NAMES, WRAPPER_NAME, Node

_CONTAINERS = frozenset(
    {
        *("edXML", "edXMLEnvelope", "EdXMLEnvelope", "edXMLHeader", "edXMLBody", "AttachmentEncoded"),
        *("Envelope", "Header", "Body", "Document", "Attach", "attach", WRAPPER_NAME),
        *(
            "MessageHeader",
            "Status",
            "TraceHeaderList",
            "edXMLManifest",
            "Manifest",
            "Attachment",
            "attachment",
        ),
        *SIGNATURE_NAMES,
    }
)
_ORGANIZATION = frozenset(
    {
        *("OrganId", "OrganName", "OrganizationInCharge", "OrganAdd"),
        *("Email", "Telephone", "Fax", "Website"),
    }
)
_HEADER = frozenset(
    {
        *("From", "To", "DocumentId", "Code", "PromulgationInfo", "DocumentType", "Subject", "Content"),
        *("SignerInfo", "Author", "DueDate", "OtherInfo", "ResponseFor", "SteeringType", "ResponseForTask"),
        *("ApplicationType", "ToPlaces", "StatusCode", "Description", "Timestamp", "StaffInfo"),
    }
)
_SIGNER = frozenset({"Competence", "Position", "Function", "FullName"})
_MANIFEST = frozenset({"Reference", "Attachment", "attachment"})
_BUSINESS = frozenset(
    {
        *("DocumentId", "BussinessDocType", "BusinessDocType", "BussinessDocReason", "BusinessDocReason"),
        *("Paper", "BussinessDocumentInfo", "ReplacementInfoList", "StaffInfo"),
    }
)
_ATTACHMENT = frozenset(
    {
        *("ContentId", "AttachmentName", "FileName", "name", "Name", "Description", "FieldName"),
        *("MimeType", "ContentType", "FileType"),
    }
)
_KNOWN = {
    **dict.fromkeys(_CONTAINERS, _CONTAINERS),
    **dict.fromkeys(("MessageHeader", "Status"), _HEADER),
    **dict.fromkeys(("From", "To", "Sender"), _ORGANIZATION),
    "Code": frozenset({"CodeNumber", "CodeNotation"}),
    "PromulgationInfo": frozenset({"Place", "PromulgationDate"}),
    "DocumentType": frozenset({"Type", "TypeDetail", "TypeName"}),
    **dict.fromkeys(("SignerInfo", "Author"), _SIGNER),
    "OtherInfo": frozenset(
        {
            *("Priority", "SphereOfPromulgation", "TyperNotation", "PromulgationAmount", "PageAmount"),
            *("ReplyFors", "Direction", "ReferenceCodes", "Appendixes"),
        }
    ),
    "Appendixes": frozenset({"Appendix"}),
    "ResponseFor": frozenset({"OrganId", "Code", "DocumentId", "PromulgationDate"}),
    "ResponseForTask": frozenset({"TaskCode"}),
    "ToPlaces": frozenset({"Place"}),
    "StaffInfo": frozenset({"Department", "DepartmentId", "Staff", "StaffId", "Email", "Mobile"}),
    "TraceHeaderList": frozenset({"TraceHeader", "Bussiness", "Business"}),
    "TraceHeader": frozenset({"OrganId", "Sender", "Timestamp"}),
    **dict.fromkeys(("Bussiness", "Business"), _BUSINESS),
    "BussinessDocumentInfo": frozenset({"DocumentInfo", "DocumentReceiver", "ReceiverList"}),
    "ReceiverList": frozenset({"Receiver"}),
    "Receiver": frozenset({"OrganId", "ReceiverType"}),
    "ReplacementInfoList": frozenset({"ReplacementInfo"}),
    "ReplacementInfo": frozenset({"DocumentId", "OrganIdList"}),
    "OrganIdList": frozenset({"OrganId"}),
    **dict.fromkeys(("edXMLManifest", "Manifest"), _MANIFEST),
    "Reference": frozenset({"ContentId", "ContentType", "Description", "AttachmentName"}),
    **dict.fromkeys(("Attachment", "attachment"), _ATTACHMENT),
}
_NONE: frozenset[str] = frozenset()


_PARTS = frozenset(
    {"MessageHeader", "Status", "TraceHeaderList", "edXMLManifest", "Attachment", "attachment"}
)


def strangers(roots: list[Node]) -> Iterator[Node]:
    """The outermost elements that the model has no place for, in document order.

    Wrappers around the packet's own parts are no strangers, whatever their name; signatures are kept elsewhere.
    """
    waiting = [(root, False) for root in reversed(roots)]
    while waiting:
        node, expected = waiting.pop()
        if node.name in SIGNATURE_NAMES:
            continue
        if (
            not expected
            and node.name not in _CONTAINERS
            and not any(below.name in _PARTS for below in node.walk())
        ):
            yield node
            continue
        known = _KNOWN.get(node.name, _NONE if expected else _CONTAINERS)
        waiting += [
            (child, child.name in known or child.payload is not None) for child in reversed(node.children)
        ]
