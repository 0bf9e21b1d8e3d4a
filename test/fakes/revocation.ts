/** Lists of revoked certificates and OCSP answers made at run time, right ones and wrong ones, and responders that give them. */
import { createHash, sign } from 'node:crypto'
import type { KeyObject } from 'node:crypto'
import { createServer } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { extensionList, generalName, publicKeyInfo } from '../../src-main/pki/certificate-format.ts'
import {
  issuingDistributionPoint,
  listFormat,
  listNumber,
  reasonCode,
  signedListFormat,
} from '../../src-main/pki/crl-format.ts'
import { parseCertificate } from '../../src-main/pki/certificate.ts'
import {
  OcspId,
  ResponderTag,
  StatusTag,
  basicResponse,
  keyHash,
  ocspRequest,
  ocspResponse,
  responseData,
  revokedInfo,
} from '../../src-main/pki/ocsp-format.ts'
import {
  OCSP_METHOD,
  PointerId,
  authorityInformation,
  distributionPoints,
} from '../../src-main/pki/revocation-pointers.ts'
import { list } from '../../src-main/wire/sequences.ts'
import { decode, encode } from '../../src-main/wire/codec.ts'
import { NOW, uri } from './certificates.ts'
import type { Extension, Holder } from './certificates.ts'

const HOUR = 3_600_000
const ECDSA_SHA256 = '300a06082a8648ce3d040302'
const hex = (text: string) => Uint8Array.from(Buffer.from(text, 'hex'))
const signature = (bytes: Uint8Array, key: KeyObject) => new Uint8Array(sign('sha256', bytes, key))

const certificateOf = ({ der }: Holder) => {
  const parsed = parseCertificate(der)
  if (!parsed.ok) throw new Error(parsed.error)
  return parsed.value
}

export const serialOf = (holder: Holder): Uint8Array => hex(certificateOf(holder).serialNumber)

const names = (...urls: readonly string[]) => encode(list(generalName, 8), urls.map(uri))

/** The extension that names OCSP responders. */
export const responders = (...urls: readonly string[]): Extension => ({
  id: PointerId.AUTHORITY_INFORMATION,
  critical: undefined,
  value: encode(
    authorityInformation,
    urls.map((url) => ({ method: OCSP_METHOD, location: uri(url) })),
  ),
})

export interface Point {
  readonly urls: readonly string[]
  readonly reasons?: readonly number[]
  readonly crlIssuer?: string
}

/** The extension that names places of lists, or of deltas. */
export const listPlaces = (
  points: readonly Point[],
  id: string = PointerId.CRL_DISTRIBUTION_POINTS,
): Extension => ({
  id,
  critical: undefined,
  value: encode(
    distributionPoints,
    points.map(({ urls, reasons, crlIssuer }) => ({
      name: { tag: 0xa0, content: names(...urls) },
      reasons: reasons && new Set(reasons),
      crlIssuer: crlIssuer === undefined ? undefined : [uri(crlIssuer)],
    })),
  ),
})
export const lists = (...urls: readonly string[]): Extension =>
  listPlaces(urls.map((url) => ({ urls: [url] })))

// ---------------------------------------------------------------- lists

export interface ListWish {
  readonly by: Holder
  /** Who signs, when it is not the one who is named. */
  readonly key?: KeyObject
  readonly revoked?: readonly {
    readonly serial: Uint8Array
    readonly reason?: number
    readonly extension?: Extension
  }[]
  readonly number?: number
  readonly base?: number
  readonly from?: number
  readonly until?: number | null
  readonly scope?: Partial<Parameters<typeof encodeScope>[0]> & { readonly urls?: readonly string[] }
  readonly extensions?: readonly Extension[]
}

const encodeScope = (scope: {
  readonly name: { readonly tag: number; readonly content: Uint8Array } | undefined
  readonly onlyUsers: boolean | undefined
  readonly onlyAuthorities: boolean | undefined
  readonly onlyReasons: ReadonlySet<number> | undefined
  readonly isIndirect: boolean | undefined
  readonly onlyAttributes: boolean | undefined
}) => encode(issuingDistributionPoint, scope)

const numbered = (id: string, value: number, critical?: true): Extension => ({
  id,
  critical,
  value: encode(listNumber, Uint8Array.of(value)),
})

export function revocationList(wish: ListWish): Uint8Array {
  const { urls, ...scope } = wish.scope ?? {}
  const all: Extension[] = [
    ...(wish.number === undefined ? [] : [numbered('551d14', wish.number)]),
    ...(wish.base === undefined ? [] : [numbered('551d1b', wish.base, true)]),
    ...(wish.scope === undefined
      ? []
      : [
          {
            id: '551d1c',
            critical: true as const,
            value: encodeScope({
              name: urls && { tag: 0xa0, content: names(...urls) },
              onlyUsers: undefined,
              onlyAuthorities: undefined,
              onlyReasons: undefined,
              isIndirect: undefined,
              onlyAttributes: undefined,
              ...scope,
            }),
          },
        ]),
    ...(wish.extensions ?? []),
  ]
  const signed = encode(signedListFormat, {
    version: 1,
    algorithm: hex(ECDSA_SHA256),
    issuer: certificateOf(wish.by).subjectDer,
    thisUpdate: wish.from ?? NOW - HOUR,
    nextUpdate: wish.until === null ? undefined : (wish.until ?? NOW + HOUR),
    entries: wish.revoked?.map(({ serial, reason, extension }) => {
      const own: Extension[] = [
        ...(reason === undefined
          ? []
          : [{ id: '551d15', critical: undefined, value: encode(reasonCode, reason) }]),
        ...(extension === undefined ? [] : [extension]),
      ]
      return {
        serialNumber: serial,
        date: NOW - HOUR,
        extensions: own.length === 0 ? undefined : encode(extensionList, own),
      }
    }),
    extensions: all.length === 0 ? undefined : all,
  })
  return encode(listFormat, {
    signed,
    algorithm: hex(ECDSA_SHA256),
    signature: signature(signed, wish.key ?? wish.by.key),
  })
}

// ---------------------------------------------------------------- OCSP

export interface AnswerWish {
  /** The authority that is asked about. */
  readonly issuer: Holder
  /** Who signs; default the authority. */
  readonly by?: Holder
  readonly key?: KeyObject
  readonly status?: 'good' | 'revoked' | 'unknown'
  readonly reason?: number
  readonly from?: number
  readonly until?: number | null
  /** Sent along. */
  readonly certificates?: readonly Holder[]
  readonly nonce?: 'echo' | 'other' | 'none'
  readonly byKey?: boolean
  readonly extensions?: readonly Extension[]
  /** Of the certificate it speaks of, when it is another one. */
  readonly serial?: Uint8Array
}

const keyHashOf = (holder: Holder) =>
  createHash('sha1')
    .update(decode(publicKeyInfo, certificateOf(holder).spki).key)
    .digest()

/** The answer to a request in DER. */
export function ocspAnswer(request: Uint8Array, wish: AnswerWish): Uint8Array {
  const asked = decode(ocspRequest, request).signed
  const [first] = asked.requests
  if (first === undefined) throw new Error('nothing was asked')
  const by = wish.by ?? wish.issuer
  const nonces = (asked.extensions ?? []).filter(({ id }) => id === OcspId.NONCE)
  const all: Extension[] = [
    ...(wish.nonce === 'none'
      ? []
      : nonces.map(({ id, value }) => ({
          id,
          critical: undefined,
          value: wish.nonce === 'other' ? hex(`0420${'00'.repeat(32)}`) : value,
        }))),
    ...(wish.extensions ?? []),
  ]
  const status = wish.status ?? 'good'
  const signed = encode(responseData, {
    version: undefined,
    responder:
      wish.byKey === true
        ? { tag: ResponderTag.KEY, content: encode(keyHash, keyHashOf(by)) }
        : { tag: ResponderTag.NAME, content: certificateOf(by).subjectDer },
    producedAt: NOW,
    responses: [
      {
        id: { ...first.id, serialNumber: wish.serial ?? first.id.serialNumber },
        status: {
          tag: { good: StatusTag.GOOD, revoked: StatusTag.REVOKED, unknown: StatusTag.UNKNOWN }[status],
          content:
            status === 'revoked'
              ? encode(revokedInfo, { time: NOW - HOUR, reason: wish.reason })
              : new Uint8Array(0),
        },
        thisUpdate: wish.from ?? NOW - HOUR,
        nextUpdate: wish.until === null ? undefined : (wish.until ?? NOW + HOUR),
        extensions: undefined,
      },
    ],
    extensions: all.length === 0 ? undefined : all,
  })
  const response = encode(basicResponse, {
    signed,
    algorithm: hex(ECDSA_SHA256),
    signature: signature(signed, wish.key ?? by.key),
    certificates: wish.certificates?.map(({ der }) => der),
  })
  return encode(ocspResponse, { status: 0, bytes: { type: OcspId.BASIC, response } })
}

/** An answer that says only why there is none. */
export const ocspRefusal = (status: number): Uint8Array => encode(ocspResponse, { status, bytes: undefined })

// ---------------------------------------------------------------- servers

export interface Responder {
  readonly url: string
  /** How often it was asked. */
  readonly asked: () => number
  close(): Promise<void>
}

export type Answering = (
  body: Uint8Array,
  request: IncomingMessage,
  response: ServerResponse,
) => Uint8Array | undefined

/** An HTTP server on this machine; `answer` gives the body, or undefined when it has answered by itself or never will. */
export async function startResponder(answer: Answering): Promise<Responder> {
  let asked = 0
  const server = createServer((request, response) => {
    asked += 1
    const parts: Buffer[] = []
    request.on('data', (part: Buffer) => parts.push(part))
    request.on('end', () => {
      const body = answer(Uint8Array.from(Buffer.concat(parts)), request, response)
      if (body !== undefined) response.end(body)
    })
  })
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  return {
    url: `http://127.0.0.1:${address.port}/`,
    asked: () => asked,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
