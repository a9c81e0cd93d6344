import { newSourceSecret } from '../../api/hooks/sourceSecret';
import { HOOKS_PATH, SOURCE_KINDS, STRENGTH_OF, type SourceKind } from '../../contracts/hooks';
import type { Instant } from '../../contracts/instant';
import type { KeyRing } from '../../platform/keyRing';
import { createRecord } from '../../store/administration';
import type { Store } from '../../store/connection';
import { sourceKind } from '../../store/sources';
import { STUDIES } from './cast';

const NAMES: Readonly<Record<SourceKind, string>> = { event: 'Demo backup monitor', alertmanager: 'Demo Alertmanager' };

/** A source of each kind, as `.data/demo-credentials.json` lists it. */
export interface DemoSource {
  readonly name: string;
  readonly kind: SourceKind;
  readonly path: string;
  readonly secret: string;
}

/** A source that is to be made, with its secret as it is kept. */
interface SeededSource extends DemoSource {
  readonly id: string;
  readonly kept: ReturnType<typeof newSourceSecret>['kept'];
}

interface Seeding {
  readonly store: Store;
  readonly ring: KeyRing;
  readonly at: Instant;
  /** Hears of secrets before the sources that they belong to exist. */
  readonly keep?: (sources: readonly DemoSource[]) => void;
}

/** Creates a source of each kind that is not there yet. Returns those. */
export async function seedSources({ store, ring, at, keep }: Seeding): Promise<readonly DemoSource[]> {
  const sources = await missingSources({ store, ring, at });
  keep?.(sources);
  for (const source of sources) await seedSource(store, at, source);
  return sources;
}

/** Those of each kind that are not there yet, each with a secret made for this installation. */
async function missingSources({ store, ring, at }: Omit<Seeding, 'keep'>): Promise<readonly SeededSource[]> {
  const there = await store.models.sources.find({ _id: { $in: SOURCE_KINDS.map(idOf) } }, { _id: 1 }).lean<{ _id: string }[]>();
  return SOURCE_KINDS.filter((kind) => !there.some(({ _id }) => _id === idOf(kind))).map((kind) => {
    const { shown, kept } = newSourceSecret({ sourceId: idOf(kind), strength: STRENGTH_OF[kind], ring, now: at });
    return { id: idOf(kind), name: NAMES[kind], kind, path: `${HOOKS_PATH}/${idOf(kind)}`, secret: shown, kept };
  });
}

/** Creates a source for the first study; what it raises climbs a level every 10 s, like all of topic `demo`. */
async function seedSource(store: Store, at: Instant, { id, name, kind, kept }: SeededSource): Promise<void> {
  const [study] = STUDIES;
  if (!study) throw new Error('the demo has no study');
  await createRecord(store, {
    kind: sourceKind, id, by: { actor: { kind: 'system', name: 'provisioning' }, at, correlationId: 'demo-seed' },
    fields: {
      organisationId: study.sponsor, name, kind, strength: STRENGTH_OF[kind], secrets: [kept],
      raises: { studyId: study.id, topic: 'demo', accountableOrganisationId: study.cro, systemId: null, severities: { words: { page: 'critical', warning: 'major' }, otherwise: 'minor' } },
    },
  });
}

const idOf = (kind: SourceKind): string => `demo-${kind}`;
