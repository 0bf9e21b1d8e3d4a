/**
 * Block ciphers in TypeScript, for what a runtime's library lacks, and their modes. They look bytes up in tables, at places that depend on
 * the key: who shares this computer's caches might learn from it. So they are used where there is nothing else, for algorithms that
 * nobody is offered who does not name them.
 */
export interface BlockCipher {
  readonly blockLength: number
  /** One block in place, at `at`. */
  encrypt(view: DataView, at: number): void
  decrypt(view: DataView, at: number): void
  destroy(): void
}

/** NIST SP 800-38A section 6.2. Whole blocks; gives an array of the caller's own. */
export function encryptCbc(cipher: BlockCipher, iv: Uint8Array, plaintext: Uint8Array): Uint8Array {
  const { blockLength } = cipher
  const result = Uint8Array.from(plaintext)
  const view = new DataView(result.buffer, result.byteOffset, result.length)
  for (let at = 0; at < result.length; at += blockLength) {
    for (let byte = 0; byte < blockLength; byte += 1) {
      const before = at === 0 ? (iv[byte] ?? 0) : view.getUint8(at - blockLength + byte)
      view.setUint8(at + byte, view.getUint8(at + byte) ^ before)
    }
    cipher.encrypt(view, at)
  }
  return result
}

export function decryptCbc(cipher: BlockCipher, iv: Uint8Array, ciphertext: Uint8Array): Uint8Array {
  const { blockLength } = cipher
  const result = Uint8Array.from(ciphertext)
  const view = new DataView(result.buffer, result.byteOffset, result.length)
  for (let at = 0; at < result.length; at += blockLength) {
    cipher.decrypt(view, at)
    for (let byte = 0; byte < blockLength; byte += 1) {
      const before = at === 0 ? iv[byte] : ciphertext[at - blockLength + byte]
      view.setUint8(at + byte, view.getUint8(at + byte) ^ (before ?? 0))
    }
  }
  return result
}

/** NIST SP 800-38A section 6.5, for blocks of 16 bytes; the last 32 bits count, which is more than any message has blocks. */
export function cryptCtr(cipher: BlockCipher, counterBlock: Uint8Array, data: Uint8Array): Uint8Array {
  const { blockLength } = cipher
  const result = Uint8Array.from(data)
  const counter = new DataView(Uint8Array.from(counterBlock).buffer)
  const block = new DataView(new ArrayBuffer(blockLength))
  for (let at = 0; at < result.length; at += blockLength) {
    for (let byte = 0; byte < blockLength; byte += 4) block.setUint32(byte, counter.getUint32(byte))
    cipher.encrypt(block, 0)
    const length = Math.min(blockLength, result.length - at)
    for (let byte = 0; byte < length; byte += 1)
      result[at + byte] = (result[at + byte] ?? 0) ^ block.getUint8(byte)
    counter.setUint32(blockLength - 4, counter.getUint32(blockLength - 4) + 1)
  }
  return result
}
