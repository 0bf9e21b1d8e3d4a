/** Base64 as profiles carry it. */

/** Base64 with any white space in it (also `\n` written out, seen in the wild); undefined for anything else. */
export function decodeBase64(text: string): Uint8Array | undefined {
  const compact = text.replace(/\\[nr]|\s/g, '')
  if (compact === '' || !/^[A-Za-z0-9+/]+={0,2}$/.test(compact)) return undefined
  const bytes = Buffer.from(compact, 'base64')
  return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength).slice()
}
