import { DefaultFailureConverter } from '@temporalio/common';

/**
 * Loaded by path on both sides of the sandbox. Without `encodeCommonAttributes` the codec
 * would leave failure messages and stack traces readable in history.
 */
export const failureConverter = new DefaultFailureConverter({ encodeCommonAttributes: true });
