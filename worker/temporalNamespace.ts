import { setTimeout as sleep } from 'node:timers/promises';
import type { Connection } from '@temporalio/client';
import { temporal } from '@temporalio/proto';
import { SEARCH_ATTRIBUTES } from '../contracts/searchAttributes';

const { IndexedValueType } = temporal.api.enums.v1;
const { UpdateNamespaceRequest } = temporal.api.workflowservice.v1;
const DAY_SECONDS = 86_400;
/** A new search attribute takes up to this long until every part of a server knows it, ms. */
const USABLE_WITHIN_MS = 60_000;
const POLL_MS = 250;

export interface Namespace {
  readonly connection: Connection;
  readonly namespace: string;
}

/**
 * Keeps closed runs for at least `days`; a longer retention is left alone. Returns whether it
 * changed anything. Throws with the remedy when the namespace may not be changed from here.
 */
export async function ensureRetention({ connection, namespace }: Namespace, days: number): Promise<boolean> {
  const { config } = await connection.workflowService.describeNamespace({ namespace });
  const present = Number(config?.workflowExecutionRetentionTtl?.seconds ?? 0);
  if (present >= days * DAY_SECONDS) return false;
  try {
    const retention = { workflowExecutionRetentionTtl: { seconds: days * DAY_SECONDS } };
    await connection.workflowService.updateNamespace(UpdateNamespaceRequest.fromObject({ namespace, config: retention }));
  } catch (cause) {
    throw new Error(`The namespace ${namespace} keeps closed runs for ${String(Math.round(present / DAY_SECONDS))} days and may not be changed from here: set its retention to ${String(days)} days.`, { cause });
  }
  return true;
}

/**
 * Registers the search attributes that are missing and waits until they can be used. Returns the
 * new ones. Throws when one exists with another type, or may not be added from here.
 */
export async function ensureSearchAttributes({ connection, namespace }: Namespace): Promise<readonly string[]> {
  const wanted = Object.values(SEARCH_ATTRIBUTES).map(({ name, type }) => ({ name, type: IndexedValueType[`INDEXED_VALUE_TYPE_${type}`] }));
  const { customAttributes: present } = await connection.operatorService.listSearchAttributes({ namespace });
  const other = wanted.find(({ name, type }) => present[name] !== undefined && present[name] !== type);
  if (other !== undefined) throw new Error(`The namespace ${namespace} has a search attribute ${other.name} of another type: use a namespace of its own.`);
  const missing = wanted.filter(({ name }) => present[name] === undefined);
  if (missing.length > 0) await addSearchAttributes({ connection, namespace }, missing);
  await untilUsable({ connection, namespace }, wanted.map(({ name }) => name));
  return missing.map(({ name }) => name);
}

async function addSearchAttributes({ connection, namespace }: Namespace, missing: readonly { name: string; type: temporal.api.enums.v1.IndexedValueType }[]): Promise<void> {
  const searchAttributes = Object.fromEntries(missing.map(({ name, type }) => [name, type]));
  try {
    await connection.operatorService.addSearchAttributes({ namespace, searchAttributes });
  } catch (cause) {
    throw new Error(`The namespace ${namespace} lacks search attributes that may not be added from here: add ${missing.map(({ name, type }) => `${name} (${IndexedValueType[type]})`).join(', ')}.`, { cause });
  }
}

async function untilUsable({ connection, namespace }: Namespace, names: readonly string[]): Promise<void> {
  // Quoted: the server's query parser takes some names, `Level` for one, for words of SQL.
  const query = names.map((name) => `\`${name}\` IS NULL`).join(' AND ');
  const startedAt = Date.now();
  for (;;) {
    try {
      await connection.workflowService.countWorkflowExecutions({ namespace, query });
      return;
    } catch (error) {
      if (Date.now() - startedAt > USABLE_WITHIN_MS) throw error;
      await sleep(POLL_MS);
    }
  }
}
