"""Keys and passwords: refused without being shown, and in no answer."""

from pathlib import Path

import pytest

from api.cluster import connect
from api.settings import load
from api.urls import without_password
from catalog.errors import UnavailableError, UsageError


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("https://u:p@a:9200,https://u:a:b@b", "https://u:***@a:9200,https://u:***@b"),
        ("https://u:p/w@a", "https://u:***@a"),
        ("https://u:p@ss@a", "https://u:***@a"),
        ("postgresql+psycopg://u:p%40@h/d?sslmode=require", "postgresql+psycopg://u:***@h/d?sslmode=require"),
        (
            "postgresql+psycopg://u@h/d?password=p&sslmode=require",
            "postgresql+psycopg://u@h/d?password=***&sslmode=require",
        ),
        ("http://a:9200", "http://a:9200"),
        ("sqlite:////a/b.db", "sqlite:////a/b.db"),
    ],
)
def test_an_address_is_shown_without_its_password(given: str, shown: str) -> None:
    assert without_password(given) == shown


@pytest.mark.parametrize("key", ["two words", "ключ", "a\r\nx: y", "a\x00b"])
def test_what_can_be_no_key_is_refused_and_not_shown(key: str) -> None:
    with pytest.raises(UsageError, match="LEXICART_ELASTICSEARCH_API_KEY") as refused:
        load(elasticsearch_api_key=key)
    assert key not in str(refused.value)


def test_a_key_is_a_key() -> None:
    assert load(elasticsearch_api_key="SGFsbG8=:_-").elasticsearch_api_key.get_secret_value() == "SGFsbG8=:_-"


@pytest.mark.parametrize(
    ("content", "said"), [(None, "No such file"), ("", "no certificates"), ("x", "no certificates")]
)
def test_a_file_of_certificates_that_is_none_is_named(tmp_path: Path, content: str | None, said: str) -> None:
    path = tmp_path / "ca.pem"
    if content is not None:
        path.write_text(content, encoding="utf-8")
    settings = load(elasticsearch_certificates=path, elasticsearch_url="https://localhost:9")
    with pytest.raises(UnavailableError, match=rf"LEXICART_ELASTICSEARCH_CERTIFICATES=.*ca\.pem: {said}"):
        connect(settings)
