import { z } from 'zod';

/** Who answers for one subject of a trial: they work on what is theirs, and decide nothing for their organisation. */
export const FUNCTIONAL_ROLES = ['medical', 'safety', 'data_manager', 'clinical_supply', 'regulatory', 'monitor', 'site_manager'] as const;

export const ROLES = [
  'project_manager', 'contributor', 'study_lead', 'quality', 'quality_head', 'security_officer',
  'system_owner', 'executive', 'vendor_user', 'inspector', 'organisation_admin', 'instance_admin', ...FUNCTIONAL_ROLES,
] as const;
export const roleSchema = z.enum(ROLES);
export type Role = z.infer<typeof roleSchema>;
/** Roles without content rights. */
export const ADMINISTRATIVE_ROLES: readonly Role[] = ['organisation_admin', 'instance_admin'];

export const organisationKindSchema = z.enum(['sponsor', 'cro', 'vendor']);

/** A membership: person × organisation × study × role, from–to. Without a study it covers every study of the organisation. */
export interface Membership {
  readonly id: string;
  readonly personId: string;
  readonly organisationId: string;
  readonly role: Role;
  readonly studyId: string | null;
  /** Systems of a `system_owner`. */
  readonly systemIds: readonly string[];
  readonly from: string;
  /** Exclusive; null: open-ended. */
  readonly until: string | null;
  /** From when on its person may sign by it; absent: from the first. */
  readonly signsFrom?: string | undefined;
}

/** What an API token may do; a token never does more than its person may. */
export const TOKEN_SCOPES = ['read', 'raise', 'act', 'administer'] as const;
export const tokenScopeSchema = z.enum(TOKEN_SCOPES);
export type TokenScope = z.infer<typeof tokenScopeSchema>;
