import { FATES, type ClosedSlot, type ControlState, type Fate, type Witness } from '../../contracts/control';
import { parseInstant, type Instant } from '../../contracts/instant';
import type { ArmedDeadline, Fact, Json } from '../../contracts/step';
import { deadlines, otherOrganisation } from './slots';

/** What lists filter by, derived from the state in the same transaction. */
export function project(state: ControlState) {
  return {
    status: state.status, severity: 'minor', topic: state.topic, level: 0, studyId: state.studyId, systemId: null,
    raisingOrganisationId: otherOrganisation(state), accountableOrganisationId: state.rule.organisationId,
    assigneeIds: [], drill: false, visibleTo: state.organisationIds,
  };
}

/** The slots that a step closed. A slot that was filled in time never told its machine when it was due: the armed deadline did. */
export function closedSlots(step: { readonly facts: readonly Fact[]; readonly armed: readonly ArmedDeadline[]; readonly at: Instant }): readonly ClosedSlot[] {
  const armedDue = step.armed.find((deadline) => deadline.name === deadlines.slot)?.due ?? null;
  return step.facts.filter((fact) => fact.action === 'slot.closed').map(({ new: fate, detail = {}, reason }): ClosedSlot => ({
    no: Number(detail['slot']), fate: fateOf(fate), from: instantIn(detail['from'], step.at), due: typeof detail['due'] === 'string' ? instantIn(detail['due'], step.at) : armedDue,
    until: instantIn(detail['until'], step.at), closedAt: step.at, contact: contactIn(detail['contact']), reason: reason ?? null,
  }));
}

function fateOf(value: Json | undefined): Fate {
  const fate = FATES.find((known) => known === value);
  if (!fate) throw new RangeError(`no fate of a slot is called ${JSON.stringify(value)}`);
  return fate;
}

function instantIn(value: Json | undefined, otherwise: Instant): Instant {
  return (typeof value === 'string' ? parseInstant(value) : undefined) ?? otherwise;
}

function contactIn(value: Json | undefined): ClosedSlot['contact'] {
  if (typeof value !== 'object' || value === null) return null;
  const { at, how, evidence, witness } = value as { readonly [key: string]: Json };
  const instant = typeof at === 'string' ? parseInstant(at) : undefined;
  return instant && typeof how === 'string' ? { at: instant, how, evidence: typeof evidence === 'string' ? evidence : null, ...(witness !== undefined && { witness: witness as unknown as Witness }) } : null;
}
