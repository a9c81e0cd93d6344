import { z } from 'zod';
import { Failure } from '../../contracts/failures';
import { CAPA } from '../../contracts/capaWords';
import type { ApiDeps } from '../deps';
import { defineRoute, type Route } from '../route';
import { wholeRecord } from '../views/readers';
import { recordParams } from './pathway';

const WAYS = 'A CAPA is not patched: parts are written with `save`, an approved plan is changed with `revise-plan`, a due date moves only by `request-extension` and a second person who grants it.';

/** Who tries to move a date by hand is told which way is open, and the attempt is kept beside the record (Q8; 21 CFR 11.10(e)). */
export function capaPatchRoute(deps: ApiDeps): Route {
  return defineRoute({
    method: 'patch', path: '/api/v1/capas/{id}', summary: 'Always refused: due dates are immutable, and every other change is an act of its own', tags: ['capas'], access: 'signed_in', scope: 'act',
    params: recordParams, body: z.record(z.string(), z.unknown()).describe('Whatever was to be changed.'), answers: {},
    handler: async ({ params, caller }) => {
      const { record } = await wholeRecord(deps, { recordId: params.id, caller, capability: CAPA.capability });
      throw new Failure('wrong_state', WAYS, { rev: record.rev });
    },
  });
}
