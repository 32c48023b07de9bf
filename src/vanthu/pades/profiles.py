"""The five appearances of signatures as data: a person's, the agency's seal, a separate annex, a copy, number and date.

Owns what each shows (picture, lines of text, size, colour) in each set of rules, with the article it follows from.
Refuses to know which set is in force for whom and when: the caller passes one.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from vanthu.pades.times import VIET_NAM, iso

CORNER_FONT_SIZE = 10.0
"""Points, upright Times in black (NĐ 30/2020 PL I.II.8b; Phần II.I.3)."""


class Ink(Enum):
    """Colour of a picture (NĐ 30/2020 PL I.II.7d, 8a): red, green, blue from 0 to 255."""

    BLUE = (20, 50, 160)
    RED = (206, 17, 38)


@dataclass(frozen=True)
class Look:
    """One appearance. ``lines`` are templates of ``{code}``, ``{form}``, ``{agency}``, ``{time}``, ``{number}`` and
    ``{date}``; ``ink`` is None where no picture is shown."""

    ink: Ink | None
    lines: tuple[str, ...]
    citation: str
    font_size: float = CORNER_FONT_SIZE

    @property
    def shows_picture(self) -> bool:
        """Whether the image of the signature or of the seal is drawn."""
        return self.ink is not None


@dataclass(frozen=True)
class Profile:
    """What every kind of signature shows under one set of rules.

    ``time_pattern`` is for ``strftime``, in Viet Nam's zone; None writes ISO 8601 with its offset.
    """

    id: str
    person: Look
    agency_seal: Look
    attachment: Look
    copy: Look
    number_date: Look
    time_pattern: str | None = None

    def time(self, instant: datetime) -> str:
        """The signing time as text: ``2026-11-20T16:41:07+07:00`` unless a pattern says otherwise."""
        if self.time_pattern is None:
            return iso(instant)
        return instant.astimezone(VIET_NAM).strftime(self.time_pattern)

    def lines(self, look: Look, signed_at: datetime, **values: str) -> list[str]:
        """The lines that ``look`` shows, from top to bottom; a line whose value is empty is left out."""
        known = {"time": self.time(signed_at), **values}
        return [text for line in look.lines if (text := line.format(**known))]


_PERSON = Look(Ink.BLUE, (), "NĐ 30/2020 PL I.II.7d")
_NUMBER_DATE = Look(None, ("{number}", "{date}"), "NĐ 30/2020 Đ15.3; PL I.II.3c, 4b", 13.0)

NATIONAL = Profile(
    id="ND30_2020",
    person=_PERSON,
    agency_seal=Look(Ink.RED, (), "NĐ 30/2020 PL I.II.8a"),
    attachment=Look(None, ("{code}", "{time}"), "NĐ 30/2020 PL I.II.8b, III.1d"),
    copy=Look(None, ("{form}", "{agency}", "{time}"), "NĐ 30/2020 PL I Phần II.I.3"),
    number_date=_NUMBER_DATE,
)
"""NĐ 30/2020: the seal alone on the main document, text alone on annexes and copies."""

CIRCULAR_2019 = Profile(
    id="TT01_2019",
    person=Look(Ink.BLUE, (), "TT 01/2019/TT-BNV Đ12"),
    agency_seal=Look(Ink.RED, ("{agency}", "{time}"), "TT 01/2019/TT-BNV Đ13"),
    attachment=Look(None, ("{code}", "{time}"), "TT 01/2019/TT-BNV Đ13"),
    copy=Look(Ink.RED, ("{agency}", "{time}"), "TT 01/2019/TT-BNV Đ6.2c"),
    number_date=_NUMBER_DATE,
)
"""TT 01/2019/TT-BNV, which provincial regulations still name: the seal says whose and when, copies show the seal."""

PROFILES = {profile.id: profile for profile in (NATIONAL, CIRCULAR_2019)}
