import { withLink } from '../../domain/links';
import { capasOfSource } from '../../store/capasOfSource';
import type { RecordDoc } from '../../store/schemas/records';
import type { ApiDeps } from '../deps';

interface Linked {
  readonly links: Parameters<typeof withLink>[0];
}

/** A record that is over takes no link any more: the CAPAs that were opened from it since are shown beside those that it kept. */
export async function withLaterLinks<Shown extends object>({ store }: Pick<ApiDeps, 'store'>, { _id, done }: Pick<RecordDoc, '_id' | 'done'>, shown: Shown): Promise<Shown> {
  if (!done || !isLinked(shown)) return shown;
  const links = (await capasOfSource(store, _id)).reduce((known, recordId) => withLink(known, { recordId, kind: 'causes' }), shown.links);
  return { ...shown, links };
}

const isLinked = (shown: object): shown is Linked => 'links' in shown;
