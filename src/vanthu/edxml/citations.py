"""Where the standard speaks of a field: the citation that stands beside each problem.

Owns the numbering of QCVN 102:2016/BTTTT as its implementers quote it; refuses to know what the rules demand.
"""

from __future__ import annotations

import re

STANDARD = "QCVN 102:2016/BTTTT"
_ORGAN_ID = "Sửa đổi 1:2022 QCVN 102:2016/BTTTT (TT 01/2022/TT-BTTTT)"
_STATUS = "QĐ 28/2018/QĐ-TTg"

_SECTIONS = {
    "From": "1.1",
    "To": "1.2",
    "Code": "1.3",
    "PromulgationInfo": "1.4",
    "DocumentType": "1.5",
    "Subject": "1.6",
    "Content": "1.7",
    "SignerInfo": "1.8",
    "DueDate": "1.9",
    "ToPlaces": "1.10",
    "OtherInfo": "1.11",
    "ResponseFor": "1.12",
    "SteeringType": "1.13",
    "DocumentId": "1.14",
    "TraceHeaderList/TraceHeader": "2.1",
    "TraceHeaderList/Bussiness": "2.2",
    "TraceHeaderList/Bussiness/BussinessDocType": "2.2.1",
    "TraceHeaderList/Bussiness/BussinessDocReason": "2.2.2",
    "TraceHeaderList/Bussiness/BussinessDocumentInfo": "2.2.3",
    "TraceHeaderList/Bussiness/DocumentId": "2.2.4",
    "TraceHeaderList/Bussiness/StaffInfo": "2.2.5",
    "TraceHeaderList/Bussiness/ReplacementInfoList": "2.2.7",
}


def rule_of(path: str) -> str:
    """The text that orders what is said about the element at ``path`` (``To[2]/OrganId``)."""
    names = re.sub(r"\[\d+\]", "", path).split("/")
    if names[-1] == "OrganId":
        return _ORGAN_ID
    if names[0] in ("StatusCode", "Description", "Timestamp"):
        return _STATUS
    prefixes = ("/".join(names[:length]) for length in range(len(names), 0, -1))
    section = next((_SECTIONS[prefix] for prefix in prefixes if prefix in _SECTIONS), "")
    return f"{STANDARD}, mục {section}" if section else STANDARD
