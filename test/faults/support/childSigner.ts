import { openStore } from '../../../store/connection';
import { commandAuthenticator, committing } from '../../support/committing';
import { testSealer } from '../../support/sealer';
import { AT, opening, signedStep } from '../../support/signedSteps';

/** What a committing process is told: opened records, each with the grant that signs its next step. */
export interface SignerPlan {
  readonly mongodbUri: string;
  readonly signings: readonly { readonly recordId: string; readonly grantId: string }[];
}

/** As Temporal would: the same commit again until it has an answer, then the next. */
async function main({ mongodbUri, signings }: SignerPlan): Promise<void> {
  const store = await openStore({ sealer: testSealer(), commandAuthenticator, uri: mongodbUri, selectionTimeoutMs: 1000 });
  const commit = committing(store, () => AT);
  process.send?.('ready');
  for (const { recordId, grantId } of signings) {
    const request = signedStep(opening(recordId).record, grantId);
    while (!(await answered(() => commit(request)))) await new Promise((resolve) => setTimeout(resolve, 50));
  }
  process.exit(0);
}

async function answered(commit: () => Promise<{ readonly outcome: string }>): Promise<boolean> {
  try {
    const { outcome } = await commit();
    if (outcome !== 'applied') throw new RangeError(`a signed step was ${outcome}`);
    return true;
  } catch (error) {
    if (error instanceof RangeError) throw error;
    return false;
  }
}

// Without the test there is nobody to end this process.
process.once('disconnect', () => process.exit(1));
main(JSON.parse(process.argv[2] ?? '{}') as SignerPlan).catch((error: unknown) => {
  console.error(error);
  process.exit(1);
});
