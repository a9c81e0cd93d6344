import type { Contact, MatrixRow } from '../../contracts/matrix';
import { STUDIES, type DemoStudy } from './cast';
import type { SeededPerson } from './people';

/** Level by level: who answers, and who stands in. */
const LADDER = [
  ['project_manager', 'study_lead'], ['study_lead', 'project_manager'], ['quality_head', 'quality'], ['executive', 'quality_head'],
] as const;
const SECURITY_LADDER = [['security_officer', 'quality'], ...LADDER.slice(1)] as const;

/** A row per study for topic `demo`, one for `security`, and one for every other topic. */
export function demoRows(people: readonly SeededPerson[]): readonly MatrixRow[] {
  return STUDIES.flatMap((study) => [
    rowFor({ people, study, topic: 'demo', policyKey: 'demo', ladder: LADDER }),
    rowFor({ people, study, topic: 'security', policyKey: 'security', ladder: SECURITY_LADDER }),
    rowFor({ people, study, topic: '*', policyKey: 'default', ladder: LADDER }),
  ]);
}

interface RowParts {
  readonly people: readonly SeededPerson[];
  readonly study: DemoStudy;
  readonly topic: string;
  readonly policyKey: string;
  readonly ladder: readonly (readonly [string, string])[];
}

function rowFor({ people, study, topic, policyKey, ladder }: RowParts): MatrixRow {
  const organisationIds = [study.sponsor, study.cro];
  const idOf = (organisationId: string, role: string): string => {
    const person = people.find((one) => one.organisationId === organisationId && one.roles.some((held) => held === role));
    if (!person) throw new Error(`the demo has no ${role} at ${organisationId}`);
    return person.id;
  };
  const contacts = organisationIds.flatMap((organisationId) => ladder.map(([role, deputy], index): Contact => ({
    organisationId, level: index + 1, personId: idOf(organisationId, role), deputyId: idOf(organisationId, deputy), channel: 'email',
  })));
  return { studyId: study.id, topic, organisationIds, policyKey, contacts, phi: false, phiChannels: ['inbox'] };
}
