"""The verbs of issuing in the order of the law: draft, submit, review, sign, number, seal, dispatch, follow."""

from vanthu.issuing.actions.approval import approve_review, return_draft, sign_document, submit, withdraw
from vanthu.issuing.actions.drafting import (
    attach_annex,
    attach_main,
    comment,
    create_draft,
    discard_draft,
    remove_annex,
    update_draft,
)
from vanthu.issuing.actions.following import follow_up_done, notice_trouble
from vanthu.issuing.actions.release import assign_number, dispatch, issue, seal_document

__all__ = [
    "approve_review",
    "assign_number",
    "attach_annex",
    "attach_main",
    "comment",
    "create_draft",
    "discard_draft",
    "dispatch",
    "follow_up_done",
    "issue",
    "notice_trouble",
    "remove_annex",
    "return_draft",
    "seal_document",
    "sign_document",
    "submit",
    "update_draft",
    "withdraw",
]
