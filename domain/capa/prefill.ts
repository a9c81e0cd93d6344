import type { OpenCapa, OpenFromRecord } from '../../contracts/capa';
import type { RecordFinding } from '../../contracts/finding';
import type { Severity } from '../../contracts/policy';

/** What a CAPA takes over from the record that it is opened from. */
export interface SourceRecord {
  readonly _id: string;
  readonly number: string;
  readonly content: { readonly title: string; readonly description: string };
  readonly severity: string;
  readonly topic: string;
  readonly studyId: string | null;
  readonly systemId: string | null;
  readonly raisingOrganisationId: string;
  readonly accountableOrganisationId: string;
}

const SEVERITIES: readonly Severity[] = ['critical', 'major', 'minor'];
/** Problem statements take no more, characters. */
const MOST = 4000;

/** A CAPA opened from an issue or a control: what was said wins, the rest is the record's. Without a problem statement it is a draft. */
export function capaFromRecord(record: SourceRecord, type: 'issue' | 'control', said: OpenFromRecord): OpenCapa {
  const { _id, number, content, topic, studyId, systemId, raisingOrganisationId, accountableOrganisationId } = record;
  return {
    topic: topic === '*' ? 'communication' : topic, title: content.title, description: content.description === '' ? content.title : content.description,
    severity: SEVERITIES.find((severity) => severity === record.severity) ?? 'minor', classification: 'corrective', raisingOrganisationId, accountableOrganisationId,
    ...(studyId === null ? {} : { studyId }), ...(systemId === null ? {} : { systemId }),
    // Two people who ask at the same time have one CAPA.
    dedupeKey: `from/${_id}`, draft: said.problem === undefined,
    ...given(said), source: { type, recordId: _id, reference: number },
  };
}

/** The CAPA of an audit finding: quality is asked to triage it at once. */
export function capaFromFinding(id: string, finding: RecordFinding): OpenCapa {
  const { auditReference, auditDate, findingNo, title, description, severity, studyId, systemId, topic, raisingOrganisationId, accountableOrganisationId, classification, problem, riskBefore } = finding;
  const made = {
    what: description.slice(0, MOST), where: systemId ?? `As audited: ${auditReference}`, when: `Audit of ${auditDate}`,
    extent: `As described in finding ${findingNo}; the extent check will say whether it stands elsewhere.`,
  };
  return {
    ...(studyId === undefined ? {} : { studyId }), ...(systemId === undefined ? {} : { systemId }), topic, title, description, severity, classification, raisingOrganisationId, accountableOrganisationId,
    source: { type: 'audit_finding', recordId: id, reference: findingReference({ auditReference, findingNo }) }, problem: problem ?? made, ...(riskBefore === undefined ? {} : { riskBefore }),
  };
}

/** How a finding is called: `AUD-7, finding 3`. */
export const findingReference = ({ auditReference, findingNo }: Pick<RecordFinding, 'auditReference' | 'findingNo'>): string => `${auditReference}, finding ${findingNo}`;

/** The members that were said. */
function given(said: OpenFromRecord): { readonly [K in keyof OpenFromRecord]?: Exclude<OpenFromRecord[K], undefined> } {
  return Object.fromEntries(Object.entries(said).filter(([, value]) => value !== undefined));
}
