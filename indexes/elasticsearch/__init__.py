"""The search backend on an Elasticsearch cluster: as many machines as the catalog needs."""
