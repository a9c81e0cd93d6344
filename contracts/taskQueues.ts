/** Workflows, commits and effects of every capability. */
export const OVERSIGHT_QUEUE = 'oversight';
