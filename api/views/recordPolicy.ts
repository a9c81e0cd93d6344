import { z } from 'zod';
import { policyScopeSchema } from '../../contracts/policyScope';

/** The policy that a record runs under, and why. */
export const recordPolicySchema = z.object({
  key: z.string().nullable(), version: z.int().nullable(), scope: policyScopeSchema.nullable().describe('Whose the version is.'),
  because: z.string().describe('Why the record runs under it. Who is no party of the policy reads that there is one: key, version and scope are null then.'),
}).meta({ id: 'RecordPolicy' });
