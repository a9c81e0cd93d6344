import type { OpenIssue } from '../../contracts/escalation';
import { SIGNATURE_TOLERANCE_MS, type HookEvent, type Raises, type SeverityMap, type SourceStrength } from '../../contracts/hooks';
import { parseInstant, plusMs, type Instant } from '../../contracts/instant';
import type { Severity } from '../../contracts/policy';

/** What a message of any format says, in the words of the product. */
export interface Trigger {
  readonly status: 'firing' | 'resolved';
  /** Of the trouble; becomes part of the dedupe key (E14). */
  readonly key: string;
  readonly title: string;
  readonly description: string;
  readonly severity: Severity;
  /** When it began (firing), or ended (resolved), as the source says. */
  readonly at: Instant | undefined;
  readonly site: string | undefined;
  readonly systemId: string | undefined;
  /** The firing alerts, each with its beginning; undefined where every message counts. */
  readonly alerts: readonly string[] | undefined;
}

/** Who sends, as far as an issue shows it. */
export interface RaisingSource {
  readonly id: string;
  readonly name: string;
  readonly strength: SourceStrength;
  readonly organisationId: string;
  readonly raises: Raises;
}

const GRAVITY: readonly Severity[] = ['minor', 'major', 'critical'];
const STRENGTHS: Readonly<Record<SourceStrength, string>> = { hmac: 'by an HMAC-SHA256 signature', bearer: 'by a bearer token' };
/** Of an issue's description (contracts/escalation.ts). */
const DESCRIPTION_AT_MOST = 10_000;

/** The gravest of the words that a source uses; the product's own words mean themselves unless mapped. */
export function severityOf(words: readonly (string | undefined)[], map: SeverityMap): Severity {
  const meant = words.map((word): Severity => {
    const lower = word?.trim().toLowerCase() ?? '';
    const mapped = Object.hasOwn(map.words, lower) ? map.words[lower] : undefined;
    return mapped ?? GRAVITY.find((severity) => severity === lower) ?? map.otherwise;
  });
  return GRAVITY.findLast((severity) => meant.includes(severity)) ?? map.otherwise;
}

/** Reads the generic event. A source whose clock runs ahead within the tolerance means now. */
export function triggerOfEvent(event: HookEvent, { raises, now }: { readonly raises: Raises; readonly now: Instant }): Trigger {
  const happened = event.happenedAt === undefined ? undefined : parseInstant(event.happenedAt);
  const isAhead = happened !== undefined && happened > now && happened <= plusMs(now, SIGNATURE_TOLERANCE_MS);
  return {
    status: event.type, key: event.key, title: event.title, description: event.description ?? event.title,
    severity: severityOf([event.severity], raises.severities), at: isAhead ? now : happened, site: event.site, systemId: event.systemId, alerts: undefined,
  };
}

/** What the machine's trouble is joined by; unique among the open issues of the raising organisation. */
export const dedupeKeyOf = (sourceId: string, key: string): string => `source/${sourceId}/${key}`;

/** The issue that a firing trigger raises. The description ends with who delivered it, and how surely. */
export function issueOf(trigger: Trigger, source: RaisingSource): OpenIssue {
  const { studyId, topic, accountableOrganisationId, systemId } = source.raises;
  const system = trigger.systemId ?? systemId;
  const origin = `Delivered by the source "${source.name}", authenticated ${STRENGTHS[source.strength]}.`;
  return {
    topic, title: trigger.title, severity: trigger.severity, raisingOrganisationId: source.organisationId, accountableOrganisationId,
    description: `${trigger.description.slice(0, DESCRIPTION_AT_MOST - origin.length - 2)}\n\n${origin}`,
    dedupeKey: dedupeKeyOf(source.id, trigger.key),
    ...(studyId !== null && { studyId }), ...(system !== null && { systemId: system }),
    ...(trigger.site !== undefined && { site: trigger.site }), ...(trigger.at !== undefined && { happenedAt: trigger.at }),
  };
}
