/** Certificates as people see them: files become PEM, PEM gets a name. Nothing here decides whether one is any good. */

const block = /-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g

/** The certificates of a file, PEM or DER, each as PEM; empty when there is none. */
export function certificatesIn(bytes: Uint8Array): readonly string[] {
  const text = new TextDecoder().decode(bytes)
  const found = text.match(block)
  if (found !== null) return found.map((pem) => `${pem.trim()}\n`)
  // A DER certificate is a SEQUENCE whose length takes two bytes (X.690 section 8.1.3.5) and which fills the file.
  const isDer =
    bytes[0] === 0x30 && bytes[1] === 0x82 && (bytes[2] ?? 0) * 256 + (bytes[3] ?? 0) + 4 === bytes.length
  if (!isDer) return []
  const lines = toBase64(bytes).match(/.{1,64}/g) ?? []
  return [`-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`]
}

/** The bytes of a PEM block; empty when it is none. */
export function derOf(pem: string): Uint8Array {
  const body = /-----BEGIN [^-]+-----([\s\S]*?)-----END/.exec(pem)?.[1] ?? ''
  try {
    return Uint8Array.from(atob(body.replace(/\s/g, '')), (letter) => letter.charCodeAt(0))
  } catch {
    return new Uint8Array()
  }
}

/**
 * The subject's common name, for showing: the last one written in the certificate, since the issuer stands before the subject
 * (RFC 5280 section 4.1). Undefined when there is none.
 */
export function nameOf(pem: string): string | undefined {
  const der = derOf(pem)
  let name: string | undefined
  for (let at = 0; at + 7 < der.length; at += 1) {
    const isCommonName = commonName.every((byte, index) => der[at + index] === byte)
    const type = der[at + 5]
    const length = der[at + 6] ?? 0
    // UTF8String, PrintableString, TeletexString, IA5String; longer than 64 is no common name.
    if (!isCommonName || type === undefined || ![0x0c, 0x13, 0x14, 0x16].includes(type) || length > 64)
      continue
    name = new TextDecoder().decode(der.subarray(at + 7, at + 7 + length))
  }
  return name
}

/** id-at-commonName, 2.5.4.3, as an OBJECT IDENTIFIER. */
const commonName = [0x06, 0x03, 0x55, 0x04, 0x03]

/** The first and last bytes of the SHA-256, enough to compare at a glance. */
export async function shortFingerprint(pem: string): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', derOf(pem).slice()))
  const hex = [...digest].map((byte) => byte.toString(16).padStart(2, '0'))
  return `${hex.slice(0, 4).join(':')} … ${hex.slice(-4).join(':')}`
}

/** A key file as `saveProfile` takes it: PEM as text, a PKCS#12 file as base64. */
export function keyTextOf(bytes: Uint8Array): string {
  const text = new TextDecoder().decode(bytes)
  return text.includes('-----BEGIN ') ? text : toBase64(bytes)
}

export function toBase64(bytes: Uint8Array): string {
  let text = ''
  for (const byte of bytes) text += String.fromCharCode(byte)
  return btoa(text)
}
