"""The verbs of the axis. Each is one transaction with one event.

What concerns members and agencies is an audit event, in one chain per member and one for the operator. What
happens to packets is a line of the axis' log, which is chained in batches, so that nobody waits for a chain's end.
"""

from vanthu.axis.actions.agencies import (
    AgencyDetails,
    change_code,
    delete_agency,
    dissolve_agency,
    follow_calendar,
    merge_agency,
    put_agency,
    register_agency,
    revive_agency,
    set_agency_locked,
    set_trial_partner,
)
from vanthu.axis.actions.incidents import (
    ask_clear,
    ask_purge,
    confirm_request,
    note_report,
    take_back_request,
)
from vanthu.axis.actions.log import close_batches, refuse, stamp_batches
from vanthu.axis.actions.members import (
    MemberTerms,
    add_member,
    end_old_secret,
    note_new_secret,
    renew_secret,
    set_member_active,
    set_member_axis,
    set_terms,
)
from vanthu.axis.actions.onboarding import (
    carry_over,
    go_live,
    look_at_trial,
    note_care,
    note_traffic,
    note_trial,
    record_survey,
    restart_trial,
)
from vanthu.axis.actions.packets import accept_packet, acknowledge, hand_over, take_in
from vanthu.axis.actions.resending import hand_over_again, hand_over_all_again
from vanthu.axis.actions.shared import OPERATOR, acting

__all__ = [
    "OPERATOR",
    "AgencyDetails",
    "MemberTerms",
    "accept_packet",
    "acknowledge",
    "acting",
    "add_member",
    "ask_clear",
    "ask_purge",
    "carry_over",
    "change_code",
    "close_batches",
    "confirm_request",
    "delete_agency",
    "dissolve_agency",
    "end_old_secret",
    "follow_calendar",
    "go_live",
    "hand_over",
    "hand_over_again",
    "hand_over_all_again",
    "look_at_trial",
    "merge_agency",
    "note_care",
    "note_new_secret",
    "note_report",
    "note_traffic",
    "note_trial",
    "put_agency",
    "record_survey",
    "refuse",
    "register_agency",
    "renew_secret",
    "restart_trial",
    "revive_agency",
    "set_agency_locked",
    "set_member_active",
    "set_member_axis",
    "set_terms",
    "set_trial_partner",
    "stamp_batches",
    "take_back_request",
    "take_in",
]
