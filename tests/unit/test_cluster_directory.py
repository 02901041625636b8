"""What is known of a cluster's builds: asked once a second, by one thread, and never waited for; no server needed."""

import threading
from typing import Any

from indexes.elasticsearch.client import Connection, Place
from indexes.elasticsearch.directory import Directory
from indexes.elasticsearch.naming import Names


class SlowConnection(Connection):
    """Answers with the builds that it is told, when it is told to; each question is counted."""

    def __init__(self) -> None:
        super().__init__(Place(("http://127.0.0.1:9",)))
        self.build = "b1"
        self.asked = 0
        self.may_answer = threading.Event()
        self.may_answer.set()

    @property
    def reads(self) -> Any:
        return self

    @property
    def indices(self) -> Any:
        return self

    def get(self, **_query: object) -> dict[str, Any]:
        self.asked += 1
        answer = {
            f"shop-{part}-{self.build}": {"aliases": {f"shop-{part}": {}}, "mappings": {"_meta": {"commit": "c"}}}
            for part in ("de", "products")
        }
        answer[f"shop-test-de-{self.build}"] = {"aliases": {"shop-test-de": {}}}
        self.may_answer.wait(5)
        return answer


def test_many_questions_are_one_request() -> None:
    connection = SlowConnection()
    directory = Directory(connection, Names("shop"))
    assert [directory.live() for _ in range(50)] == ["b1"] * 50
    assert directory.languages("b1") == ["de"]
    assert directory.commit("b1") == "c"
    assert connection.asked == 1
    directory.forget()
    connection.build = "b2"
    assert directory.live() == "b2"


def test_nobody_waits_while_another_looks_again() -> None:
    connection = SlowConnection()
    directory = Directory(connection, Names("shop"))
    directory.live()
    connection.may_answer.clear()
    directory._read_at -= 1.2
    looking = threading.Thread(target=directory.live)
    looking.start()
    while connection.asked < 2:
        pass
    assert directory.live() == "b1"
    connection.may_answer.set()
    looking.join()
    assert connection.asked == 2


def test_what_was_asked_before_a_change_is_not_taken_for_after_it() -> None:
    connection = SlowConnection()
    directory = Directory(connection, Names("shop"))
    connection.may_answer.clear()
    looking = threading.Thread(target=directory.live)
    looking.start()
    while connection.asked < 1:
        pass
    connection.build = "b2"
    directory.forget()
    connection.may_answer.set()
    looking.join()
    assert directory.live() == "b2"
