"""Finding documents by what a clerk types: with or without accents, the beginning of a word, part of a number."""

from __future__ import annotations

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.records.conftest import Registry, make_document

from vanthu.records import queries
from vanthu.records.models import Capacity, Direction, Document
from vanthu.records.participants import include
from vanthu.vietnamese import fold


@pytest.fixture
def plan(registry: Registry) -> Document:
    return _document(registry, "Kế hoạch phòng, chống thiên tai (đợt 2) tại Đức Thọ", "125/KH-UBND")


@pytest.mark.parametrize(
    "typed",
    [
        "kế hoạch",
        "KE HOACH",
        "thiên ta",
        "phòng, chống",
        "phong chong duc tho",
        "dot 2",
        "(đợt 2)",
        "125",
        "12",
        "125/KH",
        "125/kh-ubnd",
        "kh-ubnd",
        "ubnd",
        "ubnd 125",
    ],
)
def test_the_document_is_found_by(registry: Registry, plan: Document, typed: str) -> None:
    assert queries.search(registry.clerk, typed) == [plan]
    assert list(queries.page(registry.clerk, Direction.OUTGOING, text=typed).documents) == [plan]


@pytest.mark.parametrize(
    "typed", ["oach", "25/KH", "125/QĐ", "ke hoach hoai", "125 | KH", "' | 'ke", "%", "Ω"]
)
def test_the_document_is_not_found_by(registry: Registry, plan: Document, typed: str) -> None:
    assert queries.search(registry.clerk, typed) == []


@pytest.mark.django_db
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    subject=st.text("aăâđeêioôơuưyáàảãạbcnt 019/-_.,'()%\\&|!:*", min_size=1, max_size=60).filter(
        lambda text: bool(text.strip())
    ),
    data=st.data(),
)
def test_every_word_of_a_document_finds_it_and_none_of_them_breaks_the_query(
    registry: Registry, subject: str, data: st.DataObject
) -> None:
    document = _document(registry, subject)
    word = data.draw(st.sampled_from(subject.split()))
    assert document in queries.search(registry.clerk, word)
    assert document in queries.search(registry.clerk, fold(word))


@pytest.mark.parametrize("typed", ["thien tai", "125/kh"])
def test_the_index_of_words_answers(registry: Registry, plan: Document, typed: str) -> None:
    """The expression of the query must be that of the index, or a large site reads every document."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
    steps = Document.objects.filter(queries.holding(typed)).explain()
    assert "records_document_words" in steps


def test_a_page_is_full_even_when_one_person_takes_part_in_many_capacities(registry: Registry) -> None:
    made = [make_document(registry.agency, f"Văn bản {index}") for index in range(30)]
    for document in made:
        for capacity in (Capacity.LEAD, Capacity.COLLABORATOR, Capacity.INFORMED, Capacity.DRAFTER):
            include(document, registry.specialist.principals[0], capacity)
    seen, before = [], None
    while True:
        page = queries.page(registry.specialist, Direction.OUTGOING, before=before, size=10)
        assert len(page.documents) == 10
        seen += page.documents
        before = page.next_before
        if before is None:
            break
    assert seen == made[::-1]


def _document(registry: Registry, subject: str, code: str = "") -> Document:
    document = make_document(registry.agency, subject)
    document.code = code
    document.save()
    include(document, registry.clerk.principals[1], Capacity.REGISTRY)
    return document
