"""Pure decisions about the authority to sign: who may sign what, and whether the page says so (NĐ 30/2020 Đ13).

An authority follows from the post (head, acting head, deputy) or from a writing (TL., TUQ., and a deputy whose
fields the head has fixed). Refuses to look anything up: ``authority_queries`` gathers, ``gate`` asks.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import Enum
from uuid import UUID

from vanthu.errors import MustAct, VanthuError
from vanthu.formalities import DOCUMENT_TYPES
from vanthu.formalities.types import Family
from vanthu.legal.authority import (
    BLOCK_OF_DEPUTY_BY_ORDER,
    GIVEN_TYPES_CITE,
    PREFIX_RULES,
    Prefix,
)
from vanthu.vietnamese import fold

_PRINTED = re.compile(r"\s*(TM|KT|TL|TUQ|Q)\s*\.\s*(.*)", re.DOTALL)
_TITLES = re.compile(r"\b[\w]{1,5}\.\s*")


class NoAuthority(VanthuError):
    """Neither the post nor a writing lets this person sign the document."""

    code = "NO_AUTHORITY_TO_SIGN"
    message = (
        "{name} chưa có thẩm quyền ký văn bản này: {why}. Người đứng đầu cơ quan giao ký bằng văn bản, quản trị ghi "
        "vào mục Thẩm quyền ký; hoặc trình người khác ký."
    )
    must_act = MustAct.LEADER
    rule = "NĐ 30/2020 Đ13"
    http_status = 403


class BlockDiffers(VanthuError):
    """The page says another authority or another signer than the one who signs."""

    code = "SIGNER_BLOCK_DIFFERS"
    message = "Khối ký trên văn bản không khớp với người ký: {why}. Hãy trả lại để người soạn thảo sửa."
    rule = "NĐ 30/2020 Đ13, PL I.II.7"
    http_status = 409


class AuthorityIncomplete(VanthuError):
    """The writing does not say what the decree asks of it."""

    code = "AUTHORITY_INCOMPLETE"
    message = "Chưa ghi được thẩm quyền ký: {why}."
    must_act = MustAct.ADMINISTRATOR
    rule = "NĐ 30/2020 Đ13.3, Đ13.4"


class AuthorityUnknown(VanthuError):
    """No such authority in the agency, or it has ended."""

    code = "AUTHORITY_NOT_FOUND"
    message = "Không tìm thấy thẩm quyền ký này, hoặc đã kết thúc."
    http_status = 404


@dataclass(frozen=True)
class Paper:
    """What is to be signed. ``unit_id``: the drafting unit, empty when the drafter belongs to none; ``field_id``: the
    field of work, empty when the document is of none."""

    type_code: str
    unit_id: str = ""
    field_id: str = ""


@dataclass(frozen=True)
class Given:
    """One authority as it stands, from the post (``basis`` empty) or from a writing.

    ``since`` and ``until`` are days in Viet Nam, both included. ``by_order_of``: the position in whose place or by
    whose order it is. ``under``: the order within which a unit's deputy signs.
    """

    prefix: Prefix
    basis: str = ""
    type_codes: frozenset[str] = frozenset()
    unit_ids: frozenset[str] = frozenset()
    field_ids: frozenset[str] = frozenset()
    scope: str = ""
    since: date = date.min
    until: date | None = None
    ended: bool = False
    by_order_of: str = ""
    under: Given | None = None
    writing_id: UUID | None = None
    """The stored authority; None for what follows from the post."""

    @property
    def blocks(self) -> tuple[tuple[Prefix, ...], ...]:
        """The prefixes that may stand in the signer's block."""
        return BLOCK_OF_DEPUTY_BY_ORDER if self.under else PREFIX_RULES[self.prefix].blocks

    @property
    def cite(self) -> str:
        """The article that it rests on."""
        return PREFIX_RULES[Prefix.TL].cite if self.under else PREFIX_RULES[self.prefix].cite

    @property
    def words(self) -> str:
        """For the audit event and the use of the key: ``TUQ. (Quyết định 12/QĐ-SNV ngày 02/11/2026)``."""
        name = self.prefix.printed or self.prefix.label
        return f"{name} ({self.basis})" if self.basis else name


@dataclass(frozen=True)
class Standing:
    """What a post is in its agency by itself: ``leads`` with the role of leader, ``competence`` as it prints it."""

    leads: bool
    competence: str


class Misfit(Enum):
    """Why an authority does not cover a paper; the nearer misses come later."""

    ENDED = "đã kết thúc"
    NOT_YET = "chưa có hiệu lực"
    EXPIRED = "đã hết hạn"
    TYPE = "không gồm loại văn bản này"
    UNIT = "không gồm văn bản do đơn vị này soạn thảo"
    FIELD = "không gồm lĩnh vực của văn bản này"


def by_post(post: Standing, written: Iterable[Given]) -> tuple[Given, ...]:
    """What a post may sign by itself: the head everything, a deputy KT. everything unless the head fixed it.

    A deputy for whom any KT. was ever written signs by what is written alone (NĐ 30/2020 Đ13.1–13.2).
    """
    if not post.leads:
        return ()
    prefix = leading_prefix(post.competence)
    rule = PREFIX_RULES[prefix]
    if not rule.by_post:
        return ()
    fixed = any(one.prefix is Prefix.KT and one.under is None for one in written)
    return () if prefix is Prefix.KT and fixed else (Given(prefix, by_order_of=_rest(post.competence)),)


def leading_prefix(competence: str) -> Prefix:
    """The prefix that a post's competence begins with: ``KT. CHỦ TỊCH`` → KT."""
    found = _PRINTED.match(competence)
    return Prefix(found.group(1)) if found else Prefix.NONE


def choose(givens: Sequence[Given], paper: Paper, on: date, printed: Block | None, name: str) -> Given:
    """The authority by which the paper is signed: one that covers it, best the one that the page prints.

    Raises :class:`NoAuthority` with what comes nearest.
    """
    misfits = [(one, _misfit(one, paper, on)) for one in givens]
    fitting = [one for one, misfit in misfits if misfit is None]
    if fitting:
        said = [one for one in fitting if printed is not None and printed.prefixes in one.blocks]
        return (said or fitting)[0]
    raise NoAuthority(name=name, why=_nearest([(one, why) for one, why in misfits if why]))


def _misfit(given: Given, paper: Paper, on: date) -> Misfit | None:
    if given.under is not None and (above := _time_misfit(given.under, on)):
        return above
    if late := _time_misfit(given, on):
        return late
    if not _covers_type(given, paper.type_code):
        return Misfit.TYPE
    if given.unit_ids and paper.unit_id not in given.unit_ids:
        return Misfit.UNIT
    if given.field_ids and paper.field_id not in given.field_ids:
        return Misfit.FIELD
    return None if given.under is None else _misfit(given.under, paper, on)


def _time_misfit(given: Given, on: date) -> Misfit | None:
    if given.ended:
        return Misfit.ENDED
    if on < given.since:
        return Misfit.NOT_YET
    return Misfit.EXPIRED if given.until is not None and on > given.until else None


def _covers_type(given: Given, type_code: str) -> bool:
    if given.type_codes:
        return type_code in given.type_codes
    return PREFIX_RULES[given.prefix].by_post or not is_normative(type_code)


def is_normative(type_code: str) -> bool:
    """Whether the type is a legal normative one."""
    kind = DOCUMENT_TYPES.get(type_code)
    return kind is not None and kind.family is Family.LEGAL_NORMATIVE


def _nearest(misfits: Sequence[tuple[Given, Misfit]]) -> str:
    if not misfits:
        return "không phải người đứng đầu, cấp phó, và không có văn bản giao ký"
    order = list(Misfit)
    given, misfit = max(misfits, key=lambda pair: order.index(pair[1]))
    when = ""
    if misfit is Misfit.EXPIRED and given.until:
        when = f" từ {given.until:%d/%m/%Y}"
    elif misfit is Misfit.NOT_YET:
        when = f" (từ {given.since:%d/%m/%Y})"
    return f"{given.words} {misfit.value}{when}"


@dataclass(frozen=True)
class Block:
    """The signer's block as printed: lines of the position from the top down, the name below."""

    position: tuple[str, ...]
    name: str

    @property
    def prefixes(self) -> tuple[Prefix, ...]:
        """The prefixes printed, from the top down."""
        return tuple(Prefix(found.group(1)) for line in self.position if (found := _PRINTED.match(line)))

    @property
    def title(self) -> str:
        """The signer's own position: the last line, without a prefix that stands on it."""
        return _rest(self.position[-1]) if self.position else ""


@dataclass(frozen=True)
class Difference:
    """One thing that the page says differently; ``refuses``: it must not be signed like this."""

    why: str
    refuses: bool


def differences(block: Block, given: Given, *, name: str, position: str) -> list[Difference]:
    """How the printed block differs from who signs by which authority (NĐ 30/2020 PL I.II.7a–b).

    Another prefix or another name is refused; another wording of the position is told.
    """
    found = []
    if block.prefixes not in given.blocks:
        printed = " ".join(one.printed for one in block.prefixes) or "không có"
        wanted = " hoặc ".join(" ".join(one.printed for one in row) or "không có" for row in given.blocks)
        found.append(Difference(f"quyền hạn in trên trang là “{printed}”, thẩm quyền là “{wanted}”", True))
    if name_key(block.name) != name_key(name):
        found.append(Difference(f"họ tên in trên trang là “{block.name}”, người ký là “{name}”", True))
    if block.title and not _same_title(block.title, position):
        found.append(Difference(f"chức vụ in trên trang là “{block.title}”, chức vụ là “{position}”", False))
    return found


def require_block(block: Block | None, given: Given, *, name: str, position: str) -> None:
    """Raise :class:`BlockDiffers` when the page says what must not be signed; a page without a block is told of
    elsewhere, since a scan has no words to read."""
    if block is None:
        return
    wrong = [one.why for one in differences(block, given, name=name, position=position) if one.refuses]
    if wrong:
        raise BlockDiffers(why="; ".join(wrong))


def name_key(name: str) -> str:
    """A name folded, without academic titles (``TS.``, ``PGS.TS.``)."""
    return fold(_TITLES.sub("", name)).strip()


def _same_title(printed: str, position: str) -> bool:
    one, other = fold(_rest(printed)), fold(_rest(position))
    return one == other or one in other or other in one


def _rest(text: str) -> str:
    found = _PRINTED.match(text)
    return (found.group(2) if found else text).strip()


@dataclass(frozen=True)
class AuthorityData:
    """What the administrator enters of a writing; keys are those of the directory."""

    post_id: str
    prefix: Prefix
    basis: str
    since: date
    until: date | None = None
    type_codes: Collection[str] = ()
    unit_ids: Collection[str] = ()
    field_ids: Collection[str] = ()
    scope: str = ""
    under_id: str = ""


def require_complete(
    data: AuthorityData, *, holder: Standing, giver_prefix: Prefix, under: Given | None
) -> None:
    """Whether the writing says what the decree asks (Đ13.3–13.4). Raises :class:`AuthorityIncomplete`.

    ``giver_prefix``: by which authority whoever gave it signs; TUQ. is never passed on, TL. to a deputy only.
    """
    rule = PREFIX_RULES[data.prefix]
    problems = []
    if not data.basis.strip():
        problems.append("chưa ghi văn bản giao ký (số, ngày, cơ quan ban hành)")
    if rule.by_post and data.prefix is not Prefix.KT:
        problems.append("thẩm quyền của người đứng đầu theo chức vụ, không cần giao")
    if data.prefix is Prefix.KT and under is None and not holder.leads:
        problems.append("ký thay người đứng đầu cơ quan chỉ giao cho cấp phó của người đứng đầu")
    if under is not None and (data.prefix is not Prefix.KT or under.prefix is not Prefix.TL):
        problems.append("chỉ người được ký thừa lệnh được giao lại cho cấp phó ký thay")
    if under is None and giver_prefix not in {Prefix.NONE, Prefix.TM, Prefix.Q}:
        problems.append(
            "người được ủy quyền không được ủy quyền lại; người giao ký phải là người đứng đầu cơ quan"
        )
    problems += _lacks_limits(data, ends=rule.ends, named=rule.named_types, under=under)
    if problems:
        raise AuthorityIncomplete(why="; ".join(problems))


def _lacks_limits(data: AuthorityData, *, ends: bool, named: bool, under: Given | None) -> list[str]:
    problems = []
    if named and not data.type_codes:
        problems.append("văn bản giao ký phải nêu loại văn bản")
    if named and any(map(is_normative, data.type_codes)):
        problems.append(
            f"không giao ký thừa lệnh, thừa ủy quyền văn bản quy phạm pháp luật ({GIVEN_TYPES_CITE})"
        )
    if data.prefix is Prefix.TUQ and not data.scope.strip():
        problems.append("ủy quyền phải giới hạn nội dung")
    if ends and data.until is None:
        problems.append("ủy quyền phải có thời hạn")
    if data.until is not None and data.until < data.since:
        problems.append("ngày kết thúc đứng trước ngày bắt đầu")
    if under is not None and under.type_codes and not set(data.type_codes) <= under.type_codes:
        problems.append("không giao lại loại văn bản ngoài lệnh")
    if under is not None and under.field_ids and not set(data.field_ids) <= under.field_ids:
        problems.append("không giao lại lĩnh vực ngoài lệnh")
    return problems
