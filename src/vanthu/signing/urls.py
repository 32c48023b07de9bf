"""Doors of the signing room."""

from __future__ import annotations

from django.urls import URLPattern, path

from vanthu.signing import evidence_views, key_views
from vanthu.signing.views import authorities, certificates, confirming, devices, papers, sign_ins, trust

custody: list[URLPattern] = [
    path("signing/", devices.home, name="signing"),
    path("signing/devices/", devices.device_list, name="signing-devices"),
    path("signing/devices/register", devices.register, name="signing-device-register"),
    path("signing/devices/<uuid:device_id>/", devices.device, name="signing-device"),
    path("signing/devices/<uuid:device_id>/hand-over", devices.hand_over, name="signing-hand-over"),
    path("signing/devices/<uuid:device_id>/lost", devices.report_lost, name="signing-device-lost"),
    path("signing/devices/<uuid:device_id>/place-key", devices.place_key, name="signing-place-key"),
    path("signing/devices/<uuid:device_id>/take-back", devices.take_back, name="signing-take-back"),
    path("signing/devices/<uuid:device_id>/destroy", devices.destroy, name="signing-destroy"),
    path("signing/handovers/<uuid:handover_id>/confirm", devices.confirm, name="signing-confirm"),
    path("signing/handovers/<uuid:handover_id>/cancel", devices.cancel, name="signing-cancel"),
    path("signing/handovers/<uuid:handover_id>/minutes/", papers.minutes, name="signing-minutes"),
    path(
        "signing/handovers/<uuid:handover_id>/minutes.pdf", papers.minutes_file, name="signing-minutes-file"
    ),
    path("signing/handovers/<uuid:handover_id>/signed", papers.bring_minutes, name="signing-minutes-bring"),
    path("signing/papers/<uuid:paper_id>.pdf", papers.paper_file, name="signing-paper-file"),
    path("signing/uses/<uuid:use_id>/review", devices.review, name="signing-review"),
    path("signing/authorities/", authorities.page, name="signing-authorities"),
    path("signing/authorities/give", authorities.give, name="signing-authority-give"),
    path("signing/authorities/<uuid:authority_id>/end", authorities.end, name="signing-authority-end"),
    path("signing/authorities/<uuid:authority_id>/", papers.decision, name="signing-decision"),
    path(
        "signing/authorities/<uuid:authority_id>/paper", papers.bring_decision, name="signing-decision-bring"
    ),
    path("signing/fields/add", authorities.add_field, name="signing-field-add"),
    path("signing/fields/<uuid:field_id>/close", authorities.close_field, name="signing-field-close"),
    path("signing/certificates/", certificates.page, name="signing-certificates"),
    path("signing/certificates/ask/<slug:kind>", certificates.ask, name="signing-ask"),
    path("signing/requests/<uuid:request_id>/", certificates.request_page, name="signing-request"),
    path("signing/requests/<uuid:request_id>/told", certificates.told, name="signing-told"),
    path("signing/requests/<uuid:request_id>/answered", certificates.answered, name="signing-answered"),
    path("signing/warnings/<uuid:warning_id>/seen", certificates.seen, name="signing-warning-seen"),
]
"""Devices, authority to sign, certificates."""

trusted: list[URLPattern] = [
    path("signing/trust/", trust.page, name="signing-trust"),
    path("signing/trust/take-up", trust.take_up, name="signing-trust-take-up"),
    path("signing/trust/<uuid:list_id>/renew", trust.renew, name="signing-trust-renew"),
    path("signing/trust/<uuid:list_id>/give-up", trust.give_up, name="signing-trust-give-up"),
]
"""Whom the site trusts."""

urlpatterns: list[URLPattern] = [
    *custody,
    *trusted,
    path("documents/<uuid:document_id>/evidence/", evidence_views.page, name="signature-evidence"),
    path(
        "documents/<uuid:document_id>/evidence/<uuid:evidence_id>.zip",
        evidence_views.download,
        name="signature-evidence-zip",
    ),
    path(
        "documents/<uuid:document_id>/evidence/<uuid:evidence_id>.xml",
        evidence_views.standard_report,
        name="signature-evidence-xml",
    ),
    path("my-keys/", key_views.my_keys, name="my-keys"),
    path("my-keys/otp", key_views.otp, name="my-keys-otp"),
    path("my-keys/enrol", key_views.enrol_own, name="my-keys-enrol"),
    path("my-keys/ask", key_views.ask, name="my-keys-ask"),
    path("my-keys/pair", key_views.pair, name="my-keys-pair"),
    path("my-keys/remote/<uuid:service_id>/", sign_ins.keys_there, name="my-keys-remote"),
    path("my-keys/remote/<uuid:service_id>/connect", sign_ins.connect, name="my-keys-connect"),
    path("my-keys/remote/<uuid:service_id>/back", sign_ins.back, name="my-keys-back"),
    path("my-keys/remote/<uuid:service_id>/disconnect", sign_ins.disconnect, name="my-keys-disconnect"),
    path("my-keys/computers/<uuid:pairing_id>/confirm", key_views.confirm, name="my-keys-confirm"),
    path("my-keys/computers/<uuid:pairing_id>/revoke", key_views.revoke, name="my-keys-revoke"),
    path("signing/enrol/", key_views.enrol, name="enrol-key"),
    path("sign/remote/<uuid:service_id>/back", confirming.back, name="remote-back"),
    path("agent/<str:name>", key_views.package, name="agent-package"),
]
