const REDACTED = '[redacted]';

/** Names whose values never reach a log, whatever they are nested in. `taskToken`, `set-cookie` and `x-csrf-token` match too. */
const SECRET_NAME = /(authorization|cookies?|passwords?|passwd|passphrase|secrets?|tokens?|api[-_]?keys?|credentials?|private[-_]?key)$/i;
/** Name and password in a URI: `mongodb://user:password@host`. The password may itself hold an `@` that nobody escaped. */
const URI_CREDENTIALS = /([a-z][a-z0-9+.-]*:\/\/)[^\s"'/?#]+@/gi;
const BEARER = /\b(bearer)\s+[A-Za-z0-9._~+/=-]{8,}/gi;
/** `password=…` and `"token":"…"` inside texts, for instance in messages of other libraries. */
const SECRET_IN_TEXT = /\b(password|passwd|passphrase|secret|token|api[-_]?key)(["']?\s*[=:]\s*)("[^"]*"|'[^']*'|[^\s,;&"']+)/gi;

/**
 * A log line (JSON) without secrets. Works on the finished line, so that it also sees child
 * bindings, serialised errors and what other libraries log.
 */
export function redactLine(line: string): string {
  try {
    return `${JSON.stringify(JSON.parse(line, redactMember))}\n`;
  } catch {
    return `${JSON.stringify({ level: 50, msg: 'a log line was dropped: it could not be redacted' })}\n`;
  }
}

/** A text without credentials in URIs, bearer tokens and `password=…` pairs. */
export function redactText(text: string): string {
  return text
    .replace(URI_CREDENTIALS, `$1${REDACTED}@`)
    .replace(BEARER, `$1 ${REDACTED}`)
    .replace(SECRET_IN_TEXT, `$1$2${REDACTED}`);
}

function redactMember(name: string, value: unknown): unknown {
  if (SECRET_NAME.test(name) && value !== null && typeof value !== 'boolean') return REDACTED;
  return typeof value === 'string' ? redactText(value) : value;
}
