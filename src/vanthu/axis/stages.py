"""Who may send to whom: not after the sender's last day, officially only between live agencies (QĐ 28/2018).

Owns the look-ups and the sentences; :mod:`vanthu.axis.rules` decides. Refuses to stop what continues an exchange that
was accepted before: its statuses, recalls and updates while both exist, and a packet that comes once more.
"""

from __future__ import annotations

from collections.abc import Collection

from django.db.models import Q

from vanthu.axis import queries, rules
from vanthu.axis.envelope import Envelope
from vanthu.axis.errors import ReceiverNotLive, SenderDissolved, SenderNotLive
from vanthu.axis.models import AxisAgency, AxisDelivery, Stage
from vanthu.base import clock

PARTNERS_NAMED = 3


def check(sender: AxisAgency, recipients: Collection[AxisAgency], envelope: Envelope, sha256: str) -> None:
    """Whether the sender may send this to these agencies; asks the database only where the rules do not allow it.

    ``sha256`` is the packet's. Raises :class:`SenderDissolved`; :class:`SenderNotLive`, :class:`ReceiverNotLive` with
    the codes of those it may not reach.
    """
    if not rules.may_still_send(sender, envelope.kind, clock.today()):
        _check_sent_before(sender, recipients, envelope, sha256)
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


def _check_sent_before(
    sender: AxisAgency, recipients: Collection[AxisAgency], envelope: Envelope, sha256: str
) -> None:
    """What was accepted on the last day may be asked for again, for the answer may have been lost."""
    having = {row.recipient_id for row in queries.earlier_deliveries(sender, envelope, sha256)}
    if not {agency.id for agency in recipients} <= having:
        assert sender.valid_to is not None
        day, name = f"{sender.valid_to:%d/%m/%Y}", f"{sender.name} ({sender.code})"
        raise SenderDissolved(sender=name, last_day=day, why=rules.gone_words(sender))


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
