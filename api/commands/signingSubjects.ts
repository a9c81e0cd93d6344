import { FAILURES, Failure } from '../../contracts/failures';
import type { PolicyContent } from '../../contracts/policyKinds';
import type { Signable } from '../../contracts/signature';
import { accessRecordOf, mayAct } from '../../domain/access/ability';
import { subjectOf, type StreamSubject } from '../../domain/audit/streams';
import { decideApproving } from '../../domain/matrix/proposal';
import { proposalSignable } from '../../domain/matrix/signable';
import type { SignableCapabilities } from '../../domain/signature/registry';
import { latestVersions } from '../../store/matrix';
import { capaPolicyDrafts, ladderDrafts, type PolicyDrafts } from '../../store/policyDrafts';
import { notFound, ruleBroken } from '../administer';
import type { ApiDeps, Caller } from '../deps';
import { proposalsOf } from '../views/matrix';
import { wholeRecord } from '../views/readers';
import { compareFirst } from './comparison';
import { requirePublisher, requireReadable, requireSteering } from './policySeats';
import { wordsFor } from './signedWords';

/** Who wants to sign which act on what. */
export interface SigningQuestion {
  readonly id: string;
  readonly act: string;
  readonly caller: Caller;
  /** What the act will say, as the caller wrote it. */
  readonly said?: object;
  readonly correlationId: string;
}

/** What would be signed, and under which seat. */
export interface SigningSubject {
  readonly signable: Signable;
  readonly seat: { readonly role: string; readonly organisationId: string };
}

/**
 * What signing must know of an administered kind: what an act on one of its records signs, and the seat of whoever may do the act.
 * Throws what the act itself would be refused with: `not_found` for who does not see it, `rule_broken` where nothing is signed.
 */
type SignedKind = (deps: ApiDeps, question: SigningQuestion) => Promise<SigningSubject>;

const SIGNED_KINDS: Readonly<Partial<Record<StreamSubject['kind'], SignedKind>>> = {
  'matrix-proposal': async (deps, { id, act, caller }) => {
    const [proposal] = await proposalsOf(deps, caller, [id]);
    const signable = proposal && required(proposalSignable(proposal, act));
    if (!signable) throw notFound();
    const latestVersion = (await latestVersions(deps.store, [proposal.rowKey])).get(proposal.rowKey) ?? 0;
    const decision = decideApproving(proposal, { actor: caller, now: deps.now(), latestVersion });
    if (!decision.allowed) throw new Failure(decision.type, decision.reason, { id, rev: proposal.rev });
    return { signable, seat: decision.seat };
  },
  'policy-draft': publishing(ladderDrafts),
  'capa-policy-draft': publishing(capaPolicyDrafts),
};

function publishing<Name extends PolicyContent>(drafts: PolicyDrafts<Name>): SignedKind {
  return async (deps, { id, act, caller }) => {
    const draft = await drafts.find(deps.store, id);
    if (!draft) throw notFound();
    requireSteering(deps, caller, draft.key);
    await requireReadable(deps, caller, draft);
    const signable = required(drafts.signable(draft, act));
    return { signable, seat: requirePublisher(deps, caller, draft) };
  };
}

/** What an act signs on a record of a pathway, or on an administered record, which is named by its stream: `matrix-proposal/<id>`. Throws as {@link SignedKind} does. */
export function signingSubject(parts: { readonly deps: ApiDeps; readonly signables: SignableCapabilities }, question: SigningQuestion): Promise<SigningSubject> {
  const { kind, id } = subjectOf(question.id);
  // A signature's record is the stream itself: what stands beside it (`refusals/…`) is none.
  const administered = question.id === `${kind}/${id}` ? SIGNED_KINDS[kind] : undefined;
  return administered ? administered(parts.deps, { ...question, id }) : ofRecord(parts, question);
}

async function ofRecord({ deps, signables }: { readonly deps: ApiDeps; readonly signables: SignableCapabilities }, { id, act, caller, said, correlationId }: SigningQuestion): Promise<SigningSubject> {
  const { record } = await wholeRecord(deps, { recordId: id, caller });
  await compareFirst(deps, record, { purpose: 'signature', caller, correlationId });
  const capability = signables[record.capability];
  const signable = required(capability?.signable(record, act, said && await wordsFor(deps, { record, act, said })));
  const right = capability?.rightOf(act);
  const seat = right && mayAct({ memberships: caller.memberships, act: right, record: accessRecordOf(record), now: deps.now() });
  if (!seat) throw new Failure('not_permitted', FAILURES.not_permitted.meaning, { act, rev: record.rev });
  return { signable, seat };
}

function required(signable: Signable | undefined): Signable {
  if (!signable) throw ruleBroken('The act signs nothing on this record.', { errors: [{ field: 'act', message: 'needs no signature' }] });
  return signable;
}
