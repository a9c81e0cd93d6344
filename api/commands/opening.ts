import { Failure, FAILURES } from '../../contracts/failures';
import type { Instant } from '../../contracts/instant';
import { mayAct, type AccessRecord } from '../../domain/access/ability';
import type { RecordAct } from '../../domain/access/roles';
import type { PreparedOpening } from '../../store/preparedOpening';
import type { Seat } from '../administer';
import type { Caller } from '../deps';
import type { Outgoing } from '../route';
import { repeated, runCommand, type PathDeps } from './commandPath';

/** What an opening says of where its record will belong. */
interface Belonging {
  readonly raisingOrganisationId: string;
  readonly accountableOrganisationId: string;
  readonly studyId?: string | undefined;
  readonly topic: string;
  readonly systemId?: string | undefined;
}

/** A record of two organisations that does not exist yet, as rights look at it. */
export function comingRecord({ raisingOrganisationId, accountableOrganisationId, studyId, topic, systemId }: Belonging): AccessRecord {
  return {
    raisingOrganisationId, accountableOrganisationId, studyId: studyId ?? null, topic, systemId: systemId ?? null,
    visibleTo: [raisingOrganisationId, accountableOrganisationId], assigneeIds: [],
  };
}

/** The seat under which a caller may open a record. Throws Failure `not_permitted`, which names the act as the caller knows it. */
export function seatToOpen({ memberships }: Caller, { right, record, act, now }: { readonly right: RecordAct; readonly record: AccessRecord; readonly act: string; readonly now: Instant }): Seat {
  const seat = mayAct({ memberships, act: right, record, now });
  if (!seat) throw new Failure('not_permitted', FAILURES.not_permitted.meaning, { act });
  return seat;
}

/** Runs a prepared opening; a repetition gets the first answer. */
export function runOpening(deps: PathDeps, prepared: PreparedOpening): Promise<Outgoing> {
  return 'known' in prepared ? repeated(deps, prepared.known) : runCommand(deps, prepared.fresh, async () => Promise.resolve());
}
