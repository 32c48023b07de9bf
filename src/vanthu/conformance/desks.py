"""The counterpart's agencies: each behaves in one way, so that whoever sends chooses what is tried.

One table: code, name in the agency list, which statuses it answers, how it takes changes, which fault the axis has on
the way to it.
"""

from __future__ import annotations

from dataclasses import dataclass

from vanthu.conformance.items import PASSING, PERMANENT

COUNTERPART = "W00"
"""System id of the counterpart; its codes begin so, as test codes on axes in use do."""


@dataclass(frozen=True)
class Desk:
    """One agency of the counterpart.

    ``answers`` are the statuses it sends about each document, ``late`` one that comes some polls later with an earlier
    time, ``change`` its answer to recalls, updates and take-backs, ``item`` what its answers or its fault show.
    """

    code: str
    vi: str
    en: str
    answers: tuple[str, ...] = ("01",)
    late: str = ""
    change: str = "15"
    item: str = ""
    fault: bool = False


def _code(suffix: str) -> str:
    return f"{COUNTERPART}.{suffix}"


def _faulty(suffix: str, item: str, vi: str, en: str) -> Desk:
    return Desk(_code(suffix), f"Thử: {vi}", en, item=item, fault=True)


DESKS = (
    Desk(
        _code("01"),
        "Thử: trả lời đủ trạng thái",
        "answers 01, 03, 04, 05, 06; agrees to changes (15)",
        ("01", "03", "04", "05", "06"),
    ),
    Desk(_code("02"), "Thử: từ chối", "answers 01, 02; refuses changes (16)", ("01", "02"), change="16"),
    Desk(
        _code("03"),
        "Thử: trạng thái đảo thứ tự",
        "answers 06, 05, 01, 01 again, 03",
        ("06", "05", "01", "01", "03"),
        item="in-mixed",
    ),
    Desk(_code("04"), "Thử: trạng thái muộn", "answers 01, and 03 much later", late="03", item="in-late"),
    Desk(_code("05"), "Thử: mã trạng thái lạ", "answers 07", ("07",), item="unknown-status"),
    _faulty("L1", "lost-receipt", "mất câu trả lời", "accepts, then breaks the connection"),
    _faulty("L2", "send-500", "HTTP 500", "first answer HTTP 500"),
    _faulty("L3", "send-503", "HTTP 503", "first answer HTTP 503"),
    _faulty("L4", "send-401", "HTTP 401 văn bản thường", "first answer 401 in plain text"),
    _faulty("L5", "send-slow", "trả lời chậm", "accepts, answers slowly"),
    *(
        _faulty(f"F{code}", f"fail-{code}", f"FAIL {code} rồi nhận", f"first answer FAIL {code} ({en})")
        for code, (_, en) in PASSING.items()
    ),
    *(
        _faulty(f"F{code}", f"fail-{code}", f"luôn FAIL {code}", f"always FAIL {code} ({en})")
        for code, (_, en) in PERMANENT.items()
    ),
)
BY_CODE = {desk.code: desk for desk in DESKS}
