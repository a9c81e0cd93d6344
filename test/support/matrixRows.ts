import type { Response, Test } from 'supertest';
import { instantOf } from '../../contracts/instant';
import { createRecord, type By } from '../../store/administration';
import { membershipKind } from '../../store/memberships';
import { personKind } from '../../store/people';
import { emailOf, type AdminApi } from './adminApi';
import { approveProposal, type PostAs } from './signedActs';
import { makeSigner } from './signing';
import { haveTopics } from './topics';

/** Rows of study `st1` between `spo` and `cro`, in the words of the administration's API (adminApi.ts). */
export const contactOf = (organisationId: string, personId: string, deputyId: string) => ({ organisationId, level: 1, personId, deputyId, channel: 'email' });
export const SPONSOR_CONTACT = contactOf('spo', 'spo-lead', 'spo-quality');
export const CRO_CONTACT = contactOf('cro', 'cro-lead', 'cro-manager');
export const matrixRow = (more: object = {}) => ({ studyId: 'st1', topic: 'monitoring', organisationIds: ['spo', 'cro'], policyKey: 'default', contacts: [SPONSOR_CONTACT, CRO_CONTACT], ...more });

/** Topics that tests of the matrix use, one each. */
const TOPICS = ['budget', 'declined', 'duties', 'edited', 'left', 'old', 'rival', 'shown', 'story', 'visits', ...['signed', 'batch', 'together'].flatMap((name) => Array.from({ length: name === 'signed' ? 40 : 6 }, (_, index) => `${name}-${String(index)}`))];

/** Adds an executive on each side, who may approve and sign and has drafted nothing; and the topics. */
export async function addApprovers({ deps }: AdminApi): Promise<void> {
  await haveTopics(deps.store, ['spo', 'cro'], TOPICS);
  await haveTopics(deps.store, ['spo'], ['inside']);
  const by: By = { actor: { kind: 'system', name: 'provisioning' }, at: deps.now(), correlationId: 'seed' };
  const lead = await deps.store.models.people.findById('spo-lead').lean();
  for (const organisationId of ['spo', 'cro']) {
    const id = `${organisationId}-executive`;
    await createRecord(deps.store, { kind: personKind, id, by, fields: { email: emailOf(id), name: `The ${id}`, organisationId, passwordHash: lead?.passwordHash ?? '' } });
    await createRecord(deps.store, { kind: membershipKind, id: `m-${id}`, by, fields: { personId: id, organisationId, role: 'executive', studyId: null, systemIds: [], from: instantOf(0), until: null } });
    await makeSigner(deps.store, { personId: id, organisationId, at: deps.now() });
  }
}

/** Has the sponsor's lead propose a row and both executives sign it; the last answer, or the first that is not a success. */
export async function approveRow(send: (...request: [who: string, method: 'post', path: string, body?: object]) => Test, more: object = {}): Promise<Response> {
  const proposed = await send('spo-lead', 'post', '/matrix/proposals', matrixRow({ propose: true, ...more }));
  if (proposed.status !== 201) return proposed;
  const { id } = proposed.body as { id: string };
  const post: PostAs = (who, path, body) => send(who, 'post', path, body);
  const first = await approveProposal(post, 'spo-executive', id);
  return first.status === 200 ? approveProposal(post, 'cro-executive', id) : first;
}
