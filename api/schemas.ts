import { z } from 'zod';
import { textFault } from '../contracts/texts';
import { faultOfName, type NameKind } from '../domain/access/printedName';
import { ifMatchSchema } from './views/issue';

/** Pieces that several routes share. */
export const idSchema = z.string().min(1).max(64).regex(/^[A-Za-z0-9_-]+$/, 'letters, digits, - and _');
export const idParam = z.strictObject({ id: idSchema });
export const reasonSchema = z.string().trim().min(1).max(2000);
export const nameSchema = z.string().trim().min(1).max(200);
/** What is wrong with a printed name beyond what the door says of every text. */
const printedFault = (text: string, kind: NameKind): string | undefined => (text === '' || textFault(text) !== undefined ? undefined : faultOfName(text, kind));
/** Names that signatures, lists and letters print: none that deceives (domain/access/printedName.ts). */
const printed = (kind: NameKind, longest: number) => z.string().trim().min(1).max(longest).refine((text) => printedFault(text, kind) === undefined, { error: ({ input }) => printedFault(String(input), kind) ?? '' });
export const printedNameSchema = printed('name', 200);
export const studyTitleSchema = printed('title', 200);
export const studyCodeSchema = printed('title', 60);
export const reasonBody = z.strictObject({ reason: reasonSchema });

/** `If-Match: "7"`: act only on revision 7 of the record. */
export const ifMatchHeader = z.object({ 'if-match': ifMatchSchema });

/** The revision that If-Match names, or undefined. */
export const revOf = (headers: z.output<typeof ifMatchHeader>): number | undefined => headers['if-match'];

export const pageQuery = { limit: z.coerce.number().int().min(1).max(200).default(50), cursor: z.string().max(500).optional() } as const;

/** A list answer: `next` is the cursor of the following page, null on the last one. */
export function pageOf(item: z.ZodType) {
  return z.object({ items: z.array(item), next: z.string().nullable() });
}

/** What every administered record shows. */
export const administeredFields = { id: z.string(), rev: z.int(), active: z.boolean(), createdAt: z.string(), updatedAt: z.string() };
