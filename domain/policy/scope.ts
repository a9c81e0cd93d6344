import type { GivenScope, PolicyScope, ScopeKind } from '../../contracts/policyScope';

/** Of nobody: what counts where the parties agreed on nothing; also that of versions from before scopes. */
export const INSTALLATION: PolicyScope = { kind: 'installation', organisationIds: [], studyId: null };

/** Something that has a scope; absent: it is from before scopes. */
export interface Scoped {
  readonly scope?: PolicyScope | undefined;
}

/** The parties of an issue or a CAPA, and its study. */
export interface BoundParties {
  readonly organisationIds: readonly string[];
  readonly studyId: string | null;
}

export const scopeOf = ({ scope }: Scoped): PolicyScope => scope ?? INSTALLATION;

/** A scope in its one form: parties sorted, each once. Two names of one organisation are one party. */
export function scopeFrom(given: GivenScope): PolicyScope {
  switch (given.kind) {
    case 'installation': return INSTALLATION;
    case 'organisation': return ofParties(given.kind, [given.organisationId], null);
    case 'pair': return ofParties(given.kind, given.organisationIds, null);
    case 'study': return ofParties(given.kind, given.organisationIds, given.studyId);
  }
}

function ofParties(kind: ScopeKind, organisationIds: readonly string[], studyId: string | null): PolicyScope {
  return { kind, organisationIds: [...new Set(organisationIds)].toSorted(), studyId };
}

/** `<study or ->/<organisations>`; null: the installation's. */
export function scopeKeyOf({ kind, organisationIds, studyId }: PolicyScope): string | null {
  return kind === 'installation' ? null : `${studyId ?? '-'}/${organisationIds.join('+')}`;
}

/** What versions are versions of: `<key>`, and beyond the installation `<key>@<scope>`. */
export function lineOf(key: string, scope: PolicyScope): string {
  const place = scopeKeyOf(scope);
  return place === null ? key : `${key}@${place}`;
}

/** How trails and records name a version: `default/3`, `default@st1/cro+spo/1`. */
export function policyNameOf({ key, version, scope }: Scoped & { readonly key: string; readonly version: number }): string {
  return `${lineOf(key, scope ?? INSTALLATION)}/${String(version)}`;
}

/**
 * The scopes that bind what concerns these parties, the narrowest first. A policy of one organisation binds only what
 * concerns nobody else: what binds two was signed by both.
 */
export function scopesBinding({ organisationIds, studyId }: BoundParties): readonly PolicyScope[] {
  const parties = [...new Set(organisationIds)].toSorted();
  const together = ofParties(parties.length === 1 ? 'organisation' : 'pair', parties, null);
  return [...(studyId === null ? [] : [ofParties('study', parties, studyId)]), together, INSTALLATION];
}

/** Their keys: in the store, the installation's is null or, on what is from before scopes, absent. */
export function scopeKeysBinding(parties: BoundParties): readonly (string | null)[] {
  return scopesBinding(parties).map(scopeKeyOf);
}
