"""From when something is a matter for a person. Pure; the figures stand in one place.

Urgent documents are handled at once (QĐ 28/2018/QĐ-TTg), ordinary ones within the working day.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

URGENT_LATE = timedelta(minutes=10)
ORDINARY_SLOW = timedelta(hours=2)
ORDINARY_LATE = timedelta(hours=8)
SILENT_AFTER = timedelta(minutes=30)
MANY_FAILURES = 10


class Tone(Enum):
    """How bad it is; the value is the tone of the state badge."""

    CALM = "good"
    WATCH = "warn"
    ACT = "bad"


@dataclass(frozen=True)
class Concern:
    """One reason why a person should look: ``sentence`` says what to do."""

    tone: Tone
    sentence: str


@dataclass(frozen=True)
class QueueFacts:
    """What is known of one recipient system at an instant; instants in UTC, None where there is none."""

    waiting: int
    oldest: datetime | None
    urgent: int
    oldest_urgent: datetime | None
    last_call: datetime | None
    failures: int
    active: bool = True


def concerns(facts: QueueFacts, now: datetime) -> tuple[Concern, ...]:
    """What needs a person, worst first; nothing when all is well."""
    found = [*_about_age(facts, now), *_about_silence(facts, now), *_about_failures(facts)]
    return tuple(sorted(found, key=lambda concern: concern.tone is not Tone.ACT))


def tone_of(found: tuple[Concern, ...]) -> Tone:
    """The worst tone among the concerns."""
    return found[0].tone if found else Tone.CALM


def _about_age(facts: QueueFacts, now: datetime) -> list[Concern]:
    found = []
    if facts.oldest_urgent is not None and now - facts.oldest_urgent > URGENT_LATE:
        found.append(Concern(Tone.ACT, "Văn bản khẩn chưa được lấy: gọi ngay cho bên nhận."))
    if facts.oldest is not None and now - facts.oldest > ORDINARY_LATE:
        found.append(Concern(Tone.ACT, "Gói tin chờ quá 8 giờ: gọi cho bên nhận."))
    elif facts.oldest is not None and now - facts.oldest > ORDINARY_SLOW:
        found.append(Concern(Tone.WATCH, "Gói tin chờ quá 2 giờ: theo dõi, nhắc bên nhận."))
    return found


def _about_silence(facts: QueueFacts, now: datetime) -> list[Concern]:
    if not facts.waiting:
        return []
    if not facts.active:
        return [Concern(Tone.ACT, "Hệ thống đang bị ngừng mà còn gói tin chờ: mở lại hoặc chuyển cơ quan.")]
    if facts.last_call is None:
        return [Concern(Tone.ACT, "Chưa bao giờ gọi trục mà đã có gói tin chờ: kiểm tra kết nối của họ.")]
    if now - facts.last_call > SILENT_AFTER:
        return [Concern(Tone.ACT, "Không gọi trục hơn 30 phút mà có gói tin chờ: hệ thống của họ đang dừng.")]
    return []


def _about_failures(facts: QueueFacts) -> list[Concern]:
    if facts.failures >= MANY_FAILURES:
        return [Concern(Tone.ACT, "Nhiều lỗi trong 24 giờ: mở trang lỗi để xem nguyên nhân.")]
    if facts.failures:
        return [Concern(Tone.WATCH, "Có lỗi trong 24 giờ qua.")]
    return []
