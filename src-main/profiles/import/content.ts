/** The bytes of a file as far as they can be read without knowing the format: wrappings and encodings taken off. */
import { looksLikeSignedData, readSignedData } from '../../pki/pkcs7.ts'
import type { Signer } from '../../pki/pkcs7.ts'
import type { Result } from '../../../src-shared/result.ts'
import { fail, ok } from '../../../src-shared/result.ts'
import { decodeText, parseJson } from '../parse.ts'
import { isBinaryPlist, plistFromBinary } from './binary-plist.ts'
import type { ImportContent, ProblemList } from './importer.ts'
import { plistFromXml } from './plist.ts'
import { looksLikeXml, parseXml } from './xml.ts'

/** Gives what a reader of any format starts from; fails with a sentence. */
export function contentOf(
  bytes: Uint8Array,
  where: string,
  problems: ProblemList,
): Result<ImportContent, string> {
  const pem = pemOfSignedData(bytes)
  const outer = pem ?? bytes
  if (!looksLikeSignedData(outer)) return plainContent(outer, where, problems)
  const message = readSignedData(outer)
  if (!message.ok) return fail(`The signed file cannot be read: ${message.error}`)
  const { content, signers } = message.value
  if (content === undefined) return fail('The file holds certificates or a signature alone, and no profile')
  for (const signer of signers) {
    if (!tellSigner(signer, where, problems)) {
      return fail('The signature does not fit: the file was changed after it was signed')
    }
  }
  return plainContent(content, where, problems)
}

/** PEM as OpenSSL writes it around a signed message. */
function pemOfSignedData(bytes: Uint8Array): Uint8Array | undefined {
  const head = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, 64)).toString('latin1')
  if (!/^\s*-----BEGIN (?:PKCS7|CMS)-----/.test(head)) return undefined
  const [, body] =
    /-----BEGIN (?:PKCS7|CMS)-----([A-Za-z0-9+/=\s]*)-----END/.exec(Buffer.from(bytes).toString('latin1')) ??
    []
  return body === undefined ? undefined : new Uint8Array(Buffer.from(body, 'base64'))
}

/** False when the signature is wrong: then nothing in the file counts. */
function tellSigner({ certificate, standing }: Signer, where: string, problems: ProblemList): boolean {
  const name =
    certificate === undefined ? 'somebody' : `${certificate.subject} (vouched for by ${certificate.issuer})`
  const by = name.slice(0, 300)
  switch (standing) {
    case 'invalid':
      return false
    case 'valid': {
      const ended = certificate !== undefined && certificate.notAfter < Date.now()
      if (ended) {
        problems.add(
          'warning',
          where,
          `The file is signed by ${by}, whose certificate has ended`,
          'Check that the file comes from whom you expect.',
        )
      } else {
        problems.add(
          'note',
          where,
          `The file is signed by ${by}`,
          'The signature fits. Whether that is whom you expect, only you know.',
        )
      }
      return true
    }
    case 'weak':
      problems.add(
        'warning',
        where,
        `The file is signed by ${by} with an algorithm that can be forged`,
        'Treat it as unsigned.',
      )
      return true
    case 'unknown-algorithm':
    case 'no-certificate':
      problems.add(
        'warning',
        where,
        `The signature by ${by} cannot be checked`,
        'Treat the file as unsigned: check that it comes from whom you expect.',
      )
      return true
  }
}

function plainContent(
  bytes: Uint8Array,
  where: string,
  problems: ProblemList,
): Result<ImportContent, string> {
  if (isBinaryPlist(bytes)) {
    const plist = plistFromBinary(bytes)
    return plist.ok
      ? ok({ text: '', json: undefined, plist: plist.value })
      : fail(`The property list cannot be read: ${plist.error}`)
  }
  const text = textOf(bytes, where, problems)
  if (text === undefined) return fail('The file is not text')
  if (looksLikeXml(text)) return xmlContent(text, where, problems)
  const json = parseJson(text)
  return ok({ text, json: json.ok ? json.value : undefined })
}

function xmlContent(text: string, where: string, problems: ProblemList): Result<ImportContent, string> {
  const document = parseXml(text)
  if (!document.ok) return fail(`The XML cannot be read: ${document.error}`)
  const { root, mistakes } = document.value
  if (root.name === 'plist') {
    // What a broken property list means is anybody's guess, and it may be about trust.
    const [mistake] = mistakes
    if (mistake !== undefined) return fail(`The property list is damaged: ${mistake}`)
    const plist = plistFromXml(root)
    return plist.ok
      ? ok({ text, json: undefined, xml: root, plist: plist.value })
      : fail(`The property list cannot be read: ${plist.error}`)
  }
  for (const mistake of mistakes) {
    problems.add(
      'warning',
      where,
      `The XML has a mistake, ${mistake}`,
      'It was read over. Look at what was understood.',
    )
  }
  return ok({ text, json: undefined, xml: root })
}

/** UTF-8, UTF-16 with a byte order mark (as Windows writes), else ISO 8859-1, which is told. Undefined for what is no text. */
function textOf(bytes: Uint8Array, where: string, problems: ProblemList): string | undefined {
  const wide = wideText(bytes)
  if (wide !== undefined) return wide
  if (bytes.subarray(0, 65_536).includes(0)) return undefined
  const text = decodeText(bytes)
  if (text !== undefined) return text
  if (bytes[0] === 0x30 || isMostlyControl(bytes)) return undefined
  problems.add(
    'note',
    where,
    'The file is not UTF-8; it was read as ISO 8859-1',
    'Look at names with accents and at passwords.',
  )
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1')
}

function wideText(bytes: Uint8Array): string | undefined {
  const [first, second] = bytes
  const label =
    first === 0xff && second === 0xfe
      ? 'utf-16le'
      : first === 0xfe && second === 0xff
        ? 'utf-16be'
        : undefined
  if (label === undefined) return undefined
  return new TextDecoder(label).decode(bytes)
}

function isMostlyControl(bytes: Uint8Array): boolean {
  const head = bytes.subarray(0, 4096)
  const control = head.reduce((count, byte) => count + (byte < 9 || (byte > 13 && byte < 32) ? 1 : 0), 0)
  return control * 20 > head.length
}
