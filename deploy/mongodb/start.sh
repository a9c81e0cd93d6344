#!/bin/sh
# mongod refuses a key file that others can read, and secrets arrive with the owner of the host.
set -eu
install -m 400 -o mongodb -g mongodb /run/secrets/mongodb_keyfile /tmp/keyfile
# A worker killed inside a transaction leaves its record locked until the limit is over; ours last milliseconds, the default is 60 s.
exec docker-entrypoint.sh mongod --replSet rs0 --keyFile /tmp/keyfile --bind_ip_all --wiredTigerCacheSizeGB 1 \
  --setParameter transactionLifetimeLimitSeconds=10
