import { instantOf, plusMs } from '../../../contracts/instant';
import { boundForgery, SAID_EVERY_MS, SUBJECTS_AT_MOST, type Spoken } from '../../../domain/forgeries/bound';

const AT = instantOf(Date.UTC(2026, 10, 28));

function played(tries: readonly (readonly [subject: string, afterMs: number])[]): readonly (readonly [string, number])[] {
  let spoken: Spoken = {};
  return tries.flatMap(([subject, afterMs]) => {
    const bounded = boundForgery(spoken, { subject, at: plusMs(AT, afterMs) });
    ({ spoken } = bounded);
    return bounded.say ? [[bounded.say.beyond ? 'others' : bounded.say.subject, bounded.say.before] as const] : [];
  });
}

describe('refused forgeries', () => {
  test('P12 ten thousand of one record are two entries in two hours, and the second says how many there were', () => {
    const tries = Array.from({ length: 10_000 }, (_, n) => ['a', n < 9000 ? 1 : SAID_EVERY_MS + n] as const);
    expect(played(tries)).toEqual([['a', 0], ['a', 8999]]);
  });

  test('P12 each record is said by itself, up to a bound; what is beyond is said as one', () => {
    const tries = Array.from({ length: 5000 }, (_, n) => [`record ${String(n)}`, 0] as const);
    const said = played(tries);
    expect(said).toHaveLength(SUBJECTS_AT_MOST + 1);
    expect(said.at(-1)).toEqual(['others', 0]);
  });

  test('P12 what was never said again is not kept for ever', () => {
    let spoken: Spoken = {};
    for (let n = 0; n < 200; n += 1) ({ spoken } = boundForgery(spoken, { subject: String(n), at: plusMs(AT, n * SAID_EVERY_MS) }));
    expect(Object.keys(spoken).length).toBeLessThan(3);
  });
});
