import { z } from 'zod';
import { filingRecord } from '../../domain/notices/filing';
import { filingSources } from '../../store/filing';
import { notPermitted } from '../administer';
import { compareFirst } from '../commands/comparison';
import type { ApiDeps } from '../deps';
import { defineRoute, type Route } from '../route';
import { filingCsv, filingJson } from '../views/filing';
import { wholeRecord } from '../views/readers';
import { recordParams } from './pathway';

const filingSchema = z.object({
  kind: z.literal('cro-oversight/filing-record'), version: z.literal(1), preparedFor: z.array(z.string()), record: z.record(z.string(), z.unknown()),
  matrix: z.object({ rowKey: z.string(), version: z.int(), approvals: z.array(z.record(z.string(), z.unknown())) }).nullable().describe('The row version that routed the record, with its approvals and their electronic signatures; null: routed by role.'),
  filing: z.object({ tmfReference: z.string(), location: z.string(), responsibleOrganisationId: z.string() }).nullable(),
  notices: z.array(z.record(z.string(), z.unknown())).describe('Each attempt: content hash, channel, sent, delivered, reached, acknowledged by whom.'),
  acknowledgements: z.array(z.object({ personId: z.string(), organisationId: z.string(), role: z.string(), at: z.string(), seq: z.int() })),
  audit: z.array(z.object({ streamId: z.string(), length: z.int(), head: z.string() })).describe('Ends of the record\'s chain and of its notices\'.'),
  sha256: z.string().describe('Over the RFC 8785 form of everything else.'),
}).meta({ id: 'FilingRecord' });

/** Evidence of what was told, ready for the trial master file (E11). */
export function filingRoutes(deps: ApiDeps): Route[] {
  const read = defineRoute({
    method: 'get', path: '/api/v1/issues/{id}/filing', summary: 'Filing-ready record of everything told about an issue, as JSON or CSV', tags: ['issues'], access: 'signed_in', scope: 'read',
    params: recordParams,
    query: z.strictObject({ format: z.enum(['json', 'csv']).default('json').describe('`csv`: one line per notice, as `text/csv`.') }),
    answers: { 200: { description: 'For parties; addresses of the other organisation are masked. The same record gives the same bytes; `X-Content-Sha256` is the hash of the document, of CSV that of the file.', schema: filingSchema, otherTypes: { 'text/csv': z.string() } } },
    handler: async ({ params, query, caller, correlationId }) => {
      const { record, viewer } = await wholeRecord(deps, { recordId: params.id, caller, capability: 'escalation' });
      const organisationIds = viewer.organisationIds.filter((id) => id === record.raisingOrganisationId || id === record.accountableOrganisationId);
      if (organisationIds.length === 0) throw notPermitted('Only parties file what was told.');
      await compareFirst(deps, record, { purpose: 'filing', caller, correlationId });
      const document = filingRecord({ ...(await filingSources(deps.store, record)), organisationIds });
      return query.format === 'csv' ? filingCsv(document) : filingJson(document);
    },
  });
  return [read];
}
