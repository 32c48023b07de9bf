"""The members' doors over VXP to what agencies publish for being encrypted to: for axes below this one.

Sites of this product use the modern door; an axis speaks VXP with its parent, so that the parent may be anybody's.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from vanthu.axis import queries
from vanthu.axis.actions import encryption
from vanthu.axis.errors import CallMalformed
from vanthu.axis.views.calls import Call, door
from vanthu.relay import Publication, PublicationWrong
from vanthu.vxp import CallRefused

LARGEST = 1 << 17
"""Bytes of a publication: its certificates, its statement, its key."""


@door("POST", "GET")
def get_encryption_list(call: Call) -> Mapping[str, Any]:
    """A page of publications behind the signed ``fromVersion``; an empty one says that there are no more."""
    page = queries.publications_after(call.whole("fromVersion", 0))
    rows = [
        {"code": one.agency.code, "version": one.agency.version, "publication": one.publication}
        for one in page
    ]
    return {"data": rows}


@door("POST", changes=True)
def publish_encryption(call: Call) -> Mapping[str, Any]:
    """A member publishes for one of its agencies (``AgencyCode``); the body is the publication."""
    publication = _publication(call.request.read(LARGEST))
    try:
        encryption.publish_encryption(
            call.member, call.signed.required("AgencyCode"), publication, call.actor
        )
    except PublicationWrong as wrong:
        raise CallRefused(wrong.text) from wrong
    return {}


def _publication(body: bytes) -> Publication:
    try:
        found = Publication.read(json.loads(body))
    except (ValueError, RecursionError):
        found = None
    if found is None:
        raise CallMalformed(name="body")
    return found
