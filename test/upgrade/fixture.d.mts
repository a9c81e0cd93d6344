/** What a fixture knows of itself. */
export interface Installation {
  readonly name: string;
  readonly recordedAt: string;
  readonly commit: string;
  readonly users: readonly { readonly email: string; readonly password: string }[];
  /** Record ids by what they are, see story.mjs. */
  readonly records: Readonly<Record<string, string>>;
  /** Letters that were taken before. */
  readonly told: readonly { readonly to: string; readonly id: string }[];
}
export function readInstallation(folder: string): Installation;
export function restoreTemporal(folder: string, file: string): void;
export function restoreMongodb(folder: string, adminUri: string): Promise<void>;
