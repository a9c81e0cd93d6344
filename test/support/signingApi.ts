import type { Express } from 'express';
import request, { type Test } from 'supertest';
import { createApp } from '../../api/app';
import { allRoutes } from '../../api/routes';
import { signingRoutes } from '../../api/routes/signing';
import { instantOf } from '../../contracts/instant';
import type { Signable } from '../../contracts/signature';
import { emptyChain } from '../../domain/audit/chain';
import type { SignableCapabilities } from '../../domain/signature/registry';
import type { RecordDoc } from '../../store/schemas/records';
import type { AdminApi, SignedIn } from './adminApi';

interface PlanState { readonly plan?: { readonly version: number; readonly content: Signable['content'] } }

/** A pathway that signs its plan, of which nothing else is needed here. */
export const PLANNED: SignableCapabilities = {
  drill: {
    signable: ({ state }, act) => {
      const { plan } = state as PlanState;
      return act === 'approve' && plan ? { subject: 'plan', ...plan, meanings: ['approval', 'review'] } : undefined;
    },
    rightOf: (act) => (act === 'approve' ? 'capa:approve' : undefined),
  },
};

/** The whole API, with records of the made-up pathway to sign. */
export function signingApp(api: AdminApi): Express {
  const own = signingRoutes(api.deps, PLANNED);
  const isOwn = new Set(own.map(({ method, path }) => `${method} ${path}`));
  return createApp(api.deps, [...own, ...allRoutes(api.deps).filter(({ method, path }) => !isOwn.has(`${method} ${path}`))]);
}

/** Requests of a session to an application. */
export function sendAs(app: Express, session: SignedIn, ...[method, path, body]: readonly [method: 'get' | 'post' | 'put', path: string, body?: object]): Test {
  const sent = request(app)[method](`/api/v1${path}`).set('Cookie', session.cookie).set('X-CSRF-Token', session.csrfToken);
  return body === undefined ? sent : sent.send(body);
}

/** A record with a plan, of two organisations. */
export function plannedRecord(id: string, [raising, accountable]: readonly [string, string], more: Partial<RecordDoc> = {}): RecordDoc {
  const at = instantOf(Date.now());
  const state: PlanState = { plan: { version: 1, content: { actions: ['retrain'] } } };
  return {
    _id: id, capability: 'drill', rev: 1, number: `DRL-${id}`, stateVersion: 1, state: state as never, armed: [], content: { title: 'T', description: 'D' }, status: 'running', severity: 'major',
    topic: 'data', level: 0, studyId: null, systemId: null, raisingOrganisationId: raising, accountableOrganisationId: accountable, assigneeIds: [], visibleTo: [raising, accountable],
    listedUnder: [], nextDueAt: null, openedAt: at, updatedAt: at, done: false, drill: true, chain: emptyChain(''), ...more,
  };
}

/** Puts a record with a plan between `spo` and `cro` of study `st1`. */
export async function putPlanned(api: AdminApi, id: string, more: Partial<RecordDoc> = {}): Promise<void> {
  await api.fresh.store.models.records.create([plannedRecord(id, ['spo', 'cro'], { studyId: 'st1', ...more })]);
}
