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

/** Creates a source of each kind for the first study; what they raise climbs a level every 10 s, like all of topic `demo`. */
export async function seedSources({ store, ring, at }: { readonly store: Store; readonly ring: KeyRing; readonly at: Instant }): Promise<readonly DemoSource[]> {
  const [study] = STUDIES;
  if (!study) throw new Error('the demo has no study');
  const sources: DemoSource[] = [];
  for (const kind of SOURCE_KINDS) {
    const id = `demo-${kind}`;
    const strength = STRENGTH_OF[kind];
    const { shown, kept } = newSourceSecret({ sourceId: id, strength, ring, now: at });
    await createRecord(store, {
      kind: sourceKind, id, by: { actor: { kind: 'system', name: 'provisioning' }, at, correlationId: 'demo-seed' },
      fields: {
        organisationId: study.sponsor, name: NAMES[kind], kind, strength, secrets: [kept],
        raises: { studyId: study.id, topic: 'demo', accountableOrganisationId: study.cro, systemId: null, severities: { words: { page: 'critical', warning: 'major' }, otherwise: 'minor' } },
      },
    });
    sources.push({ name: NAMES[kind], kind, path: `${HOOKS_PATH}/${id}`, secret: shown });
  }
  return sources;
}
