"""Pure decisions of an axis about one call: codes, who may send as whom, to whom, the next transport state.

Knows no database, so that a small axis for trials (``conformance``) decides exactly as this one does.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence

from vanthu.axis.errors import AlreadyAcknowledged, CallMalformed, EnvelopeWrong, SenderMismatch

LONGEST_CODE = 35
MAX_RECIPIENTS = 5000
DONE = "done"
ANSWERS = ("processing", DONE, "fail")
"""The transport states that a recipient's system may report."""


def code_key(code: str) -> str:
    """An agency code in the spelling that is compared: trimmed, upper case."""
    return code.strip().upper()


def usable_code(code: str) -> bool:
    """Whether a code can be taken in: 1 to 35 printable characters, no blanks (Sửa đổi 1:2022 QCVN 102:2016).

    No scheme is asked for: codes in use keep to none.
    """
    return 0 < len(code) <= LONGEST_CODE and code.isprintable() and " " not in code


def check_sender(named: str, written: str, own_keys: Iterable[str], registered: str) -> None:
    """The sender in the call and the one in the packet must both be agencies of the calling member.

    ``own_keys`` are all comparable codes of the member, ``registered`` its system id. Raises
    :class:`SenderMismatch` with the code that is not.
    """
    keys = set(own_keys)
    for code in (named, written):
        if code_key(code) not in keys:
            raise SenderMismatch(found=code, registered=registered)


def addressed(written: Sequence[str], override: str) -> tuple[str, ...]:
    """The recipients: those of the signed ``to`` argument (a JSON array) where given, else the packet's.

    Raises :class:`CallMalformed`, :class:`EnvelopeWrong`.
    """
    codes = tuple(written)
    if override:
        try:
            listed = json.loads(override)
        except (ValueError, RecursionError):
            raise CallMalformed(name="to") from None
        if not isinstance(listed, list) or not all(isinstance(code, str) and code.strip() for code in listed):
            raise CallMalformed(name="to")
        codes = tuple(dict.fromkeys(listed))
    if not codes:
        raise EnvelopeWrong(reason="không có bên nhận")
    if len(codes) > MAX_RECIPIENTS:
        raise EnvelopeWrong(reason=f"quá {MAX_RECIPIENTS} bên nhận")
    return codes


def next_state(current: str, wanted: str) -> str:
    """The transport state after an acknowledgement; what was taken over stays taken over.

    Raises :class:`CallMalformed` for an unknown state, :class:`AlreadyAcknowledged`.
    """
    if wanted not in ANSWERS:
        raise CallMalformed(name="status")
    if current == DONE and wanted != DONE:
        raise AlreadyAcknowledged(state=current, wanted=wanted)
    return wanted
