"""The verbs of the axis. Each is one transaction with one audit event in the chain of the member it concerns.

One chain per member, so that members do not wait for each other; the operator's acts are in a chain of their
own.
"""

from vanthu.axis.actions.agencies import (
    AgencyDetails,
    change_code,
    delete_agency,
    merge_agency,
    put_agency,
    register_agency,
    revive_agency,
    set_agency_locked,
)
from vanthu.axis.actions.incidents import (
    ask_clear,
    ask_purge,
    confirm_request,
    note_report,
    take_back_request,
)
from vanthu.axis.actions.members import add_member, renew_secret, set_member_active
from vanthu.axis.actions.packets import accept_packet, acknowledge, hand_over, take_in
from vanthu.axis.actions.resending import hand_over_again
from vanthu.axis.actions.shared import OPERATOR, acting

__all__ = [
    "OPERATOR",
    "AgencyDetails",
    "accept_packet",
    "acknowledge",
    "acting",
    "add_member",
    "ask_clear",
    "ask_purge",
    "change_code",
    "confirm_request",
    "delete_agency",
    "hand_over",
    "hand_over_again",
    "merge_agency",
    "note_report",
    "put_agency",
    "register_agency",
    "renew_secret",
    "revive_agency",
    "set_agency_locked",
    "set_member_active",
    "take_back_request",
    "take_in",
]
