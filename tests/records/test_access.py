"""Who sees what: another agency's person and an uninvolved person of the same agency get nothing, everywhere."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from tests.records.conftest import Registry, make_document, make_registry

from vanthu.base.actors import Actor, NotYours
from vanthu.base.ids import new_id
from vanthu.directory.models import Person
from vanthu.records import files, queries
from vanthu.records.models import (
    Capacity,
    Direction,
    Document,
    DocumentFile,
    FileKind,
    FileStage,
)
from vanthu.records.participants import include


@pytest.fixture
def stranger(registry: Registry) -> Actor:
    return make_registry("Ủy ban nhân dân xã Cẩm Xuyên").clerk


@pytest.fixture
def document(registry: Registry) -> Document:
    found = make_document(registry.agency, "Kế hoạch tuyến đường ven biển")
    include(found, registry.clerk.principals[1], Capacity.REGISTRY)
    return found


@pytest.fixture
def file(document: Document, registry: Registry) -> DocumentFile:
    return files.add_version(
        document,
        b"%PDF-1.7 noi dung",
        kind=FileKind.MAIN,
        stage=FileStage.DRAFT,
        name="ke-hoach.pdf",
        actor=registry.clerk,
    )


def test_the_clerk_sees_the_document_others_get_the_answer_of_a_document_that_does_not_exist(
    registry: Registry, stranger: Actor, document: Document, file: DocumentFile
) -> None:
    assert queries.get(registry.clerk, document.pk) == document
    for outsider in (registry.specialist, stranger):
        for key in (document.pk, new_id()):
            with pytest.raises(NotYours):
                queries.get(outsider, key)
        with pytest.raises(NotYours):
            queries.file_of(outsider, file.pk)
        assert queries.search(outsider, "tuyen duong") == []
        assert queries.page(outsider, Direction.OUTGOING).documents == []
        assert queries.page(outsider, Direction.OUTGOING, text="ven bien").documents == []
    assert queries.search(registry.clerk, "tuyen duong") == [document]


@pytest.mark.parametrize(
    "door",
    [
        "/documents/{document}/",
        "/files/{file}",
        "/files/{file}?download",
        "/api/v1/documents/{document}",
        "/documents/{document}/deliveries/",
        "/documents/{document}/checks",
        "/documents/{document}/edit/",
    ],
)
def test_every_door_answers_outsiders_as_if_there_were_nothing(
    registry: Registry, stranger: Actor, document: Document, file: DocumentFile, door: str
) -> None:
    path = door.format(document=document.pk, file=file.pk)
    for outsider in (registry.specialist, stranger):
        client = _client(outsider)
        answer = client.get(path)
        assert answer.status_code in (403, 404), path
        assert "ven biển" not in answer.content.decode(errors="replace")
    assert Client().get(path).status_code in (302, 401)


@pytest.mark.parametrize(
    "door", ["/search/?q=ven bien", "/outgoing/?q=ven bien", "/api/v1/search?q=ven+bien", "/outgoing/", "/"]
)
def test_lists_and_search_show_outsiders_nothing(
    registry: Registry, stranger: Actor, document: Document, door: str
) -> None:
    assert "tuyến đường ven biển" in _client(registry.clerk).get("/outgoing/").content.decode()
    for outsider in (registry.specialist, stranger):
        assert "tuyến đường ven biển" not in _client(outsider).get(door).content.decode()


@pytest.mark.parametrize("door", ["/outgoing/", "/search/?q=van ban", "/", "/registers/", "/directory/"])
def test_the_queries_of_a_list_do_not_grow_with_its_rows(registry: Registry, door: str) -> None:
    client = _client(registry.clerk)
    counts = []
    for more in (3, 40):
        for index in range(more):
            include(
                make_document(registry.agency, f"Văn bản {index}"),
                registry.clerk.principals[1],
                Capacity.REGISTRY,
            )
        client.get(door)
        with CaptureQueriesContext(
            connection,
        ) as asked:
            assert client.get(door).status_code == 200
        counts.append(len(asked))
    assert counts[0] == counts[1], [query["sql"] for query in asked.captured_queries]


def test_pages_of_a_list_cover_every_document_once_newest_first(registry: Registry) -> None:
    made = [make_document(registry.agency, f"Văn bản {index}") for index in range(25)]
    for document in made:
        include(document, registry.clerk.principals[0], Capacity.DRAFTER)
        include(document, registry.clerk.principals[1], Capacity.REGISTRY)
    seen: list[Document] = []
    before = None
    while True:
        page = queries.page(registry.clerk, Direction.OUTGOING, before=before, size=10)
        seen += page.documents
        before = page.next_before
        if before is None:
            break
    assert seen == sorted(made, key=lambda document: document.pk, reverse=True)


def _client(actor: Actor) -> Client:
    client = Client()
    client.force_login(Person.objects.get(pk=actor.person_id))
    return client
