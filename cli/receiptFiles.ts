import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import type { AnchorReceipt } from '../contracts/audit';
import { parseInstant, type Instant } from '../contracts/instant';

const hash = z.string().regex(/^[0-9a-f]{64}$/, 'a SHA-256 in hex');
const instant = z.string().transform((text, context): Instant => {
  const parsed = parseInstant(text);
  if (parsed !== undefined) return parsed;
  context.addIssue({ code: 'custom', message: 'an instant' });
  return z.NEVER;
});

const receiptSchema = z.strictObject({
  kind: z.literal('cro-oversight/anchor-receipt'),
  version: z.literal(1),
  anchorId: z.string().min(1),
  at: instant,
  root: hash,
  streams: z.int().min(0),
  previousRoot: hash,
  organisationId: z.string().min(1),
  heads: z.array(z.strictObject({ streamId: z.string().min(1), length: z.int().min(1), head: hash })),
});

/** A receipts directory that cannot be used; says which file and why. */
export class ReceiptsUnreadable extends Error {}

/**
 * Reads every `*.json` of a directory as an anchor receipt, one per file, as attached to the mails.
 * A file that is none must not be passed over in silence: throws ReceiptsUnreadable, also for an
 * empty directory.
 */
export function readReceipts(directory: string): readonly AnchorReceipt[] {
  const files = listed(directory).filter((file) => file.toLowerCase().endsWith('.json')).sort();
  if (files.length === 0) throw new ReceiptsUnreadable(`${directory} holds no receipt (*.json)`);
  return files.map((file) => readReceipt(join(directory, file)));
}

function readReceipt(path: string): AnchorReceipt {
  const parsed = receiptSchema.safeParse(jsonOf(path));
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new ReceiptsUnreadable(`${path} is not an anchor receipt: ${issue?.path.join('.') || 'file'}: ${issue?.message ?? 'unreadable'}`);
}

function listed(directory: string): readonly string[] {
  try {
    return readdirSync(directory);
  } catch {
    throw new ReceiptsUnreadable(`${directory} is not a directory that can be read`);
  }
}

function jsonOf(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    throw new ReceiptsUnreadable(`${path} is not JSON`);
  }
}
