import fc from 'fast-check';
import { plusMs } from '../../../contracts/instant';
import type { MatrixProposal } from '../../../contracts/matrix';
import { ROLES, type Membership } from '../../../contracts/people';
import { ROLE_ACTS } from '../../../domain/access/roles';
import { decideProposal, effectiveAt, missingApprovals, startsInThePast, type ProposalActor, type ProposalCommand } from '../../../domain/matrix/proposal';
import { proposalSignable } from '../../../domain/matrix/signable';
import { proposalWaiting } from '../../../domain/matrix/waiting';
import { membershipOf, NOW, proposalOf, rowOf } from './rows';

const actor = (personId: string, ...memberships: readonly Membership[]): ProposalActor => ({ personId, memberships });
const sponsorLead = actor('sl', membershipOf('sl', 'spo', 'study_lead'));
const sponsorHead = actor('sh', membershipOf('sh', 'spo', 'quality_head'));
const croLead = actor('cl', membershipOf('cl', 'cro', 'study_lead'));
const croManager = actor('cm', membershipOf('cm', 'cro', 'project_manager'));
const stranger = actor('x', membershipOf('x', 'cro2', 'study_lead'));

const decide = (...[proposal, who, command, latestVersion = 0]: [MatrixProposal, ProposalActor, ProposalCommand | ProposalCommand['act'], number?]) => {
  const given = typeof command === 'string' ? ({ act: command, reason: 'r', row: proposal.row, effectiveFrom: null, baseVersion: latestVersion, signatureId: `g-${who.personId}` } as ProposalCommand) : command;
  return decideProposal(proposal, given, { actor: who, now: NOW, latestVersion });
};
const after = (proposal: MatrixProposal, who: ProposalActor, act: ProposalCommand['act']): MatrixProposal => {
  const decision = decide(proposal, who, act);
  if (!decision.allowed) throw new Error(decision.reason);
  return { ...proposal, ...decision.changes };
};
const refusal = (...args: Parameters<typeof decide>) => {
  const decision = decide(...args);
  return decision.allowed ? 'allowed' : decision.type;
};

describe('E1 a row takes effect by the approvals of its organisations', () => {
  const draft = proposalOf({ authorIds: ['sl'] });
  const proposed = after(draft, sponsorLead, 'propose');

  test('E1 one approval is not enough, the second makes it a version', () => {
    const once = after(proposed, sponsorHead, 'approve');
    expect([once.status, missingApprovals(once), once.version]).toEqual(['proposed', ['cro'], null]);
    const twice = after(once, croLead, 'approve');
    expect([twice.status, missingApprovals(twice), twice.version]).toEqual(['effective', [], 1]);
    expect(twice.approvals).toEqual([
      { organisationId: 'spo', personId: 'sh', role: 'quality_head', at: NOW, signatureId: 'g-sh' }, { organisationId: 'cro', personId: 'cl', role: 'study_lead', at: NOW, signatureId: 'g-cl' },
    ]);
  });

  test('E1 an approval from before signatures does not count while the proposal is open: the organisation signs, by the same person or another', () => {
    const old = { organisationId: 'spo', personId: 'sh', role: 'quality_head', at: NOW };
    const open: MatrixProposal = { ...proposed, approvals: [old] };
    expect(missingApprovals(open)).toEqual(['spo', 'cro']);
    const byCro = after(open, croLead, 'approve');
    expect([byCro.status, missingApprovals(byCro)]).toEqual(['proposed', ['spo']]);
    const both = after(byCro, sponsorHead, 'approve');
    expect([both.status, both.approvals.map(({ organisationId, signatureId }) => [organisationId, signatureId])]).toEqual(['effective', [['cro', 'g-cl'], ['spo', 'g-sh']]]);
    // What took effect by them stays as it was.
    expect(missingApprovals({ ...open, status: 'effective', approvals: [old, { ...old, organisationId: 'cro', personId: 'cl' }] })).toEqual([]);
  });

  test('E1 P6 what is signed is the row in its fixed form: an edit makes another version of it, the order of contacts does not', () => {
    const version = (proposal: MatrixProposal) => proposalSignable(proposal, 'approve')?.version;
    const edited = (row: MatrixProposal['row']) => {
      const decision = decide(draft, sponsorLead, { act: 'edit', row, effectiveFrom: null, baseVersion: 0 });
      if (!decision.allowed) throw new Error(decision.reason);
      return { ...draft, ...decision.changes };
    };
    expect([version(draft), version(edited({ ...draft.row, contacts: draft.row.contacts.toReversed() })), version(edited({ ...draft.row, policyKey: 'other' })), version(proposed)]).toEqual([1, 1, 2, 1]);
    expect(proposalSignable(proposed, 'decline')).toBeUndefined();
  });

  test('E1 a row of one organisation needs one approval', () => {
    const own = after(proposalOf({ row: rowOf({ organisationIds: ['spo'] }), authorIds: ['sl'] }), sponsorLead, 'propose');
    expect(after(own, sponsorHead, 'approve').status).toBe('effective');
  });

  test.each<[string, () => string, string]>([
    ['who wrote it approves it', () => refusal(proposed, sponsorLead, 'approve'), 'separation_of_duties'],
    ['who proposed another\'s draft approves it', () => refusal(after(proposalOf({ authorIds: ['pm'] }), sponsorHead, 'propose'), sponsorHead, 'approve'), 'separation_of_duties'],
    ['one person approves twice', () => refusal(after(proposed, sponsorHead, 'approve'), sponsorHead, 'approve'), 'separation_of_duties'],
    ['one person with seats on both sides approves for both', () => {
      const both = actor('b', membershipOf('b', 'spo', 'executive'), membershipOf('b', 'cro', 'executive'));
      return refusal(after(proposed, both, 'approve'), both, 'approve');
    }, 'separation_of_duties'],
    ['a second person of a side that has approved', () => refusal(after(proposed, sponsorHead, 'approve'), actor('se', membershipOf('se', 'spo', 'executive')), 'approve'), 'wrong_state'],
    ['a role that only drafts approves', () => refusal(proposed, croManager, 'approve'), 'not_permitted'],
    ['a third organisation approves', () => refusal(proposed, stranger, 'approve'), 'not_permitted'],
    ['a lead bound to another study approves', () => refusal(proposed, actor('l', membershipOf('l', 'cro', 'study_lead', { studyId: 'st2' })), 'approve'), 'not_permitted'],
    ['a membership that has ended approves', () => refusal(proposed, actor('l', membershipOf('l', 'cro', 'study_lead', { until: NOW })), 'approve'), 'not_permitted'],
    ['it is approved without a signature', () => refusal(proposed, croLead, { act: 'approve' }), 'signature_required'],
    ['a draft is approved without one', () => refusal(draft, croLead, { act: 'approve' }), 'wrong_state'],
    ['a draft is approved', () => refusal(draft, croLead, 'approve'), 'wrong_state'],
    ['a proposal is edited', () => refusal(proposed, sponsorLead, 'edit'), 'wrong_state'],
    ['the other side proposes a draft', () => refusal(draft, croLead, 'propose'), 'not_permitted'],
    ['the other side withdraws', () => refusal(proposed, croLead, 'withdraw'), 'not_permitted'],
    ['it was made on a version that is not the latest', () => refusal(proposed, croLead, 'approve', 1), 'wrong_state'],
    ['a declined one is approved', () => refusal(after(proposed, croLead, 'decline'), sponsorHead, 'approve'), 'wrong_state'],
    ['a withdrawn one is approved', () => refusal(after(proposed, sponsorLead, 'withdraw'), sponsorHead, 'approve'), 'wrong_state'],
    ['an effective one is withdrawn', () => refusal(after(after(proposed, sponsorHead, 'approve'), croLead, 'approve'), sponsorLead, 'withdraw'), 'wrong_state'],
  ])('E1 refused: %s', (_, refused, type) => {
    expect(refused()).toBe(type);
  });

  test('E1 a start lies ahead or now, never behind', () => {
    const ahead = plusMs(NOW, 3_600_000);
    expect([effectiveAt({ effectiveFrom: ahead }, NOW), effectiveAt({ effectiveFrom: plusMs(NOW, -1) }, NOW), effectiveAt({ effectiveFrom: null }, NOW)]).toEqual([ahead, NOW, NOW]);
    expect([startsInThePast(ahead, NOW), startsInThePast(null, NOW), startsInThePast(plusMs(NOW, -60_001), NOW)]).toEqual([false, false, true]);
  });

  test('E1 it says whom it waits for: named approvers, never those who had a part', () => {
    const waiting = (proposal: MatrixProposal, latestVersion = 0) => proposalWaiting(proposal, { latestVersion, people: [sponsorLead, sponsorHead, croLead, croManager], now: NOW });
    expect(waiting(proposed)).toEqual({
      for: 'approve', missing: ['spo', 'cro'],
      movers: [{ organisationId: 'spo', personId: 'sh', acts: ['approve', 'decline'] }, { organisationId: 'cro', personId: 'cl', acts: ['approve', 'decline'] }, { organisationId: 'spo', acts: ['withdraw'] }],
    });
    expect(waiting(after(proposed, sponsorHead, 'approve'))?.missing).toEqual(['cro']);
    expect(waiting(draft)?.movers).toEqual([{ organisationId: 'spo', acts: ['propose', 'edit', 'withdraw'] }]);
    expect(waiting(proposed, 1)).toMatchObject({ for: 'withdraw: the row has a newer version', movers: [{ acts: ['withdraw'] }] });
    expect(waiting(after(proposed, croLead, 'decline'))).toBeNull();
    // Nobody at the CRO may: its administrator has to give somebody the role.
    expect(proposalWaiting(proposed, { latestVersion: 0, people: [sponsorHead], now: NOW })?.movers).toContainEqual({ organisationId: 'cro', acts: ['approve', 'decline'] });
  });

  test('E1 whatever anybody does in whatever order, nothing takes effect without an approval of each organisation by somebody allowed, who had no part in it', () => {
    const people = ['a', 'b', 'c', 'd', 'e', 'f'];
    const membership = fc.record({
      organisationId: fc.constantFrom('spo', 'spo', 'cro', 'cro', 'cro2'), role: fc.constantFrom('study_lead', 'quality_head', 'executive', 'project_manager', ...ROLES),
      studyId: fc.constantFrom(null, null, 'st1', 'st2'), until: fc.constantFrom(null, null, null, NOW),
    });
    const casts = fc.array(fc.array(membership, { maxLength: 2 }), { minLength: people.length, maxLength: people.length });
    const acts = fc.array(fc.record({ who: fc.nat(people.length - 1), act: fc.constantFrom('edit', 'propose', 'propose', 'approve', 'approve', 'approve', 'approve', 'approve', 'decline', 'withdraw' as const), latest: fc.constantFrom(0, 0, 0, 0, 1) }), { minLength: 20, maxLength: 60 });
    let effective = 0;
    fc.assert(fc.property(casts, acts, fc.constantFrom<string[]>(['spo', 'cro'], ['spo']), (cast, sequence, organisationIds) => {
      const actors = people.map((id, index) => actor(id, ...(cast[index] ?? []).map((one) => membershipOf(id, one.organisationId, one.role, one))));
      let proposal = proposalOf({ row: rowOf({ organisationIds }), authorIds: ['a'] });
      const hadPart = new Set(['a']);
      for (const { who, act, latest } of sequence) {
        const one = actors[who];
        if (!one) continue;
        const decision = decide(proposal, one, act, latest);
        if (!decision.allowed) continue;
        if (act === 'edit' || act === 'propose') hadPart.add(one.personId);
        proposal = { ...proposal, ...decision.changes };
      }
      if (proposal.status !== 'effective') return;
      effective += 1;
      expect(new Set(proposal.approvals.map(({ personId }) => personId)).size).toBe(proposal.approvals.length);
      for (const organisationId of organisationIds) {
        const approval = proposal.approvals.find((each) => each.organisationId === organisationId);
        const held = actors.find(({ personId }) => personId === approval?.personId)?.memberships ?? [];
        // In words of its own: a role of that organisation that the table lets approve, now, for this study.
        const allowed = held.some((each) => each.organisationId === organisationId && ROLE_ACTS['approve-configuration'][each.role] !== undefined && each.until === null && each.studyId !== 'st2');
        expect([organisationId, allowed, hadPart.has(approval?.personId ?? 'a')]).toEqual([organisationId, true, false]);
      }
    }), { numRuns: 4000 });
    expect(effective).toBeGreaterThan(20);
  });
});
