"""The verbs of the catalogue of fields of work: add one, close one (NĐ 30/2020 Đ13.2)."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from vanthu.audit.ledger import action, record
from vanthu.base import clock
from vanthu.base.actors import Actor
from vanthu.directory.models import OrgUnit, WorkField
from vanthu.errors import MustAct, VanthuError
from vanthu.formalities import DOCUMENT_TYPES
from vanthu.signing.authorities import require_recorder


class FieldNameTaken(VanthuError):
    """Two fields of one name could not be told apart."""

    code = "WORK_FIELD_NAME_TAKEN"
    message = "Lĩnh vực “{name}” đã có trong danh mục. Hãy đặt tên khác."
    must_act = MustAct.ADMINISTRATOR
    http_status = 409


class FieldNameMissing(VanthuError):
    """A field is known by its name."""

    code = "WORK_FIELD_NAME_MISSING"
    message = "Chưa ghi tên lĩnh vực."
    must_act = MustAct.ADMINISTRATOR


class FieldUnknown(VanthuError):
    """No such field in the agency, or it was closed."""

    code = "WORK_FIELD_NOT_FOUND"
    message = "Không tìm thấy lĩnh vực này, hoặc đã ngừng dùng."
    http_status = 404


@action
def add_field(
    actor: Actor, name: str, unit_ids: Collection[str] = (), type_codes: Collection[str] = ()
) -> WorkField:
    """Add a field of work; what ``unit_ids`` draft, else what is of ``type_codes``, is of it unless said otherwise.

    Raises ``RoleRequired``, :class:`FieldNameMissing`, :class:`FieldNameTaken`.
    """
    require_recorder(actor)
    name = " ".join(name.split())[:150]
    if not name:
        raise FieldNameMissing
    units = OrgUnit.objects.filter(agency_id=actor.agency_id, pk__in=list(unit_ids))
    row, made = WorkField.objects.get_or_create(
        agency_id=actor.agency_id,
        name=name,
        defaults={
            "unit_ids": sorted(str(unit.pk) for unit in units),
            "type_codes": sorted(set(type_codes) & DOCUMENT_TYPES.keys()),
        },
    )
    if not made:
        raise FieldNameTaken(name=name)
    _record(actor, "signing.field_added", row)
    return row


@action
def close_field(actor: Actor, field_id: UUID) -> WorkField:
    """Offer a field no more; authorities and documents that name it keep it. Raises ``RoleRequired``,
    :class:`FieldUnknown`."""
    require_recorder(actor)
    rows = WorkField.objects.select_for_update().filter(agency_id=actor.agency_id, closed_at=None)
    row = rows.filter(pk=field_id).first()
    if row is None:
        raise FieldUnknown
    row.closed_at = clock.now()
    row.save(update_fields=["closed_at"])
    _record(actor, "signing.field_closed", row)
    return row


def _record(actor: Actor, verb: str, row: WorkField) -> None:
    data = {"name": row.name, "units": row.unit_ids, "types": row.type_codes}
    record(actor, verb, kind="work_field", object_id=row.pk, data=data)
