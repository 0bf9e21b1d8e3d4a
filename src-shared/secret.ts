/** Bytes that must not be seen: they cannot print, serialise or compare themselves, and they can be wiped. */

/** What everything prints that meets a secret by accident. */
const HIDDEN = '[secret]'

/**
 * A password, a pre-shared key or a private key's encoding. The holder wipes it when done; the bytes handed out by `reveal`
 * are the secret's own (a view, not a copy) and become zeros with it.
 */
export class Secret {
  #bytes: Uint8Array
  #wiped = false

  /** Takes the bytes over: the caller no longer owns them. */
  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
  }

  get length(): number {
    return this.#bytes.length
  }

  get wiped(): boolean {
    return this.#wiped
  }

  /** The bytes themselves. Throws RangeError once wiped, so that a stale holder cannot use zeros as a key. */
  reveal(): Uint8Array {
    if (this.#wiped) throw new RangeError('This secret has been wiped')
    return this.#bytes
  }

  /** A secret of its own with the same bytes, to be wiped apart from this one. */
  copy(): Secret {
    return new Secret(this.reveal().slice())
  }

  wipe(): void {
    this.#bytes.fill(0)
    this.#wiped = true
  }

  toString(): string {
    return HIDDEN
  }

  toJSON(): string {
    return HIDDEN
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return HIDDEN
  }
}
