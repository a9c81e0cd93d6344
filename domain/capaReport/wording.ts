import type { Block, Cell, Fact, Line } from '../../contracts/document';
import type { Json } from '../../contracts/step';
import type { CapaReport } from './report';

/** More of a value than this is left to the attached JSON, and said so. Characters. */
const LONGEST_VALUE = 900;

/** `plan_review` as people read it. */
export const words = (name: string): string => name.replaceAll(/[_-]/gu, ' ');

/** `2026-11-23 09:00:00 UTC`; what is not there is a dash. */
export const utc = (instant: string | null | undefined): string => (instant ? `${instant.slice(0, 10)} ${instant.slice(11, 19)} UTC` : '–');

export const orDash = (text: string | null | undefined): string => (text === null || text === undefined || text === '' ? '–' : text);

export const heading = (level: 1 | 2 | 3, text: string): Block => ({ kind: 'heading', level, text });
export const sentence = (text: string): Block => ({ kind: 'text', text, quiet: true });
export const facts = (...lines: readonly Fact[]): Block => ({ kind: 'facts', facts: lines });

/** A table, or a sentence where it would be empty. */
export function table(columns: readonly (readonly [label: string, share: number])[], rows: readonly (readonly Cell[])[], empty: string): Block {
  return rows.length === 0 ? sentence(empty) : { kind: 'table', columns: columns.map(([label, share]) => ({ label, share })), rows };
}

/** Who did something, in which role for whom, and when. */
interface Hand {
  readonly personId: string;
  readonly role: string;
  readonly organisationId: string;
  readonly at: string;
}

/** Names for the ids of one report. */
export class Names {
  readonly #report: Pick<CapaReport, 'names' | 'evidence' | 'numbers'>;
  readonly #labels: ReadonlyMap<string, string>;

  constructor(report: Pick<CapaReport, 'names' | 'evidence' | 'numbers'>) {
    this.#report = report;
    this.#labels = new Map(report.evidence.map(({ id, label }) => [id, label]));
  }

  person(id: string | null): string {
    return id === null ? '–' : this.#report.names.people[id] ?? id;
  }

  organisation(id: string | null): string {
    return id === null ? '–' : this.#report.names.organisations[id] ?? id;
  }

  study(id: string | null): string {
    return id === null ? '–' : this.#report.names.studies[id] ?? id;
  }

  /** `Ann Lee (quality, Sponsor AG), 2026-11-23 09:00:00 UTC` */
  hand(by: Hand | null): string {
    return by ? `${this.person(by.personId)} (${words(by.role)}, ${this.organisation(by.organisationId)}), ${utc(by.at)}` : '–';
  }

  /** A record by its number and id; one that has none here by its id alone. null: its reader may not know of it. */
  record(id: string | null): string {
    if (id === null) return 'a record of others';
    const number = this.#report.numbers[id];
    return number === undefined ? id : `${number} (${id})`;
  }

  /** A value of the trail; the id of a person with their name. */
  value(value: Json | undefined): string {
    const name = typeof value === 'string' ? this.#report.names.people[value] : undefined;
    return name === undefined || typeof value !== 'string' ? valueText(value) : `${name} (${value})`;
  }

  /** Labels of the evidence list; an id that is not in it stands for itself. */
  evidence(ids: readonly string[]): string {
    return ids.length === 0 ? '–' : ids.map((id) => this.#labels.get(id) ?? `${id} (not linked)`).join(', ');
  }
}

/** A value of the trail in one line; a long one is cut, visibly. */
export function valueText(value: Json | undefined): string {
  if (value === undefined || value === null) return '–';
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  const letters = Array.from(text);
  const over = letters.length - LONGEST_VALUE;
  return over > 0 ? `${letters.slice(0, LONGEST_VALUE).join('')}… (${String(over)} characters more in the attached JSON)` : text;
}

/** What an entry says beside, member by member. */
export function detailText(detail: Json): string {
  if (typeof detail !== 'object' || detail === null || Array.isArray(detail)) return valueText(detail);
  return Object.entries(detail).map(([name, value]) => `${name}: ${valueText(value)}`).join('; ');
}

const UNITS = [['d', 86_400_000], ['h', 3_600_000], ['min', 60_000], ['s', 1000]] as const;

/** How late, in the two largest units: `2 d 3 h`. ms */
export function lateText(ms: number | null): string {
  if (ms === null) return '–';
  let rest = ms;
  const parts = UNITS.flatMap(([unit, each]) => {
    const amount = Math.floor(rest / each);
    rest -= amount * each;
    return amount > 0 ? [`${String(amount)} ${unit}`] : [];
  });
  return parts.slice(0, 2).join(' ') || 'under 1 s';
}

export const quiet = (text: string): Line => ({ text, style: 'quiet' });
export const code = (text: string): Line => ({ text, style: 'code' });
export const plain = (text: string): Line => ({ text });
export const strong = (text: string): Line => ({ text, style: 'strong' });
