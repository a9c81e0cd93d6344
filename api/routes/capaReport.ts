import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { z } from 'zod';
import { CONTENT_HASH_HEADER } from '../../contracts/evidence';
import { CAPA } from '../../contracts/capaWords';
import { fileNameOf, reportDocument } from '../../domain/capaReport/document';
import { capaReport, reportText } from '../../domain/capaReport/report';
import { renderPdf } from '../../platform/pdf';
import { capaReportSources } from '../../store/capaReport';
import type { ApiDeps, Caller } from '../deps';
import { compareFirst } from '../commands/comparison';
import { invalid } from '../problem';
import { defineRoute, type Outgoing, type Route } from '../route';
import { withKnownLinks } from '../views/knownLinks';
import { wholeRecord } from '../views/readers';
import { attachmentOf } from './evidenceViews';
import { recordParams } from './pathway';

const tags = ['capas'];
const path = '/api/v1/capas/{id}/report';
const JSON_TYPE = 'application/json';
const PDF_TYPE = 'application/pdf';
type Form = typeof JSON_TYPE | typeof PDF_TYPE;
interface Asking { readonly caller: Caller; readonly correlationId: string }

const reportSchema = z.object({
  kind: z.literal('cro-oversight/capa-report'), version: z.literal(1),
  basis: z.looseObject({ recordId: z.string(), number: z.string(), revision: z.int(), asOf: z.iso.datetime() }).describe('What it is a report of: the same basis gives the same bytes.'),
  capa: z.looseObject({}).describe('As `GET /api/v1/capas/{id}` shows the record itself, at this revision.'),
  signatures: z.array(z.looseObject({})).describe('As `GET /api/v1/records/{id}/signatures` answers them; `since`: how what was signed differs from what stands there now.'),
  versions: z.array(z.looseObject({ version: z.int(), reason: z.string().nullable(), missing: z.string().nullable() })).describe('What the CAPA said, revision by revision, with what each changed; whole where it was returned, or an iteration ended with it.'),
  evidence: z.array(z.looseObject({ label: z.string(), id: z.string(), fileName: z.string(), sizeBytes: z.int(), sha256: z.string() })),
  trail: z.looseObject({ length: z.int(), head: z.string(), intact: z.boolean(), entries: z.array(z.looseObject({})) }),
}).loose().meta({ id: 'CapaReport' });

const asJson = { description: `RFC 8785; \`${CONTENT_HASH_HEADER}\` is its SHA-256. The same revision with the same evidence gives the same bytes.`, schema: reportSchema };
const asPdf = { description: 'PDF/A-3b with the JSON attached. The same revision with the same evidence gives the same bytes.', contentType: PDF_TYPE, schema: z.string().meta({ format: 'binary' }) };

/** One CAPA for an inspector: signatures, trail, evidence and hashes, for paper and for machines (21 CFR 11.10(b)). */
export function capaReportRoutes(deps: ApiDeps): Route[] {
  const made = async (recordId: string, { caller, correlationId }: Asking, form: Form): Promise<Outgoing> => {
    const { record, viewer } = await wholeRecord(deps, { recordId, caller, capability: CAPA.capability });
    await compareFirst(deps, record, { purpose: 'report', caller, correlationId });
    const report = await withKnownLinks(deps, caller, capaReport({ ...(await capaReportSources(deps.store, record)), organisationIds: viewer.organisationIds }));
    const text = reportText(report);
    const bytes = Buffer.from(text);
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    const name = fileNameOf(report);
    if (form === JSON_TYPE) return { status: 200, stream: Readable.from([bytes]), headers: { ...headersOf(`${name}.json`, form), 'Content-Length': String(bytes.length), [CONTENT_HASH_HEADER]: sha256 } };
    return { status: 200, stream: renderPdf(reportDocument({ text, bytes, sha256 })), headers: headersOf(`${name}.pdf`, form) };
  };

  const negotiated = defineRoute({
    method: 'get', path, summary: 'Report of one CAPA for an inspector: `application/json`, or `application/pdf` if the Accept header prefers it', tags, access: 'signed_in', scope: 'read', params: recordParams,
    answers: { 200: { ...asJson, otherTypes: { [PDF_TYPE]: asPdf.schema } } },
    handler: ({ params, req, ...asking }) => {
      const form = req.accepts([JSON_TYPE, PDF_TYPE]);
      if (form !== JSON_TYPE && form !== PDF_TYPE) throw invalid([{ field: 'Accept', message: `must allow ${JSON_TYPE} or ${PDF_TYPE}` }]);
      return made(params.id, asking, form);
    },
  });
  const json = defineRoute({
    method: 'get', path: `${path}.json`, summary: 'Report of one CAPA as JSON', tags, access: 'signed_in', scope: 'read', params: recordParams, answers: { 200: asJson },
    handler: ({ params, ...asking }) => made(params.id, asking, JSON_TYPE),
  });
  const pdf = defineRoute({
    method: 'get', path: `${path}.pdf`, summary: 'Report of one CAPA as PDF/A, with the JSON attached', tags, access: 'signed_in', scope: 'read', params: recordParams, answers: { 200: asPdf },
    handler: ({ params, ...asking }) => made(params.id, asking, PDF_TYPE),
  });
  return [negotiated, json, pdf];
}

function headersOf(fileName: string, form: Form): Readonly<Record<string, string>> {
  return { 'Content-Type': form, 'Content-Disposition': attachmentOf(fileName), 'X-Content-Type-Options': 'nosniff', Vary: 'Accept' };
}
