import { z } from 'zod';
import { accountableViewSchema, adverseCheckSchema, closureSchema, containmentSchema, extentCheckSchema, planSchema, problemSchema, resultSchema, riskSchema, rootCauseSchema, seriousBreachSchema } from '../../contracts/capaSections';
import { ELSEWHERE_SUBJECTS } from '../../contracts/capaImport';
import { ACTION_KINDS, CAPA_STATUSES, COUNTED_SOURCES, GATES, SIGNED_SUBJECTS, STAGES } from '../../contracts/capaWords';
import { severitySchema } from '../../contracts/policy';
import { policyScopeSchema } from '../../contracts/policyScope';
import { linksSchema } from './issue';
import { signatureSchema } from './signature';

const id = z.string();
const instant = z.iso.datetime();
const by = z.object({ personId: id, organisationId: id, role: z.string(), at: instant, signed: z.literal(true).optional().describe('By signature; absent: it is from before such acts were signed.') });

const action = z.object({
  id, kind: z.enum(ACTION_KINDS), description: z.string(), ownerId: id.nullable(), organisationId: id,
  originalDue: instant.describe('Never changes.'), due: instant, status: z.enum(['open', 'reported', 'verified']), evidenceIds: z.array(id),
  reported: by.nullable(), verified: by.nullable(), missedAt: instant.nullable(),
});

/** For the OpenAPI document. */
export const capaSchema = z.object({
  id, number: z.string(), rev: z.int(), title: z.string(), description: z.string(), status: z.enum(CAPA_STATUSES), severity: severitySchema, classification: z.enum(ACTION_KINDS),
  topic: z.string(), studyId: id.nullable(), systemId: id.nullable(), raisingOrganisationId: id, accountableOrganisationId: id, sponsorOrganisationId: id.nullable(),
  raisedBy: id.nullable(), openedAt: instant, policy: z.string().describe('`<key>/<version>`, in a scope `<key>@<scope>/<version>`.'), policyScope: policyScopeSchema, policyBecause: z.string().describe('Why it runs under this one.'), ownerId: id.nullable(), assessor: z.object({ personId: id.nullable(), organisationId: id }).nullable(),
  sponsorImpact: z.enum(['affected', 'not_affected', 'no_sponsor']), iteration: z.int(), iterationFrom: instant,
  source: z.object({ type: z.string(), recordId: id.nullable().describe('null: there is none, or it is none of yours.'), reference: z.string().nullable() }),
  problem: problemSchema, riskBefore: riskSchema.nullable(), statedBy: z.object({ problem: id.optional(), riskBefore: id.optional() }).optional().describe('Which organisation stated them, where it was not the raising one.'),
  accountableView: accountableViewSchema.nullish().describe('How the accountable side sees the problem.'), seriousBreach: seriousBreachSchema.nullable(), containment: containmentSchema.nullable(),
  rootCause: rootCauseSchema.nullable(), extentCheck: extentCheckSchema.nullable(), plan: planSchema.nullable(),
  correctiveActions: z.array(action), preventiveActions: z.array(action),
  adverseCheck: adverseCheckSchema.nullable(), result: resultSchema.nullable(), closure: closureSchema.nullable(),
  measurement: z.object({ source: z.enum(COUNTED_SOURCES), formula: z.int(), from: instant, to: instant, numerator: z.int(), denominator: z.int(), sources: z.array(z.object({ recordId: id, met: z.boolean() })) }).nullish().describe('What the product counted of the effect when the result was written.'),
  deviations: z.array(z.object({ reason: z.string(), by })).optional().describe('Signed by quality: why the result counts as effective although its goal was missed.'),
  submitted: z.enum(GATES).nullable().describe('The part that waits for signatures.'), unsignedActs: z.array(z.string()).describe('What is signed today and was done here before it was.'),
  breachAnswers: z.array(z.object({ answer: z.enum(['yes', 'no']), reason: z.string(), by: by.nullable() })).optional().describe('Every answer to the question of serious breach, oldest first.'),
  breachReport: z.object({ awareAt: instant, missedAt: instant.nullable(), reported: by.extend({ reference: z.string() }).nullable() }).nullish().describe('The report to the authority that is owed.'),
  regradings: z.array(z.object({ from: severitySchema, to: severitySchema, reason: z.string(), by, before: z.array(z.object({ name: z.string(), due: instant })) })).optional().describe('Changes of the severity, with the due instants that each replaced.'),
  signatories: z.array(id), signaturesMissing: z.array(id),
  versions: z.record(z.enum(SIGNED_SUBJECTS), z.int()),
  stages: z.array(z.object({ name: z.enum(STAGES), iteration: z.int(), from: instant, originalDue: instant.nullable(), due: instant.nullable(), endedAt: instant.nullable(), missedAt: instant.nullable() })),
  extensions: z.array(z.looseObject({ no: z.int(), deadline: z.string(), from: instant, to: instant, late: z.boolean(), status: z.enum(['pending', 'granted', 'declined', 'lapsed']) })),
  verifiedAt: instant.nullable(), monitoringUntil: instant.nullable(), closedAt: instant.nullable(), closedBy: z.enum(['effective', 'waived']).nullable(), watchedUntil: instant.nullable(),
  evidenceHashes: z.record(z.string(), z.string()).describe('SHA-256 of the evidence that its parts name, by id.'), joined: z.boolean().optional().describe('The same trigger had a CAPA already: this is it.'),
  imported: z.looseObject({ importId: id, row: z.int(), externalNumber: z.string(), status: z.string(), catchUpAt: instant, closedElsewhereAt: instant.optional() }).optional().describe('It did not begin here (docs/capa-import.md).'),
  approvedElsewhere: z.array(z.object({
    subject: z.enum(ELSEWHERE_SUBJECTS), name: z.string(), organisationId: id, role: z.string().nullable(), on: z.string(), evidenceId: id.nullable(), reference: z.string().nullable(),
    statedBy: z.object({ personId: id, organisationId: id }).optional().describe('Who brought it in and says so.'),
  })).optional().describe('Stated on import, with what proves it; no signatures. What is said of another organisation than the importer\'s carries no gate: its quality signs here.'),
  signatures: z.array(signatureSchema).optional().describe('Of `GET /api/v1/capas/{id}`: as `GET /api/v1/records/{id}/signatures` answers them (21 CFR 11.50).'),
  links: linksSchema, updatedAt: instant,
}).loose().meta({ id: 'Capa' });
