import { goldenHistories } from './replaying';

/**
 * What lies in Temporal's database, in a backup of it or in its Web UI without the key: states and
 * opaque ids. The recorded issues have the title `A title`, the description `A description`, notes, and
 * people with addresses; the recorded CAPAs tell of a failed restore.
 */
const FREE_TEXT = ['A title', 'A description', 'the visit took place', 'opened by mistake', 'one more', 'on leave', 'a subject is affected', '.example', 'http://',
  'Restore of the eTMF', 'yearly restore', 'a volume was missing', 'the same as an older one', 'nobody restored', 'evidence-1'];

describe('a raw history', () => {
  it.each(goldenHistories())('$name holds nothing readable but ids in headers and search attributes', ({ json }) => {
    const { events } = JSON.parse(json) as { events: readonly object[] };
    const all = events.flatMap((event) => readablePayloads(event, []));
    // The SDK's own marker of a patch names the patch, in plain text.
    const [patches, readable] = [all.filter(({ path }) => path.includes('patch-data')), all.filter(({ path }) => !path.includes('patch-data'))];
    for (const { data } of patches) expect(JSON.parse(Buffer.from(data, 'base64').toString('utf8'))).toEqual({ id: expect.stringMatching(/^[a-z-]+$/), deprecated: expect.any(Boolean) });
    const places = new Set(readable.map(({ path }) => path.at(-2)));
    expect([...places].filter((place) => place !== 'fields' && place !== 'indexedFields')).toEqual([]);
    const text = [json, ...readable.map(({ data }) => Buffer.from(data, 'base64').toString('utf8'))].join('\n');
    expect(FREE_TEXT.filter((word) => text.includes(word))).toEqual([]);
    const headers = readable.filter(({ path }) => path.at(-2) === 'fields').map(({ data }) => JSON.parse(Buffer.from(data, 'base64').toString('utf8')) as object);
    // Who acts stands in the header of each command; the run of a quiet watch has none.
    expect(headers.length > 0).toBe(events.some((event) => 'workflowExecutionUpdateAcceptedEventAttributes' in event));
    for (const actor of headers) {
      expect(['kind', 'personId', 'organisationId', 'role', 'name', 'correlationId']).toEqual(expect.arrayContaining(Object.keys(actor)));
    }
  });
});

interface ReadablePayload {
  readonly path: readonly string[];
  readonly data: string;
}

/** Every payload that is not encrypted, with where it stands. */
function readablePayloads(value: unknown, path: readonly string[]): readonly ReadablePayload[] {
  if (typeof value !== 'object' || value === null) return [];
  if ('metadata' in value && 'data' in value) {
    const { encoding } = value.metadata as { encoding?: string };
    const named = Buffer.from(encoding ?? '', 'base64').toString('utf8');
    return named === 'binary/encrypted' ? [] : [{ path, data: String(value.data) }];
  }
  return Object.entries(value).flatMap(([name, member]) => readablePayloads(member, [...path, name]));
}
