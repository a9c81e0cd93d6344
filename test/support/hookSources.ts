import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { Express } from 'express';
import { Webhook } from 'standardwebhooks';
import request, { type Response } from 'supertest';

/** A message of the generic event, signed as a source signs it. */
export interface Signing {
  readonly secret: string;
  readonly id?: string;
  /** ms since 1970; default: now. */
  readonly at?: number;
}

/** Headers of Standard Webhooks for a body. */
export function signatureHeaders(body: string, { secret, id = randomUUID(), at = Date.now() }: Signing): Record<string, string> {
  const signedAt = new Date(at);
  return {
    'webhook-id': id, 'webhook-timestamp': String(Math.floor(signedAt.getTime() / 1000)),
    'webhook-signature': new Webhook(secret).sign(id, signedAt, body), 'content-type': 'application/json',
  };
}

/** Posts a body with headers, byte by byte as given. */
export async function postRaw(app: Express, path: string, { body, headers }: { readonly body: string; readonly headers: Record<string, string> }): Promise<Response> {
  return request(app).post(path).set(headers).send(body);
}

/** Posts an event, signed. */
export async function postSigned(app: Express, path: string, { event, ...signing }: Signing & { readonly event: object }): Promise<Response> {
  const body = JSON.stringify(event);
  return postRaw(app, path, { body, headers: signatureHeaders(body, signing) });
}

export const firing = (more: object = {}) => ({ type: 'firing', key: 'backup/edc', title: 'Backup of EDC failed', severity: 'major', ...more });
export const raisesFor = (accountableOrganisationId: string, more: object = {}) =>
  ({ topic: 'monitoring', accountableOrganisationId, severities: { words: { page: 'critical' }, otherwise: 'minor' }, ...more });

/** A code block of docs/integrations.md, by the comment above it. */
export function exampleOf(name: string): string {
  const page = readFileSync(path.join(__dirname, '../../docs/integrations.md'), 'utf8');
  const example = new RegExp(`<!-- example: ${name} -->\\n\`\`\`\\w+\\n(.*?)\`\`\``, 's').exec(page)?.[1];
  if (example === undefined) throw new Error(`docs/integrations.md has no example ${name}`);
  return example;
}
