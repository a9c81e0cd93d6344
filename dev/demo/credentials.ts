import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { z } from 'zod';
import { SOURCE_KINDS } from '../../contracts/hooks';
import { ROLES } from '../../contracts/people';
import type { DemoUser } from './people';
import type { DemoSource } from './sources';

const fileSchema = z.object({
  baseUrl: z.string(),
  users: z.array(z.object({ email: z.string(), password: z.string(), organisation: z.string(), roles: z.array(z.enum(ROLES)) })),
  sources: z.array(z.object({ name: z.string(), kind: z.enum(SOURCE_KINDS), path: z.string(), secret: z.string() })).default([]),
});
type Credentials = z.infer<typeof fileSchema>;

/** The demo's accounts on disk, for the owner's eyes only (mode 600): the only place where their passwords are. */
export interface DemoCredentials {
  /** Adds accounts, or replaces those of the same address; called before they are made, so that none is without its password here. */
  keep(made: { readonly users?: readonly DemoUser[]; readonly sources?: readonly DemoSource[] }): void;
}

/** Opens the file, when it is there, and corrects the address at which the demo answers now. */
export function openCredentials(file: string, baseUrl: string): DemoCredentials {
  const before = read(file);
  let known: Credentials = { ...(before ?? { users: [], sources: [] }), baseUrl };
  if (before !== undefined && before.baseUrl !== baseUrl) write(file, known);
  return {
    keep({ users = [], sources = [] }) {
      if (users.length === 0 && sources.length === 0) return;
      const otherUsers = known.users.filter(({ email }) => !users.some((user) => user.email === email));
      const otherSources = known.sources.filter(({ path }) => !sources.some((source) => source.path === path));
      known = {
        ...known,
        users: [...otherUsers, ...users.map(({ email, password, organisation, roles }) => ({ email, password, organisation, roles: [...roles] }))],
        sources: [...otherSources, ...sources.map(({ name, kind, path, secret }) => ({ name, kind, path, secret }))],
      };
      write(file, known);
    },
  };
}

function read(file: string): Credentials | undefined {
  try {
    return existsSync(file) ? fileSchema.parse(JSON.parse(readFileSync(file, 'utf8'))) : undefined;
  } catch {
    // Edited, or of another release: what it says of people who are there already cannot be known.
    return undefined;
  }
}

/** By renaming: a start that is killed leaves the whole file or none. */
function write(file: string, credentials: Credentials): void {
  writeFileSync(`${file}.new`, `${JSON.stringify(credentials, null, 2)}\n`, { mode: 0o600 });
  renameSync(`${file}.new`, file);
}
