"""``vanthu messages``: gathers what people read on the screen into the catalogues of the other languages.

Owns which texts of the source count as read on the screen. Refuses to translate: a new text stands in the
catalogue without a translation until a person writes one, and ``--check`` fails until then.
"""

from __future__ import annotations

import ast
import io
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

if TYPE_CHECKING:
    from babel.messages.catalog import Catalog

PACKAGE = Path(__file__).resolve().parent.parent

SPOKEN = (
    "axis/watch/causes.py",
    "axis/watch/thresholds.py",
    "base/actors.py",
    "copying/rules.py",
    "copying/scans.py",
    "edxml/checks.py",
    "edxml/codes.py",
    "edxml/kinds.py",
    "edxml/notes.py",
    "errors.py",
    "exchange/jobs.py",
    "exchange/rules.py",
    "exchange/standing.py",
    "formalities/archival.py",
    "formalities/byhand.py",
    "formalities/checking.py",
    "formalities/conversion.py",
    "formalities/marks.py",
    "formalities/dateline.py",
    "formalities/placement.py",
    "formalities/remarks.py",
    "formalities/signerblock.py",
    "formalities/types.py",
    "handling/actions.py",
    "handling/answering.py",
    "handling/authorities.py",
    "handling/checks.py",
    "handling/contents.py",
    "handling/destroying.py",
    "handling/opening.py",
    "handling/recalls.py",
    "handling/rules.py",
    "identifiers/agency.py",
    "legal/authority.py",
    "legal/channels.py",
    "legal/recalls.py",
    "exchange/completeness.py",
    "issuing/actions/preparing.py",
    "issuing/actions/following.py",
    "issuing/actions/co_issuers.py",
    "issuing/actions/outside.py",
    "issuing/actions/recalling.py",
    "issuing/joint_rules.py",
    "issuing/rules.py",
    "pades/integrity.py",
    "pades/qualified.py",
    "pades/report.py",
    "records/views.py",
    "signing/authority_rules.py",
    "signing/certificate_queries.py",
    "signing/enrolling.py",
    "signing/papers.py",
    "signing/trust_lists.py",
    "signing/trust_queries.py",
    "signing/trust_rules.py",
)
"""Modules that know no gettext and whose Vietnamese texts reach the screen; ``web.words.said`` translates them."""

_SINGLE = {"_", "gettext", "gettext_lazy", "said"}
_PLURAL = {"ngettext", "ngettext_lazy"}
_CONTEXT = {"pgettext", "pgettext_lazy"}
_TEMPLATE_KEYWORDS: dict[str, Any] = {
    "_": None,
    "gettext": None,
    "ngettext": (1, 2),
    "pgettext": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
}
_LABELLED = {"TextChoices", "IntegerChoices", "StrEnum", "IntEnum", "Enum"}
_VIETNAMESE = re.compile("[À-ÃÈ-ÊÌÍÒ-ÕÙÚÝà-ãè-êìíò-õùúýĂăĐđĨĩŨũƠơƯưẠ-ỹ]")
_CITATION = re.compile(r"(NĐ|QĐ|TT|NQ|Phần|PL) ?[\dI]")
_PATTERN = re.compile(r"\\[a-z({]|\(\?")
_PLACES = re.compile(r"%\(\w+\)[sd]|%[sd]|\{\w*\}")

Message = tuple[str, tuple[str, ...]]
"""Context (or empty) and msgid, with the plural when there is one."""


def messages(
    check: bool = typer.Option(False, "--check", help="Chỉ kiểm tra: bản dịch có đủ và đúng không."),
) -> None:
    """Gom lời văn trên màn hình vào các bản dịch; với --check thì báo chỗ thiếu."""
    wrong = problems() if check else []
    for path in () if check else catalogs():
        typer.echo(f"{path.relative_to(PACKAGE)}: {update(path)} câu chưa dịch")
    for line in wrong:
        typer.echo(line, err=True)
    raise typer.Exit(1 if wrong else 0)


def catalogs() -> list[Path]:
    """The catalogue of each language."""
    return sorted(PACKAGE.glob("locale/*/LC_MESSAGES/django.po"))


def update(path: Path) -> int:
    """Bring a catalogue up to what the source says, keeping translations; returns how many are missing."""
    from babel.messages.catalog import Catalog
    from babel.messages.pofile import write_po

    old, new = _read(path), Catalog(locale=path.parent.parent.name)
    for (context, ids), places in sorted(extracted().items(), key=lambda item: (sorted(item[1]), item[0])):
        known = old.get(ids[0], context or None)
        plural = len(ids) > 1
        blank: Any = ("",) * new.num_plurals if plural else ""
        kept = known.string if known and isinstance(known.string, tuple) == plural else blank
        flags = known.flags & {"fuzzy"} if known else set()
        new.add(
            ids if plural else ids[0],
            kept,
            locations=[(place, 0) for place in sorted(places)],
            flags=flags,
            context=context or None,
        )
    text = io.BytesIO()
    write_po(text, new, width=110, omit_header=True, include_lineno=False, sort_by_file=True)
    header = _HEADER.format(language=new.locale_identifier, plural_forms=new.plural_forms)
    path.write_bytes(header.encode() + text.getvalue())
    return sum(1 for message in new if message.id and not _filled(message.string))


def problems() -> list[str]:
    """What is wrong with the catalogues: missing, fuzzy, obsolete entries, places that were lost or made up."""
    wanted = extracted()
    return [line for path in catalogs() for line in _problems_of(path, wanted)]


def _problems_of(path: Path, wanted: dict[Message, set[str]]) -> Iterator[str]:
    name = path.parent.parent.name
    catalog = _read(path)
    found: set[Message] = set()
    for message in catalog:
        if not message.id:
            continue
        ids: Any = message.id if isinstance(message.id, tuple) else (message.id,)
        found.add((message.context or "", ids))
        if (message.context or "", ids) not in wanted:
            yield f"{name}: thừa: {ids[0]}"
        elif message.fuzzy:
            yield f"{name}: chưa chắc: {ids[0]}"
        elif not _filled(message.string):
            yield f"{name}: chưa dịch: {ids[0]}"
        else:
            yield from _place_problems(name, ids, message.string)
    for (_context, ids), places in wanted.items():
        if (_context, ids) not in found:
            yield f"{name}: thiếu: {ids[0]} ({', '.join(sorted(places))})"
    yield from (f"{name}: thừa: {message.id}" for message in catalog.obsolete.values())


def _place_problems(name: str, ids: tuple[str, ...], string: Any) -> Iterator[str]:
    for text in string if isinstance(string, tuple) else (string,):
        if sorted(set(_PLACES.findall(text))) != sorted(set(_PLACES.findall(ids[0]))):
            yield f"{name}: chỗ điền khác nhau: {ids[0]} → {text}"


def _filled(string: Any) -> bool:
    return all(string) if isinstance(string, tuple) else bool(string)


def _read(path: Path) -> Catalog:
    from babel.messages.pofile import read_po

    with path.open("rb") as text:
        return read_po(text, locale=path.parent.parent.name)


_HEADER = """\
# Words of the interface in one other language; the source language is Vietnamese.
# ``vanthu messages`` gathers the entries, ``vanthu messages --check`` says what is missing.
msgid ""
msgstr ""
"Language: {language}\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"Plural-Forms: {plural_forms}\\n"

"""
"""Without times: writing a catalogue anew without a change changes no byte."""


# --- what the source says ---


def extracted() -> dict[Message, set[str]]:
    """Every text of the screen with the files that say it."""
    found: dict[Message, set[str]] = {}
    for path, texts in _of_files():
        for text in texts:
            found.setdefault(text, set()).add(str(path.relative_to(PACKAGE)))
    return found


def _of_files() -> Iterator[tuple[Path, Iterable[Message]]]:
    for path in sorted(PACKAGE.rglob("*.py")):
        room = path.relative_to(PACKAGE).parts[0]
        if "migrations" not in path.parts and room not in {"commands", "demo"}:
            yield path, _of_python(path)
    for path in sorted(path for path in PACKAGE.rglob("templates/**/*") if path.suffix in (".html", ".txt")):
        yield path, _of_template(path)


def _of_template(path: Path) -> Iterator[Message]:
    from babel.messages.extract import extract
    from django.utils.translation.template import templatize

    # Read as Python, and the indentation of a page means nothing in it.
    lines = templatize(path.read_text(encoding="utf-8"), origin=str(path)).splitlines()
    source = io.BytesIO("\n".join(line.lstrip() for line in lines).encode())
    for _line, ids, _comments, context in extract("python", source, keywords=_TEMPLATE_KEYWORDS):
        yield context or "", (ids,) if isinstance(ids, str) else tuple(ids)


def _of_python(path: Path) -> Iterator[Message]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            yield from _called(node)
        elif isinstance(node, ast.ClassDef):
            yield from _class_texts(node)
    if any(path.relative_to(PACKAGE).match(pattern) for pattern in SPOKEN):
        yield from _spoken(tree)


def _called(node: ast.Call) -> Iterator[Message]:
    name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
    texts = [
        argument.value
        for argument in node.args
        if isinstance(argument, ast.Constant) and isinstance(argument.value, str)
    ]
    if name in _SINGLE and texts:
        yield "", (texts[0],)
    elif name in _PLURAL and len(texts) == 2:
        yield "", (texts[0], texts[1])
    elif name in _CONTEXT and len(texts) == 2:
        yield texts[0], (texts[1],)


def _class_texts(node: ast.ClassDef) -> Iterator[Message]:
    """The message of an error; the labels of an enumeration."""
    labelled = any(getattr(base, "attr", getattr(base, "id", "")) in _LABELLED for base in node.bases)
    for line in node.body:
        if not isinstance(line, ast.Assign | ast.AnnAssign):
            continue
        value = line.value
        targets = getattr(line, "targets", [getattr(line, "target", None)])
        names = {target.id for target in targets if isinstance(target, ast.Name)}
        if labelled and isinstance(value, ast.Tuple):
            value = value.elts[-1]
        elif names != {"message"} and not labelled:
            continue
        if isinstance(value, ast.Constant) and _is_said(value.value):
            yield "", (str(value.value),)


def _spoken(tree: ast.Module) -> Iterator[Message]:
    """Every Vietnamese text of a module but docstrings, patterns, citations; f-strings as templates."""
    silent = {
        id(line.value)
        for node in ast.walk(tree)
        if isinstance(body := getattr(node, "body", ()), list)
        for line in body
        if isinstance(line, ast.Expr)
    }
    for node in ast.walk(tree):
        text: Any
        if isinstance(node, ast.JoinedStr):
            silent.update(id(part) for part in node.values)
            text = _template_of(node)
        elif isinstance(node, ast.Constant) and id(node) not in silent:
            text = node.value
        else:
            continue
        if _is_said(text):
            yield "", (text,)


def _template_of(node: ast.JoinedStr) -> str:
    """``f"Tệp {file.name} rỗng"`` → ``Tệp {name} rỗng``; what is computed on the spot is numbered."""
    text, names = "", list[str]()
    for part in node.values:
        if isinstance(part, ast.Constant):
            text += str(part.value)
        elif isinstance(part, ast.FormattedValue):
            name = getattr(part.value, "attr", getattr(part.value, "id", ""))
            names.append(name if name and name not in names else f"part{len(names) + 1}")
            text += "{" + names[-1] + "}"
    return text


def _is_said(text: Any) -> bool:
    return (
        isinstance(text, str)
        and len(text) > 2
        and _VIETNAMESE.search(text) is not None
        and not _CITATION.match(text)
        and not _PATTERN.search(text)
        and len(re.sub(r"\{\w*\}|\W", "", text)) > 2
    )


def attach(app: typer.Typer) -> None:
    """Hang the command under the program."""
    app.command()(messages)
