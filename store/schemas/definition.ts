import { Schema, type SchemaDefinition } from 'mongoose';

/**
 * A schema that refuses what it does not know, in documents and in filters: a misspelt field must
 * fail a test, not vanish. `minimize` off keeps empty objects, which hashes cover.
 */
export function defineSchema<Doc>(collection: string, definition: SchemaDefinition): Schema<Doc> {
  return new Schema<Doc>(definition, {
    collection,
    strict: 'throw',
    strictQuery: 'throw',
    versionKey: false,
    minimize: false,
    id: false,
  } as never);
}

export const text = { type: String, required: true } as const;
export const optionalText = { type: String } as const;
export const nullableText = { type: String, default: null } as const;
export const integer = { type: Number, required: true } as const;
export const flag = { type: Boolean, required: true } as const;
export const anything = { type: Schema.Types.Mixed } as const;
export const texts = { type: [String], required: true } as const;
