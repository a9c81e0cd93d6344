import type { FieldError } from '../../contracts/failures';
import type { MatrixRow, UncheckedMatrixRow } from '../../contracts/matrix';
import type { Channel } from '../../contracts/notice';
import type { Policy } from '../../contracts/policy';

/** What a row is checked against, as it stands now. */
export interface RowFacts {
  /** Active people among those that the row names, by id. `serves`: holds a role of the organisation for the row's study. */
  readonly people: ReadonlyMap<string, { readonly organisationId: string; readonly serves: boolean }>;
  /** Active organisations among those of the row. */
  readonly organisationIds: ReadonlySet<string>;
  /** Organisations that work on the row's study; undefined: no such study. Not asked for rows without one. */
  readonly studyOrganisationIds: readonly string[] | undefined;
  /** The version of its policy that counts when the row takes effect. */
  readonly policy: Policy | undefined;
}

export interface RowFindings {
  /** Any of these keeps the row from being proposed or taking effect. Fields are paths in the row. */
  readonly errors: readonly FieldError[];
  /** Shown to whoever drafts and approves. */
  readonly warnings: readonly FieldError[];
}

/**
 * Whether a row can route notices (E1, E10): contacts with deputies on both sides, each an active person of
 * their organisation, reachable by channels that a PHI row allows; frequency and filing are duties of its organisations.
 */
export function checkRow(row: UncheckedMatrixRow, facts: RowFacts): RowFindings {
  const contacts = row.contacts.map((contact, index) => contactFindings({ row, facts, contact, index }));
  const levels = levelFindings(row, facts.policy);
  return {
    errors: [...wholeErrors(row, facts), ...contacts.flatMap(({ errors }) => errors), ...levels.errors],
    warnings: [...contacts.flatMap(({ warnings }) => warnings), ...levels.warnings],
  };
}

/** The row with a deputy for every contact; undefined when one is missing. */
export function completeRow(row: UncheckedMatrixRow): MatrixRow | undefined {
  const contacts = row.contacts.flatMap(({ deputyId, ...contact }) => (deputyId === undefined ? [] : [{ ...contact, deputyId }]));
  return contacts.length === row.contacts.length ? { ...row, contacts } : undefined;
}

/** Whether a channel may carry a notice of the row: the product's inbox always, others of a PHI row only when both organisations listed them. */
export function channelAllowed({ phi, phiChannels }: Pick<MatrixRow, 'phi' | 'phiChannels'>, channel: Channel): boolean {
  return !phi || channel === 'inbox' || phiChannels.includes(channel);
}

function wholeErrors(row: UncheckedMatrixRow, facts: RowFacts): FieldError[] {
  const { organisationIds, studyId, policyKey, frequency, filing } = row;
  const errors: FieldError[] = [];
  const say = (field: string, message: string) => errors.push({ field, message });
  if (new Set(organisationIds).size !== organisationIds.length) say('organisationIds', 'an organisation is named twice');
  const unknown = organisationIds.filter((id) => !facts.organisationIds.has(id));
  if (unknown.length > 0) say('organisationIds', `no active organisation: ${unknown.join(', ')}`);
  if (studyId !== null) {
    const { studyOrganisationIds } = facts;
    if (!studyOrganisationIds) say('studyId', 'no such study');
    else if (!organisationIds.every((id) => studyOrganisationIds.includes(id))) say('organisationIds', 'the organisations do not all work on this study');
  }
  if (!facts.policy) say('policyKey', `no policy ${policyKey} is in force when the row takes effect`);
  if (frequency && !organisationIds.includes(frequency.organisationId)) say('frequency.organisationId', 'not an organisation of this row');
  if (filing && !organisationIds.includes(filing.responsibleOrganisationId)) say('filing.responsibleOrganisationId', 'not an organisation of this row');
  return errors;
}

type Unchecked = UncheckedMatrixRow['contacts'][number];

function contactFindings({ row, facts, contact, index }: { row: UncheckedMatrixRow; facts: RowFacts; contact: Unchecked; index: number }): RowFindings {
  const { organisationId, personId, deputyId, channel, fallback, level } = contact;
  const errors: FieldError[] = [];
  const warnings: FieldError[] = [];
  const at = (field: keyof Contact) => `contacts.${String(index)}.${field}`;
  if (!row.organisationIds.includes(organisationId)) errors.push({ field: at('organisationId'), message: 'not an organisation of this row' });
  const isTheirs = (id: string): boolean => facts.people.get(id)?.organisationId === organisationId;
  for (const [field, id] of [['personId', personId], ['deputyId', deputyId]] as const) {
    if (id === undefined) errors.push({ field: at(field), message: 'missing: somebody must stand in' });
    else if (!isTheirs(id)) errors.push({ field: at(field), message: 'not an active person of this organisation' });
    else if (facts.people.get(id)?.serves === false) warnings.push({ field: at(field), message: 'holds no role for this study now: not told until they do' });
  }
  if (deputyId === personId) errors.push({ field: at('deputyId'), message: 'a deputy is another person' });
  const double = row.contacts.findIndex((other) => other.organisationId === organisationId && other.level === level && other.personId === personId);
  if (double < index) errors.push({ field: at('personId'), message: 'named twice at this level' });
  if (fallback === channel) errors.push({ field: at('fallback'), message: 'the fallback is another channel' });
  for (const [field, name] of [['channel', channel], ['fallback', fallback]] as const) {
    if (name !== undefined && !channelAllowed(row, name)) errors.push({ field: at(field), message: `${name} is not approved for protected health information (phiChannels)` });
  }
  return { errors, warnings };
}
type Contact = MatrixRow['contacts'][number];

/** Nobody at level 1 is an error; a vacancy further up is skipped when it is reached (E7), so it is a warning. */
function levelFindings({ organisationIds, contacts }: UncheckedMatrixRow, policy: Policy | undefined): RowFindings {
  const errors: FieldError[] = [];
  const warnings: FieldError[] = [];
  const longest = policy ? Math.max(...Object.values(policy.ladders).map(({ levels }) => levels.length)) : 1;
  for (const organisationId of new Set(organisationIds)) {
    const held = new Set(contacts.filter((contact) => contact.organisationId === organisationId).map(({ level }) => level));
    for (let level = 1; level <= longest; level += 1) {
      if (held.has(level)) continue;
      if (level === 1) errors.push({ field: 'contacts', message: `${organisationId} has nobody at level 1` });
      else warnings.push({ field: 'contacts', message: `${organisationId} has nobody at level ${String(level)}: it is skipped at once` });
    }
    const beyond = policy ? [...held].filter((level) => level > longest).toSorted((a, b) => a - b) : [];
    for (const level of beyond) warnings.push({ field: 'contacts', message: `${organisationId} has a level ${String(level)}, but the ladder of ${policy?.key ?? ''} ends at ${String(longest)}` });
  }
  return { errors, warnings };
}
