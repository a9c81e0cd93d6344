import { capaActBodies } from '../../contracts/capa';
import { CAPA, WORDED_ACTS, type WordedAct } from '../../contracts/capaWords';
import type { Json } from '../../contracts/step';
import { jsonOf } from '../../store/commands';
import type { RecordDoc } from '../../store/schemas/records';
import type { ApiDeps } from '../deps';
import { invalid } from '../problem';
import { pinnedFor } from './capaNames';

type Words = WordedAct | 'reopen';
const isWorded = (act: string): act is Words => Object.hasOwn(WORDED_ACTS, act) || act === 'reopen';

/** The words of an act as the act itself will have them: checked by its schema, with the hashes of the evidence that they name. Throws Failure 400 naming the fields. */
export async function wordsFor(deps: ApiDeps, { record, act, said }: { readonly record: RecordDoc; readonly act: string; readonly said: object }): Promise<Json | undefined> {
  if (record.capability !== CAPA.capability || !isWorded(act)) return undefined;
  const parsed = capaActBodies[act].safeParse(said);
  if (!parsed.success) throw invalid(parsed.error.issues.map(({ path, message }) => ({ field: ['body', ...path].join('.'), message })));
  const pinned = await pinnedFor(deps, record, parsed.data);
  return { ...(jsonOf(parsed.data) as object), pinned: pinned.map((ref) => ({ ...ref })), ...(act === 'accept' && { coversBreach: true }) };
}
