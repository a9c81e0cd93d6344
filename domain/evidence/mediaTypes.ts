interface MediaType {
  readonly extensions: readonly string[];
  /** The file begins with one of these; none: a text. */
  readonly signatures: readonly (readonly number[])[];
}

const PACKED = [[0x50, 0x4b, 0x03, 0x04]];
const TEXT: MediaType['signatures'] = [];
const OFFICE = 'application/vnd.openxmlformats-officedocument';

/** What may be evidence. No types that a browser or an office program runs: HTML, SVG, scripts, macros. */
const MEDIA_TYPES: Readonly<Record<string, MediaType>> = {
  'application/pdf': { extensions: ['pdf'], signatures: [[0x25, 0x50, 0x44, 0x46, 0x2d]] },
  'image/png': { extensions: ['png'], signatures: [[0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]] },
  'image/jpeg': { extensions: ['jpg', 'jpeg'], signatures: [[0xff, 0xd8, 0xff]] },
  'image/tiff': { extensions: ['tif', 'tiff'], signatures: [[0x49, 0x49, 0x2a, 0x00], [0x4d, 0x4d, 0x00, 0x2a]] },
  'text/csv': { extensions: ['csv'], signatures: TEXT },
  'text/plain': { extensions: ['txt', 'log'], signatures: TEXT },
  'application/json': { extensions: ['json'], signatures: TEXT },
  'application/xml': { extensions: ['xml'], signatures: TEXT },
  [`${OFFICE}.wordprocessingml.document`]: { extensions: ['docx'], signatures: PACKED },
  [`${OFFICE}.spreadsheetml.sheet`]: { extensions: ['xlsx'], signatures: PACKED },
  [`${OFFICE}.presentationml.presentation`]: { extensions: ['pptx'], signatures: PACKED },
  'application/zip': { extensions: ['zip'], signatures: [...PACKED, [0x50, 0x4b, 0x05, 0x06]] },
  'application/gzip': { extensions: ['gz', 'tgz'], signatures: [[0x1f, 0x8b]] },
};
export const ALLOWED_MEDIA_TYPES: readonly string[] = Object.keys(MEDIA_TYPES);

/** UTF-16, which has NUL bytes and is a text. */
const WIDE_TEXT = [[0xff, 0xfe], [0xfe, 0xff]];

/** Why a file of this name cannot be declared as this type; undefined: it can. */
export function declarationFault({ mediaType, fileName }: { readonly mediaType: string; readonly fileName: string }): { readonly field: string; readonly message: string } | undefined {
  const type = typeOf(mediaType);
  if (!type) return { field: 'mediaType', message: `not allowed; one of ${ALLOWED_MEDIA_TYPES.join(', ')}` };
  const extension = /\.([^.]+)$/u.exec(fileName)?.[1]?.toLowerCase();
  if (extension !== undefined && type.extensions.includes(extension)) return undefined;
  return { field: 'fileName', message: `a file of type ${mediaType} ends in ${type.extensions.map((end) => `.${end}`).join(' or ')}` };
}

/** Whether the first bytes of a file are those of its declared type. A text has no NUL among them, unless it says that it is UTF-16. */
export function fitsType(mediaType: string, firstBytes: Uint8Array): boolean {
  const type = typeOf(mediaType);
  if (!type) return false;
  if (type.signatures.length > 0) return type.signatures.some((signature) => beginsWith(firstBytes, signature));
  return WIDE_TEXT.some((mark) => beginsWith(firstBytes, mark)) || !firstBytes.includes(0);
}

function typeOf(mediaType: string): MediaType | undefined {
  return Object.hasOwn(MEDIA_TYPES, mediaType) ? MEDIA_TYPES[mediaType] : undefined;
}

function beginsWith(bytes: Uint8Array, signature: readonly number[]): boolean {
  return signature.every((byte, index) => bytes[index] === byte);
}
