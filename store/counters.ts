import { randomInt } from 'node:crypto';
import { numberOf, seriesOf, tagOfCode, type Numbered, type NumberKind } from '../domain/records/numberSeries';
import type { Store } from './connection';
import { isDuplicateKey } from './duplicateKey';
import { studyById } from './studies';

interface Series { readonly tag: string; readonly drawn: Partial<Record<NumberKind, number>> }

/** Without vowels, and without what is taken for another: no words, no misreading. */
const LETTERS = '23456789BCDFGHJKMNPQRSTVWXZ';
const OPAQUE_LENGTH = 5;

/**
 * The next display number of a record of this kind, e.g. `ISS-ALP-101-42`: one series a study, or a circle of parties
 * without one. Numbers are unique and ascending in their series, not gapless: an opening that is refused later keeps the number it drew.
 */
export async function nextNumber(store: Store, kind: NumberKind, of: Numbered): Promise<string> {
  const [number = ''] = await draw(store, { kind, of, count: 1 });
  return number;
}

/** The next display numbers of many records at once, in their order; one step a series. */
export async function nextNumbers(store: Store, kind: NumberKind, records: readonly Numbered[]): Promise<readonly string[]> {
  const waiting = new Map<string, { readonly of: Numbered; readonly places: number[] }>();
  records.forEach((of, place) => {
    const series = waiting.get(seriesOf(of)) ?? { of, places: [] };
    series.places.push(place);
    waiting.set(seriesOf(of), series);
  });
  const numbers: string[] = [];
  for (const { of, places } of waiting.values()) {
    const drawn = await draw(store, { kind, of, count: places.length });
    places.forEach((place, index) => { numbers[place] = drawn[index] ?? ''; });
  }
  return numbers;
}

async function draw(store: Store, { kind, of, count }: { readonly kind: NumberKind; readonly of: Numbered; readonly count: number }): Promise<readonly string[]> {
  const more = async () => store.models.counters.findOneAndUpdate({ _id: seriesOf(of) }, { $inc: { [`drawn.${kind}`]: count } }, { returnDocument: 'after' }).lean<Series>();
  let series = await more();
  while (!series) {
    await begin(store, of);
    series = await more();
  }
  const { tag, drawn } = series;
  const last = drawn[kind] ?? count;
  return Array.from({ length: count }, (_, index) => numberOf(kind, tag, last - count + 1 + index));
}

/** Gives a series its tag, for ever: a study's code may change, its numbers have been written down. */
async function begin(store: Store, of: Numbered): Promise<void> {
  const study = of.studyId === null ? undefined : await studyById(store, of.studyId);
  const plain = study && tagOfCode(study.code);
  try {
    await store.models.counters.create({ _id: seriesOf(of), tag: plain ?? opaque(), drawn: {} });
  } catch (error) {
    if (!isDuplicateKey(error)) throw error;
    // Begun at the same moment, or another series has the tag: an addition that says nothing of whose it is.
    if (plain === undefined || await store.models.counters.exists({ _id: seriesOf(of) })) return;
    await store.models.counters.updateOne({ _id: seriesOf(of) }, { $setOnInsert: { tag: `${plain}-${opaque()}`, drawn: {} } }, { upsert: true });
  }
}

/** Says nothing of the parties: whoever is shown a record later may know one of them only. */
function opaque(): string {
  return Array.from({ length: OPAQUE_LENGTH }, () => LETTERS[randomInt(LETTERS.length)] ?? '').join('');
}
