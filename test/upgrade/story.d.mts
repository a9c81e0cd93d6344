export const UNREACHABLE: string;
export interface People {
  readonly users: readonly { readonly email: string; readonly password: string }[];
  /** Sends in a person's name, with an Idempotency-Key of its own; throws what is not 2xx. */
  as(email: string): (method: string, path: string, body?: unknown) => Promise<any>;
}
export function signInAll(base: string, users: readonly { readonly email: string; readonly password: string }[]): Promise<People>;
