import { businessDays } from '../../contracts/spans';
import type { Instant } from '../../contracts/instant';
import type { Contact, FilingRule, Frequency, MatrixApproval, MatrixRow } from '../../contracts/matrix';
import { STUDIES, type DemoStudy } from './cast';
import type { DemoPerson } from './people';

/** Level by level: who answers, and who stands in. */
const LADDER = [
  ['project_manager', 'study_lead'], ['study_lead', 'project_manager'], ['quality_head', 'quality'], ['executive', 'quality_head'],
] as const;
const SECURITY_LADDER = [['security_officer', 'quality'], ...LADDER.slice(1)] as const;

/** A row per study for topic `demo`, one for `security`, and one for every other topic. */
export function demoRows(people: readonly DemoPerson[]): readonly MatrixRow[] {
  return STUDIES.flatMap((study) => [
    rowFor({ people, study, topic: 'demo', policyKey: 'demo', ladder: LADDER }),
    rowFor({ people, study, topic: 'security', policyKey: 'security', ladder: SECURITY_LADDER }),
    rowFor({ people, study, topic: '*', policyKey: 'default', ladder: LADDER, frequency: study === STUDIES[0] ? frequencyOf(study) : undefined }),
  ]);
}

interface RowParts {
  readonly people: readonly DemoPerson[];
  readonly study: DemoStudy;
  readonly topic: string;
  readonly policyKey: string;
  readonly ladder: readonly (readonly [string, string])[];
  readonly frequency?: Frequency | undefined;
}

function rowFor({ people, study, topic, policyKey, ladder, frequency }: RowParts): MatrixRow {
  const organisationIds = [study.sponsor, study.cro];
  const idOf = (organisationId: string, role: string): string => {
    const person = people.find((one) => one.organisationId === organisationId && one.roles.some((held) => held === role));
    if (!person) throw new Error(`the demo has no ${role} at ${organisationId}`);
    return person.id;
  };
  const contacts = organisationIds.flatMap((organisationId) => ladder.map(([role, deputy], index): Contact => ({
    organisationId, level: index + 1, personId: idOf(organisationId, role), deputyId: idOf(organisationId, deputy), channel: 'email', fallback: 'inbox',
  })));
  return { studyId: study.id, topic, organisationIds, policyKey, contacts, phi: false, phiChannels: ['inbox'], filing: filingOf(study), ...(frequency && { frequency }) };
}

/** Correspondence of a study is filed by its sponsor. */
function filingOf(study: DemoStudy): FilingRule {
  return { tmfReference: '01.05', location: `eTMF of ${study.code}, folder Communication`, responsibleOrganisationId: study.sponsor };
}

/** Every two weeks, with two days' grace; the CRO reports. */
function frequencyOf(study: DemoStudy): Frequency {
  return { every: businessDays(10), grace: businessDays(2), organisationId: study.cro };
}

/** Who approved the demo's rows: the executive of each organisation. */
export function demoApprovals({ organisationIds }: Pick<MatrixRow, 'organisationIds'>, people: readonly DemoPerson[], at: Instant): readonly MatrixApproval[] {
  return organisationIds.flatMap((organisationId) => {
    const person = people.find((one) => one.organisationId === organisationId && one.roles.includes('executive'));
    return person ? [{ organisationId, personId: person.id, role: 'executive', at }] : [];
  });
}
