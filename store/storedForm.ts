import type { Model } from 'mongoose';

/** A document as the store will hold it, defaults included, without the end of its chain: what its hash covers. */
export function storedForm<Doc>(model: Model<Doc>, doc: object): object {
  const { chain: _chain, ...fields } = new model(doc).toObject({ depopulate: true, flattenMaps: true }) as { readonly chain?: unknown };
  return fields;
}
