import type { Route } from '../../api/route';

/** Kinds of planted things (`<kind>-<study>`) that may stand behind a word of a path; `''`: a study, `@`: an organisation, `=…`: just that. */
const BEHIND: Readonly<Record<string, readonly string[]>> = {
  issues: ['issue'], capas: ['capa'], controls: ['control'], drills: ['drill'], records: ['issue', 'capa', 'control', 'drill'], people: ['person'], memberships: ['membership'], delegations: ['delegation'], channels: ['channel'],
  sources: ['source'], 'legal-holds': ['hold', 'held'], consents: ['consent'], findings: ['finding'], 'capa-imports': ['import'], evidence: ['evidence'], uploads: ['upload'], proposals: ['proposal'], studies: [''], organisations: ['@'],
  topics: ['topic'], admissions: ['admission'], drafts: ['draft'], policies: ['=default'], 'capa-policies': ['=default'], versions: ['=1'], calendars: ['=1'], metrics: ['=closure_rate'], 'capa-templates': ['=iso-9001', '=none'],
  outages: ['=none'], commands: [`=${'0'.repeat(64)}`],
};
/** Routes that name what they show in the query. Refusals are those of a control: what is asked of an issue's documents, which say that the planted one has no trail, is itself refused and kept. */
const ASKED: Readonly<Record<string, readonly string[]>> = {
  '/api/v1/audit': ['?record=issue-*', '?record=capa-*', '?record=control-*&stream=refusals', '?record=issue-*&stream=notices'], '/api/v1/audit/verify': ['?record=control-*'], '/api/v1/matrix/versions': ['?rowKey=row-*'], '/api/v1/matrix/audit': ['?rowKey=row-*'],
  '/api/v1/lateness': ['', '?studyId=*'], '/api/v1/capas/metrics': ['', '?studyId=*'],
};

/** Where the things of one sponsor are. */
export interface Tenant {
  readonly studyId: string;
  readonly organisationIds: readonly string[];
}

/** Every GET for the signed-in, with whatever of these tenants can stand for its parameters. Throws RangeError for a route that says nothing of how it is asked. */
export function everyGet(routes: readonly Route[], tenants: readonly Tenant[]): readonly string[] {
  const asked = routes.filter(({ method, access }) => method === 'get' && access === 'signed_in').flatMap(({ path }) => tenants.flatMap((tenant) => {
    const shapes = (ASKED[path] ?? ['']).map((query) => path + query.replaceAll('*', tenant.studyId));
    return shapes.flatMap((shape) => filled(shape, tenant));
  }));
  return [...new Set(asked)].map((path) => path.replace('/api/v1', ''));
}

function filled(path: string, tenant: Tenant): readonly string[] {
  const found = /([a-z-]+)\/\{(\w+)\}/u.exec(path);
  if (!found) return [path];
  const [whole, word = ''] = found;
  const kinds = BEHIND[word];
  if (!kinds) throw new RangeError(`what stands behind "${word}" in ${path}? A new route has a row in test/support/everyGet.ts`);
  return kinds.flatMap((kind) => idsOf(kind, tenant)).flatMap((id) => filled(path.replace(whole, `${word}/${id}`), tenant));
}

function idsOf(kind: string, { studyId, organisationIds }: Tenant): readonly string[] {
  if (kind.startsWith('=')) return [kind.slice(1)];
  if (kind === '@') return organisationIds;
  return [kind === '' ? studyId : `${kind}-${studyId}`];
}
