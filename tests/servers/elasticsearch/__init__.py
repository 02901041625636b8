"""A real Elasticsearch for the tests: from Maven Central, with Lucene's analyzers as a plugin of our own.

The server is Elasticsearch's own node as its makers test with it. It lacks their analysis modules, so a small plugin
(``plugin/``) registers Lucene's analyzers under the names that a full distribution and its plugins use.
"""

from tests.servers.elasticsearch.cluster import Cluster

__all__ = ["Cluster"]
