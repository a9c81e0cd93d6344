const SEALING = 'test/store/sealing.test.ts';
const KEYS = 'test/platform/derivedKeys.test.ts';

/** The record proves itself. */
export const SEAL = [
  {
    id: 'P2', breaks: 'an entry that somebody with the database alone appended is believed',
    file: 'store/verify.ts', find: 'if (before === undefined || entry.seq > before.length) report(unsealedEntry(entry));\n        else if', replace: 'if (before !== undefined)\n        if', tests: [SEALING],
  },
  {
    id: 'P2', breaks: 'entries are sealed without the key ring',
    file: 'platform/derivedKeys.ts', find: "createHmac('sha256', derivedKey(key, purpose))", replace: "createHmac('sha256', purpose)", tests: [KEYS],
  },
  {
    id: 'P2', breaks: 'whoever takes the mark of sealing away has it made again over a forgery',
    file: 'store/sealing.ts', find: "if ((await trail.findOne({ seal: { $exists: true } }, { projection: { _id: 1 } })) !== null) return;", replace: '', tests: [SEALING],
  },
];
