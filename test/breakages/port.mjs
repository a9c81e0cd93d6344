/** What reaches the engine without the key ring (decision 018). */
export const PORT = [
  {
    id: 'P12', breaks: 'a payload that nobody encrypted is taken for one of ours',
    file: 'platform/payloadCodec.ts', find: "!== ENCRYPTED) return refused('plain');", replace: '!== ENCRYPTED) return payload;', tests: ['test/platform/payloadCodec.test.ts'],
  },
  {
    id: 'P12', breaks: 'a payload of one record serves on another',
    file: 'platform/payloadCodec.ts', find: "sealedFor !== runOf(context)) return refused('foreign');", replace: "sealedFor === 'never') return refused('foreign');", tests: ['test/platform/payloadCodec.test.ts'],
  },
  {
    id: 'P11', breaks: 'a command that was changed in the database is carried out',
    file: 'store/commandAuthenticity.ts', find: "return checked === 'good' ? undefined", replace: "return checked !== undefined ? undefined", tests: ['test/store/commands.test.ts'],
  },
  {
    id: 'E6', breaks: 're-sending after a storm has no end',
    file: 'store/commandResending.ts', find: 'if (isOver()) return;', replace: '', tests: ['test/store/commands.test.ts'],
  },
];
