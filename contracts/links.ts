/** What one record says of another that it links to. */
export const LINK_KINDS = ['relates_to', 'duplicates', 'caused_by', 'blocks'] as const;
/** What the other record says of the same link. */
export const LINK_INVERSES = { relates_to: 'relates_to', duplicates: 'duplicated_by', caused_by: 'causes', blocks: 'blocked_by' } as const satisfies Record<(typeof LINK_KINDS)[number], string>;
