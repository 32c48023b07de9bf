"""What a look at a draft says: remarks for a person, and why a place cannot be used."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from vanthu.errors import VanthuError

NUMBER, DATE, SIGNATURE = "number", "date", "signature"
PLACE_NAMES = {NUMBER: "số văn bản", DATE: "ngày, tháng, năm ban hành", SIGNATURE: "chữ ký của người ký"}


class PlaceNotFound(VanthuError):
    """Some place is nowhere on the page; ``missing`` holds ``number``, ``date`` or ``signature``."""

    code = "PLACE_NOT_FOUND"
    message = (
        "Không tìm thấy chỗ để trống cho {names}. Hãy chỉ vị trí trên trang hoặc sửa dự thảo theo thể thức."
    )
    rule = "NĐ 30/2020 Phụ lục I"

    def __init__(self, missing: Sequence[str], *, has_text: bool = True) -> None:
        self.missing = tuple(missing)
        self.has_text = has_text
        names = ", ".join(PLACE_NAMES[part] for part in missing)
        text = None
        if not has_text:
            text = (
                f"Tệp PDF không có lớp chữ (bản quét) nên không tự tìm được chỗ ghi {names}."
                " Hãy chỉ vị trí trên trang."
            )
        super().__init__(text, names=names, missing=",".join(missing))


class PlaceAlreadyFilled(VanthuError):
    """Number or date is printed on the draft, where only the clerk's system may write it."""

    code = "PLACE_ALREADY_FILLED"
    message = "Dự thảo đã ghi sẵn {names} (“{printed}”). Hãy để trống, văn thư sẽ ghi khi ban hành."
    rule = "NĐ 30/2020 Điều 15, Phụ lục I, Phần I, II.3"

    def __init__(self, filled: str, printed: str) -> None:
        self.filled = filled
        super().__init__(names=PLACE_NAMES[filled], printed=printed, filled=filled)


@dataclass(frozen=True)
class Note:
    """Something a person should look at: a stable code and a Vietnamese sentence."""

    code: str
    text: str
