import type { Response, Test } from 'supertest';
import type { Meaning } from '../../contracts/signature';
import type { Store } from '../../store/connection';
import { instantOf } from '../../contracts/instant';
import { emailOf, PASSWORD } from './adminApi';
import { makeSigner } from './signing';

/** Posts in somebody's session; the path without `/api/v1`. */
export type PostAs = (who: string, path: string, body: object) => Test | Promise<Response>;

export interface ToSign {
  /** A record's id, or the stream of an administered one: `matrix-proposal/<id>`. */
  readonly recordId: string;
  readonly act: string;
  readonly meaning?: Meaning;
  readonly email?: string;
  readonly password?: string;
}

/** Asks for the right to sign an act, with all credentials; the people of adminApi.ts unless others are named. */
export async function askToSign(post: PostAs, who: string, { recordId, act, meaning = 'approval', email = emailOf(who), password = PASSWORD }: ToSign): Promise<Response> {
  return post(who, '/signing-grants', { recordId, act, meaning, zone: 'Europe/Zurich', email, password });
}

/** An act with its signature; unsigned where signing was refused, so that the act's own answer shows. */
export async function signed(post: PostAs, who: string, { path, body = {}, ...toSign }: ToSign & { readonly path: string; readonly body?: object }): Promise<Response> {
  const grant = await askToSign(post, who, toSign);
  return post(who, path, { ...body, ...(grant.status === 201 && { signature: String(grant.body.id) }) });
}

/** Somebody's approval of a matrix proposal. */
export const approveProposal = (post: PostAs, who: string, id: string): Promise<Response> =>
  signed(post, who, { recordId: `matrix-proposal/${id}`, act: 'approve', path: `/matrix/proposals/${id}/approve` });

/** Somebody's approval of several, a grant for each; those that may not be signed go without. */
export async function approveProposals(post: PostAs, who: string, { ids, ...by }: { readonly ids: readonly string[]; readonly email?: string; readonly password?: string }): Promise<Response> {
  const grants: [string, string][] = [];
  for (const id of ids) {
    const { status, body } = await askToSign(post, who, { recordId: `matrix-proposal/${id}`, act: 'approve', ...by });
    if (status === 201) grants.push([id, String(body.id)]);
  }
  return post(who, '/matrix/proposals/approve', { ids, signatures: Object.fromEntries(grants) });
}

/** Somebody's publishing of a draft, signed; `path` is that of the draft. */
export function publishDraft(post: PostAs, who: string, { path, reason = 'r' }: { readonly path: string; readonly reason?: string }): Promise<Response> {
  const kind = path.startsWith('/capa-policies/') ? 'capa-policy-draft' : 'policy-draft';
  return signed(post, who, { recordId: `${kind}/${path.slice(path.lastIndexOf('/') + 1)}`, act: 'publish', path: `${path}/publish`, body: { reason } });
}

/** Makes people of adminApi.ts signers: the id begins with the organisation's. */
export async function makeSigners(store: Store, personIds: readonly string[]): Promise<void> {
  for (const personId of personIds) await makeSigner(store, { personId, organisationId: personId.split('-')[0] ?? '', at: instantOf(Date.now()) });
}
