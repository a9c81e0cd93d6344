/** A link as a record of any capability keeps it. */
interface Link {
  readonly recordId: string;
  readonly kind: string;
}

/** The links with one more; the same one twice is one. */
export function withLink(links: readonly Link[], { recordId, kind }: Link): readonly Link[] {
  return links.some((link) => link.recordId === recordId && link.kind === kind) ? links : [...links, { recordId, kind }];
}
