import type { ImportedAction } from '../../contracts/capaImport';
import type { PlannedAction } from '../../contracts/capaSections';
import type { ActionState } from '../../contracts/capaState';
import type { ActionKind } from '../../contracts/capaWords';
import type { Instant } from '../../contracts/instant';
import { cellLines, dayCell } from './cells';
import type { DayReader } from './days';
import { personFor } from './people';
import type { Place } from './place';
import type { RowCells } from './rowCells';
import type { ImportWorld, KnownPerson } from './world';

const FORM = 'corrective or preventive | what is done | owner’s e-mail | due | original due | done on | verified on, one line for each action';
const MOST = 40;
const KINDS: Readonly<Record<string, ActionKind>> = { corrective: 'corrective', ca: 'corrective', preventive: 'preventive', pa: 'preventive' };

/** An action as the line states it. */
export interface StatedAction {
  readonly planned: PlannedAction;
  readonly owner: KnownPerson;
  readonly state: ActionState;
  readonly mark: ImportedAction;
}

interface Reading {
  readonly cells: RowCells;
  readonly world: ImportWorld;
  readonly place: Place | undefined;
  readonly days: DayReader;
  readonly openedOn: string | undefined;
}

/** Reads the actions; those that are wrong are said and left out. */
export function actionsOf(reading: Reading): readonly StatedAction[] {
  const lines = cellLines(reading.cells.raw('actions'));
  if (lines.length > MOST) reading.cells.wrong('actions', `${String(lines.length)} actions: at most ${String(MOST)} are taken`);
  const counts = { corrective: 0, preventive: 0 };
  return lines.slice(0, MOST).flatMap((parts, index) => {
    const kind = KINDS[(parts[0] ?? '').toLowerCase()];
    if (kind) counts[kind] += 1;
    return actionOf(reading, { parts, kind, no: index + 1, id: `${kind === 'preventive' ? 'p' : 'c'}${String(counts[kind ?? 'corrective'])}` }) ?? [];
  });
}

function actionOf(reading: Reading, { parts, kind, no, id }: { parts: readonly string[]; kind: ActionKind | undefined; no: number; id: string }): StatedAction | undefined {
  const { cells, place, days } = reading;
  const wrong: string[] = [];
  const [, description = '', email = '', ...dates] = parts;
  const isFormed = parts.length >= 4 && parts.length <= 7;
  if (!isFormed) wrong.push(FORM);
  if (isFormed && !kind) wrong.push('its kind is corrective or preventive');
  if (isFormed && (description === '' || description.length > 4000)) wrong.push('what is done is not said in 1 to 4000 characters');
  const owner = isFormed ? ownerOf(reading, email) : undefined;
  if (owner && 'wrong' in owner) wrong.push(owner.wrong);
  const when = isFormed ? whenOf(reading, dates) : undefined;
  if (when && 'wrong' in when) wrong.push(...when.wrong);
  for (const message of wrong) cells.wrong('actions', `action ${String(no)}: ${message}`);
  if (wrong.length > 0 || !kind || !owner || !('found' in owner) || !when || !('due' in when) || !place) return undefined;
  return stated({ id, kind, description, owner: owner.found }, { ...when, due: days.endOf(when.due), originalDue: days.endOf(when.originalDue) });
}

interface When { readonly due: string; readonly originalDue: string; readonly doneOn: string | null; readonly verifiedOn: string | null }

/** The days of an action: due, due at first, done, verified; or everything that is wrong with them. */
function whenOf({ days: { today }, openedOn }: Reading, [due = '', original = '', done = '', verified = '']: readonly string[]): When | { readonly wrong: readonly string[] } {
  const wrong: string[] = [];
  const day = (text: string, name: string): string | undefined => {
    const cell = text === '' ? undefined : dayCell(text);
    if (cell && 'wrong' in cell) wrong.push(`${name}: ${cell.wrong}`);
    return cell && 'value' in cell ? cell.value : undefined;
  };
  if (due === '') wrong.push('has no due date');
  const [dueOn, originalOn, doneOn, verifiedOn] = [day(due, 'due'), day(original, 'original due'), day(done, 'done on'), day(verified, 'verified on')];
  const from = originalOn ?? dueOn;
  const isEarly = (on: string | undefined): boolean => on !== undefined && openedOn !== undefined && on < openedOn;
  if (isEarly(from)) wrong.push(`is due on ${from ?? ''}, before the opening`);
  if (dueOn !== undefined && originalOn !== undefined && dueOn < originalOn) wrong.push('is due before its original date: a date moves to a later one');
  if (doneOn !== undefined && doneOn > today) wrong.push(`was done on ${doneOn}, which lies in the future`);
  else if (isEarly(doneOn)) wrong.push(`was done on ${doneOn ?? ''}, before the opening`);
  if (verifiedOn !== undefined && verifiedOn > today) wrong.push(`was verified on ${verifiedOn}, which lies in the future`);
  else if (verifiedOn !== undefined && done === '') wrong.push('is verified, but not done: say when it was done');
  else if (verifiedOn !== undefined && doneOn !== undefined && verifiedOn < doneOn) wrong.push('was verified before it was done');
  return wrong.length > 0 || dueOn === undefined || from === undefined ? { wrong } : { due: dueOn, originalDue: from, doneOn: doneOn ?? null, verifiedOn: verifiedOn ?? null };
}

function ownerOf({ world, place }: Reading, email: string): { readonly found: KnownPerson } | { readonly wrong: string } {
  if (email === '') return { wrong: 'has no owner: write the e-mail address of who does it' };
  const organisationIds = place && [...new Set([place.raising.id, place.accountable.id])];
  return personFor(world, { email, act: 'capa:own', duty: 'the owner of an action', organisationIds, place });
}

function stated(of: { id: string; kind: ActionKind; description: string; owner: KnownPerson }, when: { due: Instant; originalDue: Instant; doneOn: string | null; verifiedOn: string | null }): StatedAction {
  const { id, kind, description, owner } = of;
  const { due, originalDue, doneOn, verifiedOn } = when;
  const common = { id, kind, description, ownerId: owner.id, organisationId: owner.organisationId };
  return {
    owner, planned: { ...common, due: originalDue }, mark: { id, doneOn, verifiedOn },
    // Who reported and who verified it elsewhere is on paper: nobody is named here as if they had done it in the product.
    state: { ...common, originalDue, due, status: verifiedOn !== null ? 'verified' : doneOn !== null ? 'reported' : 'open', evidenceIds: [], reported: null, verified: null, missedAt: null },
  };
}
