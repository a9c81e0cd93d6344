// Makes the node a replica set, once; run by mongosh.
/* global db, rs, sleep */
const password = require('fs').readFileSync('/run/secrets/mongodb_admin_password', 'utf8').trim();
db.getSiblingDB('admin').auth('cro_admin', password);
try {
  rs.status();
} catch (error) {
  // NotYetInitialized
  if (error.code !== 94) throw error;
  rs.initiate({ _id: 'rs0', members: [{ _id: 0, host: 'mongodb:27017' }] });
}
while (!db.hello().isWritablePrimary) sleep(200);
