import { IMPORTABLE_STATUSES, type ImportableStatus } from '../../contracts/capaImport';

/** Whether a state is this one or a later one. */
export const isPast = (status: ImportableStatus, bound: ImportableStatus): boolean => IMPORTABLE_STATUSES.indexOf(status) >= IMPORTABLE_STATUSES.indexOf(bound);
/** Whether the monitoring window still runs. */
export const isWatching = (status: ImportableStatus): boolean => status === 'implementation_verified' || status === 'monitoring';
