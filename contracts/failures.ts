/**
 * The one catalogue of errors. Every error that leaves the API or an activity has one of these
 * types; nobody matches on message text.
 */
export interface FailureKind {
  readonly status: number;
  readonly retryable: boolean;
  readonly meaning: string;
}

const kinds = {
  invalid: { status: 400, retryable: false, meaning: 'The request is malformed; each field at fault is named.' },
  idempotency_key_missing: { status: 400, retryable: false, meaning: 'A POST that acts needs an Idempotency-Key header.' },
  not_signed_in: { status: 401, retryable: false, meaning: 'No valid session or token came with the request.' },
  bad_credentials: { status: 401, retryable: false, meaning: 'E-mail address or password is wrong.' },
  credentials_needed: { status: 401, retryable: false, meaning: 'Signing asks for the credentials again; `components` says which (21 CFR 11.200(a)(1)).' },
  bad_signature: { status: 401, retryable: false, meaning: 'No active source with this signature or token; or the message is too old.' },
  replayed: { status: 401, retryable: false, meaning: 'This signed message came before; a resend is signed anew.' },
  not_permitted: { status: 403, retryable: false, meaning: 'The actor holds no role that allows this act on this record.' },
  signature_required: { status: 403, retryable: false, meaning: 'The act needs an electronic signature: ask for a signing grant first.' },
  grant_invalid: { status: 403, retryable: false, meaning: 'The signing grant does not fit this act; `why` says in what. Nothing was changed.' },
  identity_not_verified: { status: 403, retryable: false, meaning: 'Nobody has verified the identity of the signer yet (21 CFR 11.100(b)).' },
  signature_window: { status: 403, retryable: false, meaning: 'Role or verification are new: the organisation was told, and a second administrator consents, or the window passes, before the first signature.' },
  statement_not_accepted: { status: 403, retryable: false, meaning: 'The accountability statement in force must be accepted before signing (21 CFR 11.10(j)).' },
  password_change_required: { status: 403, retryable: false, meaning: 'The password was given by somebody else: sign in with it and a `newPassword` of your own.' },
  csrf: { status: 403, retryable: false, meaning: 'The X-CSRF-Token header does not belong to this session.' },
  not_found: { status: 404, retryable: false, meaning: 'There is no such record among those shared with the actor.' },
  wrong_state: { status: 409, retryable: false, meaning: 'The act does not fit the state of the record.' },
  separation_of_duties: { status: 409, retryable: false, meaning: 'The act needs another person than the one who acted before.' },
  rev_mismatch: { status: 409, retryable: false, meaning: 'The record has changed since the caller read it.' },
  consent_needed: { status: 409, retryable: false, meaning: 'It would show somebody what is not theirs to see: `consentOf` says whose consent is missing (docs/sharing.md).' },
  exists: { status: 409, retryable: false, meaning: 'A record with this key exists.' },
  idempotency_key_reused: { status: 422, retryable: false, meaning: 'The Idempotency-Key was used with another body.' },
  rule_broken: { status: 422, retryable: false, meaning: 'The content breaks a rule; the detail says which.' },
  too_many_requests: { status: 429, retryable: true, meaning: 'Slow down; Retry-After says how long.' },
  locked_out: { status: 429, retryable: true, meaning: 'Too many bad attempts; Retry-After says how long.' },
  continuing: { status: 503, retryable: true, meaning: 'The workflow is between two runs; repeat with the same key.' },
  took_too_long: { status: 503, retryable: true, meaning: 'The answer took too long and was given up; a narrower filter or a shorter time range is quicker.' },
  unavailable: { status: 503, retryable: true, meaning: 'A store or engine is out of reach; nothing was stored, repeating is safe.' },
  damaged: { status: 500, retryable: false, meaning: 'What is kept is not what was stored; it is not given out.' },
  internal: { status: 500, retryable: false, meaning: 'A defect; the correlation id finds it in the logs.' },
} as const satisfies Record<string, FailureKind>;

export type FailureType = keyof typeof kinds;
export const FAILURES: Readonly<Record<FailureType, FailureKind>> = kinds;

/** Whether a text is one of the catalogue's types. */
export function isFailureType(text: string | null | undefined): text is FailureType {
  return typeof text === 'string' && Object.hasOwn(kinds, text);
}

/** Statuses of refused acts that are evidence: not permitted, not yours, not now. */
const EVIDENCE: readonly number[] = [403, 404, 409];
export const isEvidence = (type: FailureType): boolean => EVIDENCE.includes(FAILURES[type].status);

/** One field at fault, named by its path in the request. */
export interface FieldError {
  readonly field: string;
  readonly message: string;
}

/** An error of the catalogue. `extra` is shown to the caller: ids and numbers, never secrets. */
export class Failure extends Error {
  readonly type: FailureType;
  readonly extra: Readonly<Record<string, unknown>>;
  constructor(type: FailureType, message: string, extra: Readonly<Record<string, unknown>> = {}) {
    super(message);
    this.name = 'Failure';
    this.type = type;
    this.extra = extra;
  }
}

/** A refusal whose evidence is in the trail already, with the answer of its command. */
export class KeptRefusal extends Failure {
  constructor({ type, message, extra }: Failure) {
    super(type, message, extra);
  }
}

/** Why an act is not allowed now; what a machine's `refuse` returns. */
export interface Refusal {
  readonly type: FailureType;
  readonly reason: string;
}
