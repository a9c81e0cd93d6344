import fc from 'fast-check';
import { instantOf } from '../../../contracts/instant';
import { ROLES } from '../../../contracts/people';
import { controlOf, type ControlEdge } from '../../../domain/access/control';
import { isWeighty, refuseConsenter, refuseGiver, refuseVoucher } from '../../../domain/access/independence';

type Done = readonly [by: string | null, act: ControlEdge['act'], over: string];
const edgesOf = (...acts: readonly Done[]): ControlEdge[] =>
  acts.map(([by, act, over], index) => ({ by, act, over, at: instantOf(index * 1000) }));

describe('P8 a signer is made by two people who are independent', () => {
  const vouching = (isVerified: boolean) => (edges: readonly ControlEdge[], actorId: string, personId: string) => refuseVoucher({ control: controlOf(edges), actorId, personId, isVerified })?.type;
  const vouch = vouching(true);
  const founders = edgesOf([null, 'created', 'ada'], [null, 'verified', 'ada'], [null, 'created', 'bo'], [null, 'verified', 'bo']);
  const after = (...more: readonly Done[]) => [...founders, ...edgesOf(...more).map((edge) => ({ ...edge, at: instantOf(Date.parse(edge.at) + 100_000) }))];

  test('P8 one administrator alone makes no signer through a second account of their own making', () => {
    const edges = after(['ada', 'created', 'second'], ['ada', 'role', 'second'], ['second', 'created', 'signer']);
    expect(vouch(edges, 'ada', 'signer')).toBe('separation_of_duties');
    expect(vouch(edges, 'second', 'signer')).toBe('separation_of_duties');
    expect(vouching(false)(edges, 'second', 'signer')).toBe('separation_of_duties');
    expect(vouch(after(['ada', 'created', 'second'], ['ada', 'role', 'second'], ['ada', 'created', 'signer']), 'second', 'signer')).toBe('separation_of_duties');
    expect(refuseGiver({ control: controlOf(edges), actorId: 'ada', personId: 'second' })?.type).toBe('separation_of_duties');
  });

  test('P8 nor through a chain of such accounts, however long', () => {
    const chain = ['ada', 'a1', 'a2', 'a3', 'a4', 'signer'];
    const edges = after(...chain.slice(1).map((over, n): Done => [chain[n] ?? '', 'created', over]));
    for (const who of chain.slice(0, -1)) expect([who, vouch(edges, who, 'signer')]).toEqual([who, 'separation_of_duties']);
    expect(vouch(edges, 'bo', 'signer')).toBeUndefined();
  });

  test('P8 the administrator of the instance alone signs in no seat of a sponsor', () => {
    const edges = after(['ada', 'created', 'admin-of-sponsor'], ['ada', 'role', 'admin-of-sponsor'], ['admin-of-sponsor', 'created', 'quality'], ['admin-of-sponsor', 'role', 'quality']);
    for (const who of ['ada', 'admin-of-sponsor']) expect(vouch(edges, who, 'quality')).toBe('separation_of_duties');
    expect(refuseConsenter({ control: controlOf(edges), actorId: 'admin-of-sponsor', personId: 'quality', isVerified: true }, 'ada')?.type).toBe('separation_of_duties');
  });

  test('P8 two founders make a signer; whom one of them made or empowered does not vouch for the other', () => {
    const edges = after(['ada', 'created', 'q'], ['bo', 'role', 'q'], ['bo', 'created', 'cy'], ['ada', 'role', 'cy'], ['ada', 'verified', 'cy']);
    expect(vouch(edges, 'bo', 'q')).toBeUndefined();
    expect(vouch(edges, 'cy', 'q')).toBe('separation_of_duties');
    expect(vouch(edges, 'ada', 'q')).toBe('separation_of_duties');
    expect(refuseGiver({ control: controlOf(edges), actorId: 'bo', personId: 'q' })).toBeUndefined();
    expect(refuseGiver({ control: controlOf(edges), actorId: 'ada', personId: 'q' })?.type).toBe('separation_of_duties');
  });

  test('P8 nobody vouches who is not verified, nor for themselves', () => {
    expect(vouching(false)(after(['ada', 'created', 'q']), 'bo', 'q')).toBe('identity_not_verified');
    expect(vouch(founders, 'bo', 'bo')).toBe('separation_of_duties');
  });

  test.each(['password', 'second_factor'] as const)('P8 whoever gives a %s holds the account until somebody independent has verified it again', (act) => {
    const taken = after(['ada', act, 'bo'], ['bo', 'created', 'q']);
    expect([...controlOf(taken).holders('bo')]).toEqual(['bo', 'ada']);
    expect(vouch(taken, 'ada', 'q')).toBe('separation_of_duties');
    // That bo is verified again later does not change who made the account meanwhile.
    const back = [...taken, { by: null, act: 'verified', over: 'bo', at: instantOf(900_000) } as const];
    expect([...controlOf(back).holders('bo')]).toEqual(['bo']);
    expect(vouch(back, 'ada', 'q')).toBe('separation_of_duties');
    // Verified by whoever took it: held as before.
    expect(controlOf([...taken, { by: 'ada', act: 'verified', over: 'bo', at: instantOf(900_000) }]).holders('bo').has('ada')).toBe(true);
  });

  test('P8 consent is given by a second person, not by whoever the first one made', () => {
    const edges = after(['ada', 'created', 'cy'], ['bo', 'role', 'cy'], ['bo', 'verified', 'cy'], ['bo', 'created', 'q'], ['ada', 'role', 'q']);
    const consents = (actorId: string, otherId: string) => refuseConsenter({ control: controlOf(edges), actorId, personId: 'q', isVerified: true }, otherId)?.type;
    expect(consents('bo', 'ada')).toBe('separation_of_duties');
    expect(consents('cy', 'ada')).toBe('separation_of_duties');
    expect(consents('ada', 'ada')).toBe('separation_of_duties');
    const third = [...edges, { by: null, act: 'created', over: 'di', at: instantOf(1) } as const];
    expect(refuseConsenter({ control: controlOf(third), actorId: 'di', personId: 'q', isVerified: true }, 'ada')).toBeUndefined();
  });

  test('P8 P14 whom the maker of an account let in does not vouch for it; whom its person let in does', () => {
    const edges = after(['ada', 'created', 'q'], ['ada', 'admitted', 'bo']);
    expect(vouch(edges, 'bo', 'q')).toBe('separation_of_duties');
    expect(vouch(after(['ada', 'created', 'first'], ['first', 'admitted', 'bo']), 'bo', 'first')).toBeUndefined();
  });

  test('P8 whoever gave the printed name that counts now does not vouch for it', () => {
    const edges = after(['ada', 'created', 'q'], ['bo', 'named', 'q']);
    expect(vouch(edges, 'bo', 'q')).toBe('separation_of_duties');
    // A name that somebody else gave since is that one's to answer for.
    expect(vouch([...edges, { by: 'ada', act: 'named', over: 'q', at: instantOf(900_000) }], 'bo', 'q')).toBeUndefined();
  });

  test('P8 every role but the reading one is given by somebody independent', () => {
    expect(ROLES.filter((role) => !isWeighty(role))).toEqual(['inspector']);
  });
});

/** An account: whose person it stands for, and in whose hands its credentials are. */
interface Account { readonly id: string; readonly human: string; hand: string; verified: boolean; admin: boolean }

/** The rules as the API applies them, played by one attacker and two honest administrators. */
class Organisation {
  readonly accounts: Account[];
  readonly edges: ControlEdge[] = [];
  private clock = 0;
  constructor() {
    this.accounts = ['mal', 'hana', 'ivo'].map((id) => ({ id, human: id, hand: id, verified: true, admin: true }));
    for (const { id } of this.accounts) { this.note(null, 'created', id); this.note(null, 'verified', id); }
  }
  note(by: string | null, act: ControlEdge['act'], over: string): void { this.edges.push({ by, act, over, at: instantOf((this.clock += 1)) }); }
  at(n: number): Account { const account = this.accounts[n % this.accounts.length]; if (!account) throw new Error('nobody'); return account; }
  private judged(actor: Account, person: Account) { return { control: controlOf(this.edges), actorId: actor.id, personId: person.id, isVerified: actor.verified }; }

  /** Whoever holds an administrator's account does what its rules allow; the honest only what is true. */
  play(what: string, actor: Account, person: Account): void {
    const isMal = actor.hand === 'mal';
    if (!actor.admin) return;
    if (what === 'create') {
      if (this.accounts.length >= 9) return;
      const id = `made-${String(this.accounts.length)}`;
      // Mal's new accounts are Mal's; an honest administrator adds a real person, who sets a password of their own.
      const human = isMal ? 'mal' : id;
      this.accounts.push({ id, human, hand: human, verified: false, admin: false });
      this.note(actor.id, 'created', id);
    }
    if (what === 'reset' && person.id !== actor.id) {
      person.verified = false;
      person.hand = isMal ? 'mal' : person.human;
      this.note(actor.id, 'password', person.id);
    }
    if (what === 'empower' && !refuseGiver(this.judged(actor, person))) { person.admin = true; this.note(actor.id, 'role', person.id); }
    if (what === 'verify' && (isMal || person.hand === person.human) && !refuseVoucher(this.judged(actor, person))) {
      if (!isMal && person.human === 'mal' && person.id !== 'mal') return;
      person.verified = true;
      this.note(actor.id, 'verified', person.id);
    }
  }
  /** Accounts of others, or made up, that Mal could sign with. */
  stolen(): readonly string[] { return this.accounts.filter(({ id, hand, verified }) => hand === 'mal' && id !== 'mal' && verified).map(({ id }) => id); }
}

describe('P8 P14 one person with every administrator account that they can make', () => {
  const move = fc.tuple(fc.constantFrom('create', 'reset', 'empower', 'verify'), fc.nat(8), fc.nat(8));

  test('P8 P14 gets no signature into another\'s seat: no path', () => {
    fc.assert(fc.property(fc.array(move, { minLength: 5, maxLength: 40 }), (moves) => {
      const organisation = new Organisation();
      for (const [what, actor, person] of moves) {
        organisation.play(what, organisation.at(actor), organisation.at(person));
        if (organisation.stolen().length > 0) return false;
      }
      return true;
    }), { numRuns: 3000 });
  });

  test('P8 the honest ones still make signers', () => {
    const organisation = new Organisation();
    const [, hana, ivo] = organisation.accounts;
    if (!hana || !ivo) throw new Error('nobody');
    organisation.play('create', hana, hana);
    organisation.play('empower', ivo, organisation.at(3));
    organisation.play('verify', ivo, organisation.at(3));
    expect(organisation.at(3)).toMatchObject({ verified: true, admin: true });
  });
});
