# Elasticsearch with the analyzers that the fifteen languages need and that do not come with it (docs/cluster.md).
#
# The image is pinned by its version, which is that of the tests; a plugin fits one version only, so both change together.
# Its digest could not be looked up where this was written.
FROM elasticsearch:9.5.0

RUN bin/elasticsearch-plugin install --batch \
    analysis-kuromoji \
    analysis-nori \
    analysis-smartcn \
    analysis-stempel
