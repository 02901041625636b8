"""From settings to the Elasticsearch backend."""

from typing import TYPE_CHECKING

from api.settings import Settings

if TYPE_CHECKING:
    from indexes.elasticsearch.analyzers import Analyzers
    from indexes.elasticsearch.client import Connection
    from indexes.elasticsearch.index import ElasticsearchIndex
    from indexes.embedding import SentenceEncoder


def connect(settings: Settings) -> "Connection":
    """Return a connection to the cluster of the settings; nothing is sent yet."""
    from indexes.elasticsearch.client import Connection, Place

    certificates = settings.elasticsearch_certificates
    return Connection(
        Place(
            settings.elasticsearch_url,
            settings.elasticsearch_api_key.get_secret_value(),
            str(certificates.expanduser()) if certificates else "",
        )
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
    )


def analysis_digest(settings: Settings, connection: "Connection") -> str:
    """Return a digest of what decides the tokens of the cluster's indexes; another one asks for a full build."""
    from indexes.elasticsearch.mappings import mappings_digest

    return mappings_digest(analyzers(settings), connection.version())
