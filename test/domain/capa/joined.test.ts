import fc from 'fast-check';
import type { CapaState } from '../../../contracts/capaState';
import { CAPA_STATUSES, HUMAN_ERROR, SOURCE_TYPES, SYSTEM_CAUSES, type CauseCategory } from '../../../contracts/capaWords';
import { evidenceIn } from '../../../domain/capa/evidence';
import { capa } from '../../../domain/capa/machine';
import { peopleNamedIn } from '../../../domain/capa/named';
import { fitsSource } from '../../../domain/capa/source';
import { recurringCauses } from '../../../domain/capa/systemActs';
import { contentHashOf } from '../../../domain/signature/demand';
import { act, bring, capaOf, CRO, PEOPLE, planAt, product, SPONSOR, told, whys, type Run } from './capas';

const { bob, bea, ann, cal } = PEOPLE;
const brought = (status: Parameters<typeof bring>[1]): Run => {
  const run = capaOf();
  bring(run, status);
  return run;
};
const category = fc.constantFrom(...SYSTEM_CAUSES, HUMAN_ERROR);
const causeOf = (categories: readonly CauseCategory[]) => ({ ...whys(), cause: { statement: 's', categories: [...categories] } });

describe('recurrence', () => {
  test('Q7 a plan that is approved asks once for closed CAPAs of its system, with the causes of the system level', () => {
    const run = brought('plan_approved');
    const asked = run.effects.filter(({ kind }) => kind === 'recurrences');
    expect(asked).toMatchObject([{ cause: { capaId: 'k1', number: run.state.number, iteration: 1, systemId: 'etmf', accountableOrganisationId: CRO } }]);
    expect((asked[0] as unknown as { cause: { categories: string[] } }).cause.categories).not.toContain(HUMAN_ERROR);
  });

  test('Q7 P14 the same cause on the same system of the same organisation, closed and watched, raised by a party of the new one: nothing else recurs, in any of 500 pairs', () => {
    const closedArb = fc.record({
      id: fc.constantFrom('k1', 'k2'), systemId: fc.constantFrom('etmf', 'edc', null), accountableOrganisationId: fc.constantFrom(CRO, SPONSOR), raisingOrganisationId: fc.constantFrom(CRO, SPONSOR, 'sponsor-2'),
      // Mostly such as may recur; the pairs that may not differ in one thing or another.
      status: fc.oneof({ weight: 4, arbitrary: fc.constant('closed' as const) }, { weight: 1, arbitrary: fc.constantFrom(...CAPA_STATUSES) }), watchOver: fc.boolean(), categories: fc.uniqueArray(category, { minLength: 1, maxLength: 8 }),
    });
    const freshArb = fc.record({ systemId: fc.constantFrom('etmf', 'edc'), accountableOrganisationId: fc.constantFrom(CRO, SPONSOR), raisingOrganisationId: fc.constantFrom(CRO, SPONSOR, 'sponsor-2'), categories: fc.uniqueArray(fc.constantFrom(...SYSTEM_CAUSES), { minLength: 1, maxLength: 4 }) });
    let found = 0;
    fc.assert(fc.property(closedArb, freshArb, ({ categories, ...closed }, fresh) => {
      const causes = recurringCauses({ ...closed, rootCause: causeOf(categories) }, { capaId: 'k1', number: 'CAPA-1', iteration: 1, ...fresh });
      const common = categories.filter((one) => one !== HUMAN_ERROR && fresh.categories.some((other) => other === one));
      const watched = closed.id !== 'k1' && closed.status === 'closed' && !closed.watchOver && closed.systemId === fresh.systemId && closed.accountableOrganisationId === fresh.accountableOrganisationId
        && [fresh.raisingOrganisationId, fresh.accountableOrganisationId].includes(closed.raisingOrganisationId);
      if (causes.length > 0) found += 1;
      return JSON.stringify(causes.toSorted()) === JSON.stringify(watched ? common.toSorted() : []);
    }), { numRuns: 500 });
    expect(found).toBeGreaterThan(0);
  });

  test('Q7 P14 one sponsor decides nothing on what recurred in the CAPA of another one; on what the accountable side raised by itself, that side does', () => {
    const closed = { id: 'k2', systemId: 'etmf', accountableOrganisationId: CRO, status: 'closed', watchOver: false, rootCause: causeOf(['procedure']) } as const;
    const fresh = { capaId: 'k1', number: 'CAPA-1', iteration: 1, systemId: 'etmf', accountableOrganisationId: CRO, raisingOrganisationId: 'sponsor-2', categories: ['procedure'] } as const;
    expect([SPONSOR, 'sponsor-2', CRO].map((raisingOrganisationId) => recurringCauses({ ...closed, raisingOrganisationId }, fresh).length)).toEqual([0, 1, 1]);
    expect(recurringCauses({ ...closed, raisingOrganisationId: SPONSOR }, { ...fresh, raisingOrganisationId: CRO })).toEqual([]);
  });

  test('Q2 the trigger of an open CAPA that comes again is on the record; of a closed one, quality of the raising side hears', () => {
    const run = capaOf();
    act(run, product, { act: 'repeat', body: { dedupeKey: 'd', title: 't' } });
    expect([run.facts.filter(({ action }) => action === 'trigger.repeated').length, told(run, 'trigger_repeated').length]).toEqual([1, 0]);
    bring(run, 'closed');
    act(run, product, { act: 'repeat', body: { dedupeKey: 'd', title: 't' } });
    expect(told(run, 'trigger_repeated')).toMatchObject([{ audience: { to: 'roles', organisationId: SPONSOR } }]);
  });
});

describe('sources', () => {
  test('Q2 each type takes what it says, and other takes any', () => {
    const kinds = ['escalation', 'control', 'drill', 'capa', 'finding'] as const;
    expect(Object.fromEntries(SOURCE_TYPES.map((type) => [type, kinds.filter((kind) => fitsSource(type, kind)).join(' ')]))).toEqual({
      issue: 'escalation', incident: 'escalation', restoration_test: '', control: 'control', audit_finding: 'finding', sla_breach: 'escalation control', kri: 'escalation control',
      inspection: 'escalation capa', complaint: 'escalation', other: 'escalation control drill capa finding',
    });
  });
});

describe('evidence in what is signed', () => {
  const sha = 'a'.repeat(64);

  test('B11 Q3 every id is found with its place', () => {
    const rootCause = { ...whys(), chain: [{ why: 'w', because: 'b', evidenceIds: ['e1', 'e2'] }] };
    expect(evidenceIn({ rootCause, containment: { measures: [{ text: 't', evidenceIds: ['e3'] }], noneBecause: '' } })).toEqual([
      { id: 'e1', field: 'rootCause.chain.0.evidenceIds.0' }, { id: 'e2', field: 'rootCause.chain.0.evidenceIds.1' }, { id: 'e3', field: 'containment.measures.0.evidenceIds.0' },
    ]);
  });

  test('B11 P5 the hash that the API pinned is part of the signed content: another file is another content', () => {
    const contents = [sha, 'b'.repeat(64)].map((sha256) => {
      const run = brought('implementation');
      const [first] = run.state.actions;
      act(run, cal, { act: 'report-action', body: { actionId: first?.id ?? '', evidenceIds: ['e9'], pinned: [{ id: 'e9', sha256 }] } });
      return capa.signable(run.state, 'verify-implementation')?.content as { evidence: unknown[] };
    });
    expect(contents[0]?.evidence).toContainEqual({ id: 'e9', sha256: sha });
    expect(new Set(contents.map((content) => contentHashOf(content as never))).size).toBe(2);
  });

  test('B11 P6 evidence of other parts does not touch what was signed', () => {
    const run = brought('plan_review');
    act(run, bea, { act: 'approve-plan', body: { signature: 'g' } });
    act(run, ann, { act: 'approve-plan', body: { signature: 'g' } });
    const before = capa.signable(run.state, 'approve-plan')?.content;
    act(run, bob, { act: 'start', body: {} });
    act(run, bob, { act: 'save', body: { adverseCheck: { finding: 'none', detail: 'd', evidenceIds: ['e7'] }, pinned: [{ id: 'e7', sha256: sha }] } });
    expect(run.state.evidenceHashes).toEqual({ e7: sha });
    expect(capa.signable(run.state, 'approve-plan')?.content).toEqual(before);
  });
});

describe('people whom a body names', () => {
  const stateOf = (more: Partial<CapaState>): CapaState => ({ ...capaOf().state, ...more });
  const plan = planAt(capaOf().now);

  test('Q9 the owner and action owners may work on it, the assessor may assess, each in the organisation that owes the duty', () => {
    expect(peopleNamedIn(stateOf({}), { act: 'accept', body: { ownerId: 'bob' } })).toEqual([{ personId: 'bob', field: 'ownerId', organisationIds: [CRO], right: 'capa:own' }]);
    const named = peopleNamedIn(stateOf({ status: 'investigation' }), { act: 'save', body: { plan } });
    expect(named.map(({ field, right }) => `${field} ${right}`)).toEqual([...plan.actions.map((_, index) => `plan.actions.${String(index)}.ownerId capa:own`), 'plan.effectiveness.assessorId capa:assess']);
    expect(peopleNamedIn(stateOf({ assessor: { personId: 'dan', organisationId: SPONSOR } }), { act: 'assign', body: { duty: 'assessor', personId: 'x', reason: 'r' } })).toMatchObject([{ organisationIds: [SPONSOR], right: 'capa:assess' }]);
  });

  test('Q9 a plan that was saved before is looked at when it is handed over; half-finished, a person may be of either side', () => {
    expect(peopleNamedIn(stateOf({ status: 'investigation', plan }), { act: 'submit', body: {} })).toHaveLength(plan.actions.length + 1);
    expect(peopleNamedIn(stateOf({ status: 'implementation', plan }), { act: 'submit', body: {} })).toEqual([]);
    const half = { ...plan, actions: plan.actions.slice(0, 1).map((action) => ({ ...action, organisationId: null })), effectiveness: null };
    expect(peopleNamedIn(stateOf({ status: 'investigation' }), { act: 'save', body: { plan: half } })).toMatchObject([{ organisationIds: [SPONSOR, CRO] }]);
  });

  test('Q9 who owns an action under way is not asked again when the plan is revised', () => {
    const run = brought('implementation');
    expect(peopleNamedIn(run.state, { act: 'revise-plan', body: { plan: planAt(run.now), reason: 'r' } }).map(({ field }) => field)).toEqual(['plan.effectiveness.assessorId']);
  });
});
