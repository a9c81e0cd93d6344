/** A code by which holders of the key ring know what another holder wrote; `keyId` is that of the ring's key behind it. */
export interface KeyedCode {
  readonly keyId: string;
  /** HMAC-SHA-256, in hex. */
  readonly mac: string;
}
