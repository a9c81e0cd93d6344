interface Stamp {
  readonly seconds?: { toString(): string } | null;
  readonly nanos?: number | null;
}

/** Milliseconds of a protobuf timestamp or duration; 0 where there is none. */
export function millisOf(value: Stamp | null | undefined): number {
  return Number(value?.seconds?.toString() ?? 0) * 1000 + (value?.nanos ?? 0) / 1e6;
}
