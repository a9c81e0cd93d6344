import { randomUUID } from 'node:crypto';
import { Client, Connection } from '@temporalio/client';
import { createTemporalGateway } from '../../api/temporalGateway';
import type { CapaOpening, CapaState } from '../../contracts/capaState';
import type { ControlOpening } from '../../contracts/control';
import { instantOf, plusMs } from '../../contracts/instant';
import { calendarDays } from '../../contracts/spans';
import { emptyChain } from '../../domain/audit/chain';
import { CAPA_DEFAULT } from '../../domain/capa/defaults';
import { capa } from '../../domain/capa/machine';
import { project as projectCapa } from '../../domain/capa/projection';
import { control } from '../../domain/control/machine';
import { project as projectControl } from '../../domain/control/projection';
import { DEFAULT_POLICIES } from '../../domain/escalation/defaults';
import { escalation } from '../../domain/escalation/machine';
import { project as projectIssue } from '../../domain/escalation/projection';
import { actorInterceptors } from '../../platform/clientInterceptors';
import { jsonOf } from '../../store/commands';
import type { Store } from '../../store/connection';
import type { RecordDoc } from '../../store/schemas/records';
import { CRO, SPONSOR, STUDY } from './cast';
import { issuesApi, type IssuesApi } from './issuesApi';

const T0 = instantOf(Date.UTC(2026, 9, 1, 8));
const PARTIES = { raisingOrganisationId: SPONSOR, accountableOrganisationId: CRO } as const;
const common = (id: string) => ({ _id: id, rev: 1, armed: [], listedUnder: [], nextDueAt: null, openedAt: T0, updatedAt: T0, done: false, chain: emptyChain('') });

/** A stored CAPA in triage; `more` wins over its state. */
export function capaDoc(id: string, more: Partial<CapaState> = {}): RecordDoc {
  const request: CapaOpening['request'] = { studyId: STUDY, topic: 'backup', severity: 'major', classification: 'corrective', ...PARTIES, source: { type: 'audit_finding', reference: 'AUD-7' } };
  const { state: first } = capa.open({ id, number: `CAPA-${id}`, policy: CAPA_DEFAULT, sponsorOrganisationId: SPONSOR, raisedBy: null, request }, T0);
  const state = { ...first, ...more };
  return { ...common(id), capability: 'capa', number: `CAPA-${id}`, stateVersion: capa.version, state: jsonOf(state), content: { title: 'Restore failed', description: 'See the test' }, ...projectCapa(state) };
}

/** A stored issue. */
export function issueDoc(id: string, more: object = {}): RecordDoc {
  const [policy] = DEFAULT_POLICIES;
  if (!policy) throw new Error('no policy');
  const { state } = escalation.open({ id, number: `ISS-${id}`, policy, matrixVersion: null, raisedBy: null, request: { studyId: STUDY, topic: 'backup', severity: 'critical', systemId: 'etmf', ...PARTIES, ...more } }, T0);
  return { ...common(id), capability: 'escalation', number: `ISS-${id}`, stateVersion: escalation.version, state: jsonOf(state), content: { title: 'Backup was lost', description: 'Nothing since May' }, ...projectIssue(state) };
}

/** A stored control of agreed contact, on all topics. */
export function controlDoc(id: string): RecordDoc {
  const request: ControlOpening['request'] = { kind: 'contact', studyId: STUDY, topic: 'data', organisationIds: [SPONSOR, CRO], rule: { every: calendarDays(7), grace: calendarDays(2), organisationId: CRO } };
  const { state: first } = control.open({ id, number: `CTL-${id}`, row: null, from: T0, request }, T0);
  const state = { ...first, topic: '*' };
  return { ...common(id), capability: 'control', number: `CTL-${id}`, stateVersion: control.version, state: jsonOf(state), content: { title: 'Agreed contact: all topics', description: '' }, ...projectControl(state) };
}

/** Complete evidence, linked to a record; answers its id and hash. */
export async function putEvidence(store: Store, recordId: string | null): Promise<{ readonly id: string; readonly sha256: string }> {
  const _id = randomUUID();
  const sha256 = randomUUID().replaceAll('-', '').repeat(2);
  const by = { personId: 'p', name: 'P', role: 'quality', organisationId: CRO };
  await store.models.evidence.create([{
    _id, lineId: _id, version: 1, replaces: null, fileName: 'a.pdf', mediaType: 'application/pdf', sizeBytes: 1, sha256, sealedKey: '-', storedBy: by, storedAt: T0,
    retention: { class: 'quality_record', until: plusMs(T0, 1), basis: 'test' },
  }] as never);
  if (recordId !== null) await store.models.evidenceLinks.create([{ _id: `${_id}/${recordId}`, evidenceId: _id, recordId, inheritedFrom: null, linkedBy: by, linkedAt: T0 }]);
  return { id: _id, sha256 };
}

/** The API where Temporal is out of reach: what is accepted waits, answered 202. */
export function apiWithoutEngine(store: Store): IssuesApi & { close(): Promise<void> } {
  const connection = Connection.lazy({ address: '127.0.0.1:1', interceptors: [] });
  const client = new Client({ connection, interceptors: actorInterceptors });
  const codec = { encode: async <T>(p: T) => Promise.resolve(p), decode: async <T>(p: T) => Promise.resolve(p) };
  return { ...issuesApi(store, createTemporalGateway({ client, taskQueue: 'nobody', codec }), 300), close: () => connection.close() };
}
