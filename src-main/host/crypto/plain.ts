/**
 * The same bytes as a plain Uint8Array: node's Buffer is one as well, but its `slice` shares memory where ours copies.
 */
export const plain = (buffer: Uint8Array): Uint8Array =>
  new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.length)
