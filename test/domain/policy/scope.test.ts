import fc from 'fast-check';
import type { PolicyScope } from '../../../contracts/policyScope';
import { becauseOf, bindsWhom, shownPolicy } from '../../../domain/policy/because';
import { inForceAt, isSameVersion, narrowestInForce, overtakenBy } from '../../../domain/policy/inForce';
import { mayReadDraft, mayReadPolicy, type ReadingSeat } from '../../../domain/policy/readers';
import { INSTALLATION, lineOf, policyNameOf, scopeFrom, scopeKeysBinding, scopesBinding } from '../../../domain/policy/scope';

const ORGANISATIONS = ['alpine', 'harbor', 'meridian', 'northstar'] as const;
const STUDIES = ['st1', 'st2'] as const;
const at = (hour: number): string => new Date(Date.UTC(2026, 0, 1, hour)).toISOString();

const pair = scopeFrom({ kind: 'pair', organisationIds: ['meridian', 'alpine'] });
const own = scopeFrom({ kind: 'organisation', organisationId: 'alpine' });
const study = scopeFrom({ kind: 'study', studyId: 'st1', organisationIds: ['alpine', 'meridian'] });
const seatOf = (organisationId: string, studyId: string | null = null, known: readonly string[] = ORGANISATIONS): ReadingSeat => ({ organisationId, studyId, knownIds: new Set(known) });

/** What somebody publishes: signed at an hour, to begin then or later; the number counts up within its line. */
interface Published { readonly key: string; readonly scope: PolicyScope; readonly version: number; readonly effectiveFrom: string; readonly signedAt: string }

const scopes: fc.Arbitrary<PolicyScope> = fc.oneof(
  fc.constant(INSTALLATION),
  fc.constantFrom(...ORGANISATIONS).map((organisationId) => scopeFrom({ kind: 'organisation', organisationId })),
  fc.subarray([...ORGANISATIONS], { minLength: 2, maxLength: 2 }).map((organisationIds) => scopeFrom({ kind: 'pair', organisationIds })),
  fc.tuple(fc.constantFrom(...STUDIES), fc.subarray([...ORGANISATIONS], { minLength: 1, maxLength: 2 })).map(([studyId, organisationIds]) => scopeFrom({ kind: 'study', studyId, organisationIds })),
);
/** Random sequences of publishing, in the order of signing, as the store numbers them. */
const sequences: fc.Arbitrary<readonly Published[]> = fc.array(fc.record({ key: fc.constantFrom('default', 'security'), scope: scopes, ahead: fc.oneof(fc.constant(0), fc.nat(60)), pause: fc.nat(8) }), { maxLength: 40 }).map((acts) => {
  const counts = new Map<string, number>();
  let hour = 0;
  return acts.map(({ key, scope, ahead, pause }) => {
    hour += pause;
    const line = lineOf(key, scope);
    const version = (counts.get(line) ?? 0) + 1;
    counts.set(line, version);
    return { key, scope, version, effectiveFrom: at(hour + ahead), signedAt: at(hour) };
  });
});

describe('whose a policy is', () => {
  test('P14 P19 it binds what concerns exactly its parties: an organisation\'s own only what concerns nobody else', () => {
    expect(scopesBinding({ organisationIds: ['meridian', 'alpine'], studyId: 'st1' })).toEqual([study, pair, INSTALLATION]);
    expect(scopesBinding({ organisationIds: ['alpine', 'alpine'], studyId: null })).toEqual([own, INSTALLATION]);
    expect(scopeKeysBinding({ organisationIds: ['meridian', 'alpine'], studyId: 'st1' })).toEqual(['st1/alpine+meridian', '-/alpine+meridian', null]);
    expect([policyNameOf({ key: 'default', version: 3 }), policyNameOf({ key: 'default', version: 1, scope: pair })]).toEqual(['default/3', 'default@-/alpine+meridian/1']);
  });

  test('P14 P19 whatever is published, in whatever order: nobody is bound by what they did not sign, and the narrowest in force counts', () => {
    const parties = fc.record({ organisationIds: fc.subarray([...ORGANISATIONS], { minLength: 1, maxLength: 2 }), studyId: fc.option(fc.constantFrom(...STUDIES), { nil: null }), at: fc.nat(200).map(at) });
    fc.assert(fc.property(sequences, parties, (published, where) => {
      const { organisationIds, studyId } = where;
      const found = narrowestInForce(published, 'default', where);
      const begun = published.filter(({ key, effectiveFrom }) => key === 'default' && effectiveFrom <= where.at);
      const binding = begun.filter(({ scope }) => scope.kind === 'installation' || (scope.organisationIds.length === new Set(organisationIds).size && scope.organisationIds.every((id) => organisationIds.some((party) => party === id)) && (scope.studyId === null || scope.studyId === studyId)));
      expect(found === undefined).toBe(binding.length === 0);
      if (!found) return;
      expect(binding).toContain(found);
      const order = ['study', 'pair', 'organisation', 'installation'];
      expect(binding.every(({ scope }) => order.indexOf(scope.kind) >= order.indexOf(found.scope.kind))).toBe(true);
    }));
  });

  test('P19 a version that was signed later and has begun never loses to one that was signed earlier, whatever their dates', () => {
    fc.assert(fc.property(sequences, fc.nat(200), (published, hour) => {
      for (const line of new Set(published.map(({ key, scope }) => lineOf(key, scope)))) {
        const versions = published.filter(({ key, scope }) => lineOf(key, scope) === line);
        const now = at(hour);
        const found = inForceAt(versions, now);
        const later = versions.filter(({ version, effectiveFrom }) => effectiveFrom <= now && version > (found?.version ?? 0));
        expect(later).toEqual([]);
        // Once in force, only a younger version takes its place.
        const next = inForceAt(versions, at(hour + 1));
        expect((next?.version ?? 0) >= (found?.version ?? 0)).toBe(true);
      }
    }));
  });

  test('P19 what was signed to begin later is overtaken by what is signed after it and begins before it', () => {
    const ahead = { version: 2, effectiveFrom: at(48) };
    const younger = { version: 3, effectiveFrom: at(1) };
    expect(inForceAt([ahead, younger], at(72))).toBe(younger);
    expect(overtakenBy([ahead], at(1))).toEqual([ahead]);
    // Two that begin at one instant: the younger.
    expect(inForceAt([{ version: 1, effectiveFrom: at(0) }, { version: 2, effectiveFrom: at(0) }], at(0))?.version).toBe(2);
  });

  test('P14 only its parties read a version, in one study where the seat is bound to one; the installation\'s are everybody\'s', () => {
    const readers = (scope: PolicyScope) => ORGANISATIONS.filter((id) => mayReadPolicy({ scope }, [seatOf(id)]));
    expect([readers(pair), readers(own), readers(study), readers(INSTALLATION)]).toEqual([['alpine', 'meridian'], ['alpine'], ['alpine', 'meridian'], [...ORGANISATIONS]]);
    expect([mayReadPolicy({ scope: study }, [seatOf('alpine', 'st1')]), mayReadPolicy({ scope: study }, [seatOf('alpine', 'st2')])]).toEqual([true, false]);
    // What two agreed for every study counts on this one; what was agreed with somebody from elsewhere does not.
    expect([mayReadPolicy({ scope: pair }, [seatOf('alpine', 'st1', ['alpine', 'meridian'])]), mayReadPolicy({ scope: pair }, [seatOf('alpine', 'st2', ['alpine', 'northstar'])])]).toEqual([true, false]);
    expect(mayReadPolicy({}, [])).toBe(true);
  });

  test('P14 a draft is its own organisation\'s until the others are asked to sign it, and never anybody else\'s', () => {
    const draft = { scope: pair, organisationId: 'alpine' };
    const readers = (proposedAt: string | null) => ORGANISATIONS.filter((id) => mayReadDraft({ ...draft, proposedAt }, [seatOf(id)]));
    expect([readers(null), readers(at(0))]).toEqual([['alpine'], ['alpine', 'meridian']]);
    expect(ORGANISATIONS.filter((id) => mayReadDraft({ organisationId: 'alpine' }, [seatOf(id)]))).toEqual(['alpine']);
  });

  test('P14 P19 a record says why it runs under its policy to those who are parties; others read a neutral word', () => {
    const policy = { key: 'default', version: 2, scope: study, named: 'row' } as const;
    expect(shownPolicy(policy, ['meridian'])).toEqual({ key: 'default', version: 2, scope: study, because: 'the communication matrix names this policy; it binds issues and CAPAs of study st1 between alpine and meridian' });
    expect(JSON.stringify(shownPolicy(policy, ['harbor']))).not.toMatch(/default|st1|alpine|meridian/u);
    expect(becauseOf({})).toBe('chosen when the record was opened; it binds issues and CAPAs whose parties agreed on nothing of their own');
    expect(bindsWhom(own)).toBe('issues and CAPAs within alpine, which concern nobody else');
  });

  test('P19 the same number in another scope is another version', () => {
    expect([isSameVersion({ key: 'a', version: 1 }, { key: 'a', version: 1, scope: INSTALLATION }), isSameVersion({ key: 'a', version: 1 }, { key: 'a', version: 1, scope: pair })]).toEqual([true, false]);
  });
});
