import type { DataConverter } from '@temporalio/common';
import type { KeyRing } from './keyRing';
import { createPayloadCodec } from './payloadCodec';

/** Also to be given to `bundleWorkflowCode`; resolved beside this file, so `.ts` from sources and `.js` from `dist/`. */
export const failureConverterPath: string = require.resolve('../contracts/failureConverter');

/** The one data converter of clients and workers: everything but headers and search attributes is encrypted, failure messages and stacks too. */
export function createDataConverter(ring: KeyRing): DataConverter {
  return { payloadCodecs: [createPayloadCodec(ring)], failureConverterPath };
}
