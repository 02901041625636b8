#!/bin/bash
# Makes an authority and the certificates of instances.yml, once; what is there stays. Runs as root in the image of
# Elasticsearch, into the volume "certificates" at /certificates.
set -euo pipefail
cd /certificates

if [ ! -f ca/ca.crt ]; then
    /usr/share/elasticsearch/bin/elasticsearch-certutil ca --silent --pem --days 3650 --out /tmp/ca.zip
    unzip -q /tmp/ca.zip -d .
fi
for name in elasticsearch-1 elasticsearch-2 elasticsearch-3 postgres; do
    [ -f "$name/$name.crt" ] && continue
    /usr/share/elasticsearch/bin/elasticsearch-certutil cert --silent --pem --days 825 --out /tmp/new.zip \
        --in /instances.yml --ca-cert ca/ca.crt --ca-key ca/ca.key
    unzip -qo /tmp/new.zip -d /tmp/new
    cp -r "/tmp/new/$name" .
    rm -r /tmp/new /tmp/new.zip
done

# The authority's key is root's; each other key is its service's (PostgreSQL refuses one that others can read).
chown -R root:root . && chmod -R u=rwX,go= ca
chmod 755 . ca && chmod 644 ca/ca.crt
for name in elasticsearch-1 elasticsearch-2 elasticsearch-3; do
    chown -R 1000:0 "$name" && chmod -R u=rwX,go= "$name"
done
chown -R 999:999 postgres && chmod -R u=rwX,go= postgres
