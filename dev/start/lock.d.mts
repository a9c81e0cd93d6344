/** Start-time token of a live process; undefined when none has this id. */
export function identify(pid: number): string | undefined;
