"""The members' door to evidence: the proof file of what they sent, received, or were refused."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any

from vanthu.axis import proofs
from vanthu.axis.views.calls import Call, door


@door("GET", "POST")
def get_evidence(call: Call) -> Mapping[str, Any]:
    """The proof file for a ``docId`` as base64: checked offline with ``vanthu evidence verify``."""
    data = proofs.proof_file(call.signed.required("docId"), call.member)
    return {"data": base64.b64encode(data).decode()}
