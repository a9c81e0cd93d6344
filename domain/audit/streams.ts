/** What administered records are called in the ids of their audit streams. */
export const ADMINISTRATIVE_STREAMS = [
  'person', 'organisation', 'study', 'membership', 'delegation', 'calendar', 'policy', 'policy-draft', 'capa-policy', 'capa-policy-draft', 'matrix', 'matrix-proposal', 'channel', 'preferences', 'source', 'evidence', 'legal-hold', 'consent', 'topic', 'admission', 'finding', 'capa-import', 'signer', 'statement',
] as const;
export type AdministrativeStream = (typeof ADMINISTRATIVE_STREAMS)[number];

/** Audit stream of an administered record: `person/<id>`. Of immutable versions, the stream of what they are versions of: `policy/<line>`, see {@link versionedOf}. */
export function administrativeStreamOf(kind: AdministrativeStream, id: string): string {
  return `${kind}/${id}`;
}

/** What an immutable version, whose id is `<what it is a version of>/<number>`, is a version of. */
export function versionedOf(_id: string): string {
  const slash = _id.lastIndexOf('/');
  return slash === -1 ? _id : _id.slice(0, slash);
}

/** What a stream is about: a record (`refusals/`, `notices/` and `sign-ins/` stand beside its own), or something administered. */
export type StreamSubject =
  | { readonly kind: 'record'; readonly id: string }
  | { readonly kind: AdministrativeStream; readonly id: string };

/** Reads a stream id. Whatever carries no known prefix is a record's own stream. */
export function subjectOf(streamId: string): StreamSubject {
  const beside = /^(?:refusals|notices|sign-ins)\/(.+)$/su.exec(streamId)?.[1];
  if (beside !== undefined) return subjectOf(beside);
  const slash = streamId.indexOf('/');
  const kind = ADMINISTRATIVE_STREAMS.find((name) => name === streamId.slice(0, slash));
  return kind === undefined ? { kind: 'record', id: streamId } : { kind, id: streamId.slice(slash + 1) };
}
