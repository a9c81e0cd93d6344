#!/bin/sh
# Creates both databases and brings their schemas to this release of the server. Safe to repeat.
set -eu
SQL_PASSWORD=$(cat /run/secrets/postgres_password)
export SQL_PASSWORD

tool() { temporal-sql-tool --plugin postgres12 --ep postgresql -p 5432 -u temporal "$@"; }

for database in temporal temporal_visibility; do
  schema=${database#temporal_}
  # PostgreSQL knows no "create if not exists" for databases; the update below fails when it is not there.
  tool --db "$database" create || true
  # Setting up a schema that is there is refused.
  tool --db "$database" setup-schema -v 0.0 || true
  tool --db "$database" update-schema -d "/etc/temporal/schema/postgresql/v12/$schema/versioned"
done
