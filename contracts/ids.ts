/** Capabilities: the same names in every layer. */
export const CAPABILITIES = ['escalation', 'control', 'drill', 'capa'] as const;
export type Capability = (typeof CAPABILITIES)[number];

/** Where people and the API find a capability's records: `/api/v1/<path>/<record id>`. */
const PATHS: Readonly<Record<Capability, string>> = { escalation: 'issues', control: 'controls', drill: 'drills', capa: 'capas' };
export const recordPathOf = (capability: Capability): string => PATHS[capability];

/** Workflow id of a record: the noun path `escalation/<record id>`. */
export function workflowIdOf(capability: Capability, recordId: string): string {
  return `${capability}/${recordId}`;
}

/** Inverse of {@link workflowIdOf}; undefined for ids that are not a record's. */
export function recordOf(workflowId: string): { capability: Capability; recordId: string } | undefined {
  const slash = workflowId.indexOf('/');
  const capability = CAPABILITIES.find((name) => name === workflowId.slice(0, slash));
  return capability && { capability, recordId: workflowId.slice(slash + 1) };
}

/** Audit stream of the refusals beside a record's own, so that the API never contends with commit. */
export const refusalStreamOf = (recordId: string): string => `refusals/${recordId}`;

/** Audit stream of what was told about a record, and to whom. */
export const noticeStreamOf = (recordId: string): string => `notices/${recordId}`;
