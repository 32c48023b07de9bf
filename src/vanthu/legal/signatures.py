"""Which appearances of signatures are in force: the sets of rules as data, each with its text and its days.

Owns the lines and how one is chosen (conflicts C3 and C4 of the requirements). Refuses to draw anything: the looks
themselves belong to the signing library.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from vanthu.pades.profiles import CIRCULAR_2019, NATIONAL, Profile


@dataclass(frozen=True)
class SignatureForm:
    """One set of rules: for everybody, or (``by_choice``) for agencies whose own regulation names it.

    In force from ``since`` to the day before ``until``.
    """

    profile: Profile
    citation: str
    since: date
    until: date | None = None
    by_choice: bool = False

    def in_force(self, on: date) -> bool:
        """Whether it may be used on a day (Viet Nam)."""
        return self.since <= on and (self.until is None or on < self.until)


SIGNATURE_FORMS = (
    SignatureForm(NATIONAL, "NĐ 30/2020/NĐ-CP Phụ lục I", date(2020, 3, 5)),
    SignatureForm(
        CIRCULAR_2019,
        "TT 01/2019/TT-BNV Đ6, Đ12, Đ13; QĐ 33/2019/QĐ-UBND Đ11.4",
        date(2019, 3, 10),
        by_choice=True,
    ),
    SignatureForm(CIRCULAR_2019, "TT 01/2019/TT-BNV Đ6, Đ12, Đ13", date(2019, 3, 10), date(2020, 3, 5)),
)
"""The decree is the default; the circular stays for those whose regulation refers to it."""


def signature_form(on: date, chosen: str = NATIONAL.id) -> SignatureForm:
    """The form that a site which chose ``chosen`` uses on a day (Viet Nam); before 2020 it is the circular's.

    Raises ``LookupError`` for a day before electronic signatures had a prescribed form.
    """
    usable = [form for form in SIGNATURE_FORMS if form.in_force(on)]
    wanted = [form for form in usable if form.profile.id == chosen]
    for form in wanted or [form for form in usable if not form.by_choice]:
        return form
    raise LookupError(f"no form of signatures was in force on {on}")
