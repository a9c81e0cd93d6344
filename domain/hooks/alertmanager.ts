import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import type { Alert, AlertmanagerMessage, Raises } from '../../contracts/hooks';
import { parseInstant, type Instant } from '../../contracts/instant';
import { severityOf, type Trigger } from './trigger';

const TITLE_AT_MOST = 200;
const ALERTS_LISTED = 20;
/** Of one listed alert, and of the whole list: the issue's text has room for 10,000. */
const LINE_AT_MOST = 400;
const TEXT_AT_MOST = 2000;

/**
 * Reads a group notification of Alertmanager (webhook format version 4). The group key is the trouble,
 * hashed, since it holds label values of any length. `now` drops beginnings that lie ahead of our clock.
 */
export function triggerOfGroup(message: AlertmanagerMessage, { raises, now }: { readonly raises: Raises; readonly now: Instant }): Trigger {
  const firing = message.alerts.filter((alert) => alert.status === 'firing');
  const named = firing.length > 0 ? firing : message.alerts;
  return {
    status: message.status, key: `group/${hashOf(message.groupKey)}`,
    title: titleOf(message), description: descriptionOf(message, named),
    severity: severityOf(named.map((alert) => alert.labels['severity']), raises.severities),
    at: message.status === 'firing' ? edge(firing.map((alert) => alert.startsAt), { now, first: true }) : edge(message.alerts.map((alert) => alert.endsAt), { now, first: false }),
    site: undefined, systemId: undefined,
    alerts: firing.map(identityOf).toSorted(),
  };
}

/** The alert and this firing of it: the same labels that began again are another. */
function identityOf({ fingerprint, labels, startsAt }: Alert): string {
  return hashOf(JSON.stringify([fingerprint ?? Object.entries(labels).toSorted(([a], [b]) => (a < b ? -1 : 1)), startsAt])).slice(0, 24);
}

function titleOf({ commonAnnotations, groupLabels, commonLabels, receiver }: AlertmanagerMessage): string {
  const summary = commonAnnotations['summary']?.trim();
  if (summary) return cut(summary, TITLE_AT_MOST);
  const name = groupLabels['alertname'] ?? commonLabels['alertname'];
  const others = labelText(groupLabels, ['alertname']);
  const title = [name, name && others ? `(${others})` : others].filter(Boolean).join(' ').trim();
  return cut(title === '' ? `Alerts for ${receiver || 'a receiver'}` : title, TITLE_AT_MOST);
}

function descriptionOf(message: AlertmanagerMessage, named: readonly Alert[]): string {
  const what = message.commonAnnotations['description']?.trim();
  const more = named.length - ALERTS_LISTED + message.truncatedAlerts;
  const lines = named.slice(0, ALERTS_LISTED).map((alert) => cut(lineOf(alert), LINE_AT_MOST));
  return [
    ...(what ? [cut(what, TEXT_AT_MOST), ''] : []),
    `${String(named.length + message.truncatedAlerts)} ${message.status}:`, ...lines,
    ...(more > 0 ? [`and ${String(more)} more`] : []),
    ...(message.externalURL === '' ? [] : ['', `Alertmanager: ${cut(message.externalURL, LINE_AT_MOST)}`]),
  ].join('\n');
}

function lineOf({ labels, annotations, startsAt }: Alert): string {
  const text = (annotations['summary'] ?? annotations['description'])?.replaceAll(/\s+/g, ' ').trim();
  return `- ${labelText(labels)} since ${startsAt}${text ? `: ${text}` : ''}`;
}

function labelText(labels: Readonly<Record<string, string>>, without: readonly string[] = []): string {
  return Object.keys(labels).filter((name) => !without.includes(name)).toSorted().map((name) => `${name}=${labels[name] ?? ''}`).join(', ');
}

/** The first or last of the instants that lie not ahead of `now`. Alertmanager writes year 1 for "not yet". */
function edge(instants: readonly (string | undefined)[], { now, first }: { readonly now: Instant; readonly first: boolean }): Instant | undefined {
  const known = instants.flatMap((text) => (text === undefined || text.startsWith('0001-') ? [] : [parseInstant(text)]));
  const past = known.filter((instant): instant is Instant => instant !== undefined && instant <= now).toSorted();
  return first ? past[0] : past.at(-1);
}

/** Whole characters only: half of a surrogate pair is no text. */
function cut(text: string, atMost: number): string {
  if (text.length <= atMost) return text;
  return `${text.slice(0, atMost - 1).replace(/[\uD800-\uDBFF]$/u, '')}…`;
}

const hashOf = (text: string): string => bytesToHex(sha256(utf8ToBytes(text)));
