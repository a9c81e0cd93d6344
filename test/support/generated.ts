import fc from 'fast-check';

/** The parts of JSON Schema that the product's OpenAPI document uses. */
export interface JsonSchema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly format?: string;
  readonly pattern?: string;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minimum?: number;
  readonly exclusiveMinimum?: number;
  readonly maximum?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly items?: JsonSchema;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean | JsonSchema;
  readonly propertyNames?: JsonSchema;
  readonly anyOf?: readonly JsonSchema[];
  readonly oneOf?: readonly JsonSchema[];
  readonly allOf?: readonly JsonSchema[];
}

/** Values that exist, by the last word of the name that asks for one: `organisationId` asks for `organisation`. */
export type Known = Readonly<Record<string, readonly string[]>>;

export interface Generating {
  readonly schemas: Readonly<Record<string, JsonSchema>>;
  readonly known: Known;
}

/** Texts that are awkward in one of the layers that they pass. */
const ODD_TEXTS = [
  '', ' ', '\u0000', 'a\u0000b', '\uD800', 'x\uDFFF\uD800', '\u202Etxt.exe', '👩‍🔬', 'ﷺ', 'e\u0301', '\u{1F600}'.repeat(40), '\r\nX-Injected: 1', '"<script>&\'', '$where', '__proto__', 'constructor', 'a.b', '../../etc/passwd',
  '%00', '%zz', '*', 'null', 'NaN', '-0', '1e309', '0x10', ' 7 ', '2026-02-30T00:00:00Z', '0000-01-01T00:00:00+14:00', '9999-12-31T23:59:59-14:00', '2026-01-01T00:00:00+24:00', '=1+1', 'x'.repeat(257), 'x'.repeat(20_000),
] as const;
/** Stands for a value too deep for JSON.stringify; see {@link jsonTextOf}. */
const DEEP = '\u0001deep';
const DEPTH = 50_000;
const nested = (depth: number): unknown => JSON.parse('['.repeat(depth) + ']'.repeat(depth));
const ODD_VALUES: readonly unknown[] = [
  ...ODD_TEXTS, null, true, false, 0, -1, 1.5, 2 ** 31, 2 ** 53 - 1, 8.64e15, 1e308, -1e-7, [], {}, [[]], [null], { $ne: null }, { $gt: '' }, { toString: 1 }, JSON.parse('{"__proto__":{"a":1}}'), nested(50), DEEP, Array.from({ length: 3000 }, () => 'x'),
];
const INSTANTS = ['2020-01-01T00:00:00Z', '2026-11-22T10:00:00+01:00', '2031-05-05T05:05:05.123456789-08:00', '2099-12-31T23:59:59Z', '9999-12-31T23:59:59-14:00'];
const word = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 });

/** Something that a schema takes, or nearly: what a schema cannot say is not heeded. */
export function fitting(schema: JsonSchema, name: string, { schemas, known }: Generating): fc.Arbitrary<unknown> {
  const within = (part: JsonSchema, partName: string): fc.Arbitrary<unknown> => fitting(part, partName, { schemas, known });
  if (schema.$ref !== undefined) return within(schemas[schema.$ref.split('/').at(-1) ?? ''] ?? {}, name);
  if (schema.const !== undefined) return fc.constant(schema.const);
  if (schema.enum) return fc.constantFrom(...schema.enum);
  const alternatives = schema.anyOf ?? schema.oneOf;
  if (alternatives) return fc.oneof(...alternatives.map((one) => within(one, name)));
  if (schema.allOf) return fc.tuple(...schema.allOf.map((one) => within(one, name))).map((parts) => Object.assign({}, ...parts) as unknown);
  const types = typeof schema.type === 'string' ? [schema.type] : (schema.type ?? ['string']);
  return fc.oneof(...types.map((type) => ofType(type, schema, { name, known, within })));
}

interface Place {
  readonly name: string;
  readonly known: Known;
  readonly within: (part: JsonSchema, partName: string) => fc.Arbitrary<unknown>;
}

function ofType(type: string, schema: JsonSchema, { name, known, within }: Place): fc.Arbitrary<unknown> {
  switch (type) {
    case 'null': return fc.constant(null);
    case 'boolean': return fc.boolean();
    case 'integer': {
      const least = schema.minimum ?? (schema.exclusiveMinimum ?? -1) + 1;
      return fc.integer({ min: least, max: Math.min(schema.maximum ?? least + 1000, least + 1000) });
    }
    case 'number': return fc.integer({ min: 1, max: 16 }).map((halves) => Math.min(halves / 2, schema.maximum ?? 8));
    case 'array': return fc.array(within(schema.items ?? {}, name.replace(/s$/, '')), { minLength: schema.minItems ?? 0, maxLength: Math.min(schema.maxItems ?? 3, Math.max(3, schema.minItems ?? 0)) });
    case 'object': return objectOf(schema, { name, known, within });
    default: return textOf(schema, name, known);
  }
}

function objectOf({ properties = {}, required = [], additionalProperties, propertyNames }: JsonSchema, { within }: Place): fc.Arbitrary<unknown> {
  const said = fc.record(Object.fromEntries(Object.entries(properties).map(([key, part]) => [key, within(part, key)])), { requiredKeys: [...required] });
  if (typeof additionalProperties !== 'object') return said;
  const others = fc.dictionary(propertyNames ? within(propertyNames, 'key').map(String) : word, within(additionalProperties, 'value'), { maxKeys: 3 });
  return fc.tuple(said, others).map(([own, more]) => ({ ...own, ...more }));
}

function textOf({ format, pattern, minLength = 0, maxLength = 40 }: JsonSchema, name: string, known: Known): fc.Arbitrary<string> {
  const kind = Object.keys(known).find((one) => name.toLowerCase().replace(/ids?$/, '').endsWith(one.toLowerCase()));
  const there = kind === undefined ? [] : (known[kind] ?? []);
  if (there.length > 0) return fc.constantFrom(...there);
  if (format === 'date-time') return fc.constantFrom(...INSTANTS);
  if (format === 'date') return fc.constantFrom('2026-11-22', '0000-01-01', '9999-12-31');
  if (format === 'email') return fc.constantFrom('ada@example.org', 'a+b@sub.example.co');
  if (pattern !== undefined) return matching(pattern);
  return fc.string({ unit: fc.constantFrom('a', 'Z', '7', '-', '_', 'é', '中', '😀'), minLength: Math.max(minLength, 1), maxLength: Math.max(minLength, Math.min(maxLength, 40)) });
}

function matching(pattern: string): fc.Arbitrary<string> {
  try {
    return fc.stringMatching(new RegExp(pattern, 'u'));
  } catch {
    // Expressions that the generator does not speak.
    return word;
  }
}

/** The value with one thing wrong with it: another value somewhere, a field too many, a field too few. */
export function spoilt(value: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> {
  return fc.tuple(value, fc.constantFrom(...ODD_VALUES), fc.nat(), fc.constantFrom('instead', 'instead', 'more', 'less')).map(([sound, odd, at, how]) => {
    const places = placesOf(sound);
    const path = places[at % places.length] ?? [];
    if (how === 'more') return changed(sound, path, (there) => (isObject(there) ? { ...there, surplus: odd } : odd));
    if (how === 'less') return changed(sound, path.slice(0, -1), (there) => (isObject(there) ? Object.fromEntries(Object.entries(there).filter(([key]) => key !== path.at(-1))) : odd));
    return changed(sound, path, () => odd);
  });
}

/** The JSON of a spoilt value. */
export const jsonTextOf = (value: unknown): string => JSON.stringify(value).replace(JSON.stringify(DEEP), '['.repeat(DEPTH) + ']'.repeat(DEPTH));

export const oddText = fc.constantFrom(...ODD_TEXTS);

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> => typeof value === 'object' && value !== null && !Array.isArray(value);

type Path = readonly string[];

function placesOf(value: unknown, path: Path = []): readonly Path[] {
  if (typeof value !== 'object' || value === null) return [path];
  return [path, ...Object.entries(value).flatMap(([key, part]) => placesOf(part, [...path, key]))];
}

function changed(value: unknown, [key, ...rest]: Path, change: (there: unknown) => unknown): unknown {
  if (key === undefined) return change(value);
  if (Array.isArray(value)) return value.map((part: unknown, index) => (String(index) === key ? changed(part, rest, change) : part));
  return isObject(value) ? { ...value, [key]: changed(value[key], rest, change) } : value;
}
