"""Who may send to whom while not every agency is live: the gate in front of official exchange (QĐ 28/2018).

Owns the look-ups and the sentences; :func:`vanthu.axis.rules.may_exchange` decides. Refuses to stop what continues
an exchange that was accepted before: its statuses, recalls and updates.
"""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Q

from vanthu.axis import rules
from vanthu.axis.envelope import Envelope
from vanthu.axis.errors import ReceiverNotLive, SenderNotLive
from vanthu.axis.models import AxisAgency, AxisDelivery, Stage

PARTNERS_NAMED = 3


def check(sender: AxisAgency, recipients: Iterable[AxisAgency], envelope: Envelope) -> None:
    """Whether the sender may send this to these agencies; asks the database only where the stages do not allow it.

    Raises :class:`SenderNotLive`, :class:`ReceiverNotLive` with the codes of those it may not reach.
    """
    apart = [agency for agency in recipients if not rules.may_exchange(sender, agency)]
    if apart:
        apart = _without_earlier(sender, apart, envelope)
    if not apart:
        return
    codes = ", ".join(agency.code for agency in apart[:20])
    stage = rules.stage_here(sender)
    if stage == Stage.LIVE or sender.trial_partner:
        raise ReceiverNotLive(codes=codes)
    raise SenderNotLive(sender=sender.code, stage=stage.label, codes=codes, partners=_partners())


def partners() -> list[AxisAgency]:
    """The agencies with which those on the way can try everything."""
    return list(AxisAgency.objects.filter(trial_partner=True, deleted=False).order_by("code")[:20])


def _without_earlier(sender: AxisAgency, apart: list[AxisAgency], envelope: Envelope) -> list[AxisAgency]:
    """Those between whom and the sender the document of this packet did not pass before, either way."""
    document = envelope.refers_to or envelope.document_id
    if not document:
        return apart
    others = [agency.id for agency in apart]
    either_way = Q(packet__sender=sender, recipient__in=others) | Q(
        packet__sender__in=others, recipient=sender
    )
    passed = AxisDelivery.objects.filter(either_way, packet__document_id=document)
    known = {key for pair in passed.values_list("packet__sender", "recipient") for key in pair}
    return [agency for agency in apart if agency.id not in known]


def _partners() -> str:
    named = [f"{agency.name} ({agency.code})" for agency in partners()[:PARTNERS_NAMED]]
    return f" và tới đối tác thử nghiệm {', '.join(named)}" if named else ""
