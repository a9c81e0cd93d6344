import { Failure, type Refusal } from '../../contracts/failures';
import { controlOf } from '../../domain/access/control';
import { refuseConsenter, refuseGiver, refuseHost, refuseSecond, refuseVoucher } from '../../domain/access/independence';
import { refuseSigner } from '../../domain/signature/identity';
import { controlEdges } from '../../store/control';
import { signerOf } from '../../store/signers';
import type { ApiDeps } from '../deps';

interface Pair {
  readonly actorId: string;
  readonly personId: string;
}

const throwing = (refusal: Refusal | undefined): void => {
  if (refusal) throw new Failure(refusal.type, refusal.reason);
};

/** Throws Failure `separation_of_duties` where somebody gives power to an account that they made or hold. */
export async function requireGiver({ store }: Pick<ApiDeps, 'store'>, pair: Pair): Promise<void> {
  throwing(refuseGiver({ ...pair, control: controlOf(await controlEdges(store, [pair.actorId, pair.personId])) }));
}

/** Throws Failure `separation_of_duties` where an administrator lets in whoever holds their account. */
export async function requireHost({ store }: Pick<ApiDeps, 'store'>, pair: Pair): Promise<void> {
  throwing(refuseHost({ ...pair, control: controlOf(await controlEdges(store, [pair.actorId, pair.personId])) }));
}

/** Throws Failure `separation_of_duties`, `identity_not_verified` where somebody vouches for a person of whom they are not independent. */
export async function requireVoucher({ store }: Pick<ApiDeps, 'store'>, pair: Pair): Promise<void> {
  throwing(refuseVoucher(await voucher(store, pair)));
}

/** Throws Failure as {@link requireVoucher} where somebody consents to what another did, of whom they are not independent. */
export async function requireConsenter({ store }: Pick<ApiDeps, 'store'>, pair: Pair, otherId: string): Promise<void> {
  throwing(refuseConsenter(await voucher(store, pair, [otherId]), otherId));
}

/** Throws Failure as {@link requireVoucher}, or `signature_window`, where whoever consents for an organisation is no second person beside whoever asked, or was verified a moment ago. */
export async function requireSecond({ store, now }: Pick<ApiDeps, 'store' | 'now'>, pair: Pair): Promise<void> {
  throwing(refuseSecond(await voucher(store, pair)));
  throwing(refuseSigner(await signerOf(store, pair.actorId), now()));
}

async function voucher(store: ApiDeps['store'], pair: Pair, others: readonly string[] = []) {
  const { actorId, personId } = pair;
  const [edges, signer] = await Promise.all([controlEdges(store, [actorId, personId, ...others]), signerOf(store, actorId)]);
  return { ...pair, control: controlOf(edges), isVerified: signer?.passwordOwn === true && signer.identity !== null };
}
