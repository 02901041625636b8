"""From settings to the Elasticsearch backend."""

import ssl
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from api.settings import Settings
from api.urls import without_password
from catalog.errors import BackendRefusesError

if TYPE_CHECKING:
    from indexes.elasticsearch.analyzers import Analyzers
    from indexes.elasticsearch.client import Connection
    from indexes.elasticsearch.index import ElasticsearchIndex
    from indexes.embedding import SentenceEncoder


def connect(settings: Settings) -> "Connection":
    """Return a connection to the cluster of the settings; nothing is sent yet."""
    from indexes.elasticsearch.client import Connection, Place

    certificates = settings.elasticsearch_certificates
    if certificates is not None:
        _check_certificates(certificates.expanduser(), settings.elasticsearch_url)
    return Connection(
        Place(
            settings.elasticsearch_url,
            settings.elasticsearch_api_key.get_secret_value(),
            str(certificates.expanduser()) if certificates else "",
            settings.elasticsearch_timeout,
        )
    )


def _check_certificates(path: Path, urls: Sequence[str]) -> None:
    """Name a file of certificates that is none; later it would look like a fault of the cluster."""
    try:
        ssl.create_default_context(cafile=path)
    except OSError as exc:
        said = "no certificates in it" if isinstance(exc, ssl.SSLError) else exc.strerror
        raise BackendRefusesError(
            f"LEXICART_ELASTICSEARCH_CERTIFICATES={path}: {said}. It takes a file in PEM"
        ) from exc
    if plain := [url for url in urls if not url.startswith("https:")]:
        raise BackendRefusesError(
            f"LEXICART_ELASTICSEARCH_CERTIFICATES is set, and an address is without TLS: {without_password(plain[0])}. "
            "Give https://..., or no certificates"
        )


def analyzers(settings: Settings) -> "Analyzers":
    """Return the analyzers of the settings."""
    from indexes.elasticsearch.analyzers import Analyzers
    from indexes.elasticsearch.substitutes import read_substitutes

    return Analyzers(read_substitutes(settings.analysis_substitutes))


def make_index(settings: Settings, connection: "Connection", encoder: "SentenceEncoder") -> "ElasticsearchIndex":
    """Return the backend on a cluster."""
    from indexes.elasticsearch.index import ElasticsearchIndex
    from indexes.embedding import language_means

    return ElasticsearchIndex(
        connection,
        settings.elasticsearch_prefix,
        analyzers(settings),
        language_means(encoder).by_language,
        encoder.dimensions,
        settings.elasticsearch_shards,
        settings.elasticsearch_replicas,
    )


def analysis_digest(settings: Settings, connection: "Connection") -> str:
    """Return a digest of what decides the tokens of the cluster's indexes; another one asks for a full build."""
    from indexes.elasticsearch.mappings import mappings_digest

    return mappings_digest(analyzers(settings), connection.version())
