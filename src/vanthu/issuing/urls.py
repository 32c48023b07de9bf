"""Doors of the issuing room: the drafting page and one door per verb."""

from __future__ import annotations

from django.urls import URLPattern, path

from vanthu.issuing import (
    bulk_views,
    elsewhere_views,
    joint_views,
    placing_views,
    recall_views,
    remote_views,
    views,
)

_ONE = "documents/<uuid:document_id>/"

urlpatterns: list[URLPattern] = [
    path("sign/", bulk_views.folder, name="bulk-folder"),
    path("sign/begin", bulk_views.begin, name="bulk-begin"),
    path("sign/<uuid:batch_id>/", bulk_views.batch, name="bulk-batch"),
    path("sign/<uuid:batch_id>/progress", bulk_views.progress, name="bulk-progress"),
    path("sign/<uuid:batch_id>/abandon", bulk_views.abandon, name="bulk-abandon"),
    path("drafts/new/", views.new, name="draft-new"),
    path("drafts/agencies", views.agencies, name="draft-agencies"),
    path(_ONE + "edit/", views.edit, name="draft-edit"),
    path(_ONE + "autosave", views.autosave, name="draft-autosave"),
    path(_ONE + "main", views.main_file, name="draft-main"),
    path(_ONE + "annexes", views.annexes, name="draft-annexes"),
    path(_ONE + "annexes/<int:ordinal>/remove", views.remove_annex, name="draft-remove-annex"),
    path(_ONE + "submit", views.submit, name="draft-submit"),
    path(_ONE + "tell-everybody", views.tell_everybody, name="draft-tell-everybody"),
    path(_ONE + "withdraw", views.withdraw, name="draft-withdraw"),
    path(_ONE + "discard", views.discard, name="draft-discard"),
    path(_ONE + "approve-review", views.approve_review, name="draft-approve-review"),
    path(_ONE + "return", views.return_draft, name="draft-return"),
    path(_ONE + "reopen", views.reopen, name="draft-reopen"),
    path(_ONE + "comment", views.comment, name="draft-comment"),
    path(_ONE + "sign", views.sign, name="draft-sign"),
    path(_ONE + "issue", views.issue, name="draft-issue"),
    path("sign/<uuid:batch_id>/elsewhere", elsewhere_views.begin_batch, name="bulk-elsewhere"),
    path("sign/<uuid:batch_id>/signatures", elsewhere_views.finish_batch, name="bulk-signatures"),
    path("sign/<uuid:batch_id>/remote", remote_views.begin_batch, name="bulk-remote"),
    path(_ONE + "remote/begin", remote_views.begin, name="remote-begin"),
    path(_ONE + "elsewhere/begin", elsewhere_views.begin, name="elsewhere-begin"),
    path(_ONE + "elsewhere/sign", elsewhere_views.finish_sign, name="elsewhere-sign"),
    path(_ONE + "elsewhere/issue", elsewhere_views.finish_issue, name="elsewhere-issue"),
    path(_ONE + "elsewhere/seal-joint", elsewhere_views.finish_partner_seal, name="elsewhere-seal-joint"),
    path(_ONE + "joint/", joint_views.co_issuers, name="joint"),
    path(_ONE + "joint/arrange", joint_views.arrange, name="joint-arrange"),
    path(_ONE + "joint/<uuid:co_issuer_id>/remove", joint_views.remove, name="joint-remove"),
    path(_ONE + "joint/<uuid:co_issuer_id>/bring", joint_views.bring, name="joint-bring"),
    path(_ONE + "seal-joint", joint_views.seal, name="joint-seal"),
    path(_ONE + "followed-up", views.followed_up, name="draft-followed-up"),
    path(_ONE + "take-back", recall_views.take_back, name="issued-take-back"),
    path(_ONE + "recall", recall_views.recall, name="issued-recall"),
    path(_ONE + "update-issued", recall_views.update_issued, name="issued-update"),
    path(_ONE + "changes/<uuid:change_id>/decide", recall_views.decide, name="issued-decide"),
    path(_ONE + "changes/<uuid:change_id>/drop", recall_views.drop, name="issued-drop"),
    path(_ONE + "returned/<uuid:target_id>", recall_views.returned, name="issued-returned"),
    path(_ONE + "places/", placing_views.places, name="draft-places"),
    path(_ONE + "preview", placing_views.preview, name="draft-preview"),
    path(_ONE + "preview/signature.png", placing_views.signature_picture, name="draft-preview-signature"),
    path(_ONE + "preview/seal.png", placing_views.seal_picture, name="draft-preview-seal"),
    path(_ONE + "signatures", views.signatures, name="draft-signatures"),
]
