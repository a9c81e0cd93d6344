export function verapdfFolder(env?: Readonly<Record<string, string | undefined>>): string;
export function faultOf(folder: string): string | undefined;
