"""The name of an agency as the head of a paper prints it."""

from __future__ import annotations

import re

_COUNCILS = re.compile(r"^(ỦY BAN NHÂN DÂN|HỘI ĐỒNG NHÂN DÂN) (?=\S)")


def printed_name(name: str) -> str:
    """In capitals, with people's committees and councils on one line and their place on the next (NĐ 30/2020 PL I.II.2;
    PL III): left to itself, a narrow column breaks the place in two."""
    return _COUNCILS.sub(r"\1\n", name.upper())
