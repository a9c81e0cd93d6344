import type { Model } from 'mongoose';

export interface Page<Doc> {
  readonly items: readonly Doc[];
  /** `_id` after which the next page begins; absent on the last page. */
  readonly next?: string;
}

/** A page of administered records in the order of their ids, which never change. */
export async function pageById<Doc extends { readonly _id: string }>(
  model: Model<Doc>,
  { filter, after, limit }: { filter: object; after?: string | undefined; limit: number },
): Promise<Page<Doc>> {
  const from = after === undefined ? {} : { _id: { $gt: after } };
  const found = await model.find({ $and: [filter, from] } as never).sort({ _id: 1 } as never).limit(limit + 1).lean<Doc[]>();
  const items = found.slice(0, limit);
  const last = items.at(-1);
  return found.length > limit && last ? { items, next: last._id } : { items };
}
