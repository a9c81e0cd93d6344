const SEALING = 'test/store/sealing.test.ts';
const EVERY = 'test/store/everyCollection.test.ts';
const KEYS = 'test/platform/derivedKeys.test.ts';
const REPORT = 'test/api/capaReport.test.ts';
const SIGNING = 'test/api/signing.test.ts';

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
  {
    id: 'P2', breaks: 'a step on a record that somebody altered says nothing of it',
    file: 'store/records.ts', find: 'const all = altered.length === 0 ? drafts :', replace: 'const all = altered.length >= 0 ? drafts :', tests: [EVERY],
  },
  {
    id: 'P2', breaks: 'a record that is not what its trail says can be signed',
    file: 'store/records.ts', find: 'if (prepared.sign && before && before.altered.length > 0)', replace: 'if (prepared.sign && before && before.altered.length > 99)', tests: [EVERY],
  },
  {
    id: 'P2', breaks: 'a changed version of a policy or calendar is not noticed',
    file: 'store/verifyDocuments.ts', find: 'else if (documentsHash(found, without) !== hash)', replace: 'else if (found.length === 0)', tests: [EVERY],
  },
  {
    id: 'P15', breaks: 'a report is made of a record that somebody forged in the database',
    file: 'api/routes/capaReport.ts', find: "await compareFirst(deps, record, { purpose: 'report', caller, correlationId });", replace: '', tests: [REPORT],
  },
  {
    id: 'P7', breaks: 'the right to sign is given on a record that somebody forged in the database',
    file: 'api/commands/signingSubjects.ts', find: "await compareFirst(deps, record, { purpose: 'signature', caller, correlationId });", replace: '', tests: [SIGNING],
  },
  {
    id: 'P2', breaks: 'a record whose chain end was tampered with is shown as if it were sound',
    file: 'store/damage.ts', find: "...(known.sound ? [] : ['chain'])", replace: '', tests: [REPORT],
  },
  {
    id: 'P2', breaks: 'a notice says another text, reader or reason than was told, and nobody sees it',
    file: 'store/noticeLedger.ts', find: "({ ...entry, documents: { [partOf('notice', id)]:", replace: "({ ...entry, detail: { [partOf('notice', id)]:", tests: [EVERY],
  },
  {
    id: 'P2', breaks: 'a command that was carried out can be removed unnoticed',
    file: 'store/records.ts', find: '...(prepared.command && commandHash(prepared.command)),', replace: '', tests: [EVERY],
  },
  {
    id: 'P2', breaks: 'the letter of a digest can be removed unnoticed',
    file: 'store/digests.ts', find: "documents: { [partOf('digest', letter._id)]: documentsHash([letter], UNPROVEN.digests) },", replace: '', tests: [EVERY],
  },
];
