"""The verbs of issuing in the order of the law: draft, submit, review, sign, number, seal, dispatch, follow, recall."""

from vanthu.issuing.actions.approval import (
    approve_review,
    reopen,
    return_draft,
    sign_document,
    submit,
    withdraw,
)
from vanthu.issuing.actions.bulk import abandon_batch, begin_batch, in_thread
from vanthu.issuing.actions.bulk_elsewhere import begin_asking, complete_batch, prepare_batch
from vanthu.issuing.actions.cancelling import cancel_numbered, note_cancelled
from vanthu.issuing.actions.co_issuers import add_co_issuer, arrange_co_issuers, remove_co_issuer
from vanthu.issuing.actions.drafting import (
    attach_annex,
    attach_main,
    comment,
    create_draft,
    discard_draft,
    remove_annex,
    tell_everybody,
    update_draft,
)
from vanthu.issuing.actions.elsewhere import (
    begin_issuing,
    begin_partner_seal,
    begin_signing,
    finish_issuing,
    finish_partner_seal,
    finish_signing,
)
from vanthu.issuing.actions.following import follow_up_done, notice_trouble
from vanthu.issuing.actions.joint import seal_as_partner
from vanthu.issuing.actions.leaving import ask_partner_again, leave_joint, rejoin_joint
from vanthu.issuing.actions.outside import bring_in
from vanthu.issuing.actions.placing import place_by_hand, place_by_itself
from vanthu.issuing.actions.recalling import (
    decide_change,
    drop_change,
    notice_answer,
    paper_returned,
    recall,
    take_back,
    update_issued,
)
from vanthu.issuing.actions.release import assign_number, dispatch, issue, seal_document

__all__ = [
    "abandon_batch",
    "add_co_issuer",
    "approve_review",
    "arrange_co_issuers",
    "ask_partner_again",
    "assign_number",
    "attach_annex",
    "attach_main",
    "begin_asking",
    "begin_batch",
    "begin_issuing",
    "begin_partner_seal",
    "begin_signing",
    "bring_in",
    "cancel_numbered",
    "comment",
    "complete_batch",
    "create_draft",
    "decide_change",
    "discard_draft",
    "dispatch",
    "drop_change",
    "finish_issuing",
    "finish_partner_seal",
    "finish_signing",
    "follow_up_done",
    "in_thread",
    "issue",
    "leave_joint",
    "note_cancelled",
    "notice_answer",
    "notice_trouble",
    "paper_returned",
    "place_by_hand",
    "place_by_itself",
    "prepare_batch",
    "recall",
    "rejoin_joint",
    "remove_annex",
    "remove_co_issuer",
    "reopen",
    "return_draft",
    "seal_as_partner",
    "seal_document",
    "sign_document",
    "submit",
    "take_back",
    "tell_everybody",
    "update_draft",
    "update_issued",
    "withdraw",
]
