/** Questions to authorities over plain HTTP: their answers are signed, so nothing more is needed, and nothing of ours is in them. */
import { lookup } from 'node:dns'
import { request } from 'node:http'
import type { IncomingMessage } from 'node:http'
import { BlockList, isIP } from 'node:net'
import type { LookupFunction } from 'node:net'
import { fail, ok } from '../../src-shared/result.ts'
import type { Result } from '../../src-shared/result.ts'
import type { Fetch, FetchRequest } from '../ports.ts'
import { plain } from './crypto/plain.ts'

export interface FetchOptions {
  /** Addresses of this machine itself, for tests. */
  readonly allowLoopback?: boolean
}

const HEADER_BYTES = 16_384

/** Addresses where no authority is: this machine, this link, everybody. Offices have theirs at private ones, which are let. */
function refusedAddresses(allowLoopback: boolean): BlockList {
  const refused = new BlockList()
  if (!allowLoopback) {
    refused.addSubnet('127.0.0.0', 8, 'ipv4')
    refused.addAddress('::1', 'ipv6')
  }
  refused.addSubnet('0.0.0.0', 8, 'ipv4')
  refused.addSubnet('169.254.0.0', 16, 'ipv4')
  refused.addSubnet('224.0.0.0', 3, 'ipv4')
  refused.addAddress('::', 'ipv6')
  refused.addSubnet('fe80::', 10, 'ipv6')
  refused.addSubnet('ff00::', 8, 'ipv6')
  return refused
}

const NOT_ALLOWED = 'ENOTALLOWED'

/** The URL when it is one that may be asked; else why not. */
function allowedUrl(text: string): Result<URL, string> {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url === undefined) return fail('its address cannot be read')
  if (url.protocol !== 'http:') return fail(`it is to be asked over ${url.protocol.slice(0, -1)}, not http`)
  return url.username === '' && url.password === '' ? ok(url) : fail('its address has a password in it')
}

const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error ? String(error.code) : 'unknown'

/** Why nobody answered, as a clause. */
function silence(error: unknown, { limit }: FetchRequest, isLate: boolean): string {
  if (isLate) return `no answer within ${(limit / 1000).toFixed(1)} s`
  const code = codeOf(error)
  if (code === NOT_ALLOWED) return 'its address is not one of an authority'
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return 'its name leads to no address'
  return `it cannot be reached (${code})`
}

/** The whole body, as far as it is wanted. Rejects as the stream does. */
async function bodyOf(response: IncomingMessage, mostBytes: number): Promise<Result<Uint8Array, string>> {
  const tooLarge = fail('its answer is too large')
  if (Number(response.headers['content-length'] ?? 0) > mostBytes) return tooLarge
  const parts: Buffer[] = []
  let length = 0
  for await (const part of response) {
    if (!(part instanceof Buffer)) continue
    length += part.length
    if (length > mostBytes) return tooLarge
    parts.push(part)
  }
  return ok(plain(Buffer.concat(parts)))
}

export function createFetch({ allowLoopback = false }: FetchOptions = {}): Fetch {
  const refused = refusedAddresses(allowLoopback)
  const isRefused = (address: string): boolean =>
    refused.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4')
  /** Checked where the name is resolved, so that it cannot lead elsewhere a moment later. */
  const checkedLookup: LookupFunction = (host, options, callback) => {
    lookup(host, { ...options, all: true }, (error, found) => {
      if (error !== null) {
        callback(error, '')
        return
      }
      const allowed = found.filter(({ address }) => !isRefused(address))
      const [first] = allowed
      if (first === undefined) callback(Object.assign(new Error('not allowed'), { code: NOT_ALLOWED }), '')
      else if (options.all === true) callback(null, allowed)
      else callback(null, first.address, first.family)
    })
  }

  return async (question) => {
    const url = allowedUrl(question.url)
    if (!url.ok) return url
    const host = url.value.hostname.replace(/^\[|\]$/g, '')
    // An address is not looked up, so it is checked here.
    if (isIP(host) !== 0 && isRefused(host)) return fail('its address is not one of an authority')
    const signal = AbortSignal.timeout(Math.max(1, Math.ceil(question.limit)))
    const { body } = question
    try {
      const response = await new Promise<IncomingMessage>((resolve, reject) => {
        const asking = request(url.value, {
          method: body === undefined ? 'GET' : 'POST',
          // A connection of its own, without what an environment's proxy or an earlier answer left.
          agent: false,
          maxHeaderSize: HEADER_BYTES,
          lookup: checkedLookup,
          signal,
          headers: {
            'user-agent': 'culvert',
            connection: 'close',
            ...(body === undefined ? {} : { 'content-type': body.type, 'content-length': body.bytes.length }),
          },
        })
        asking.once('response', resolve).on('error', reject)
        asking.end(body?.bytes)
      })
      try {
        // Redirects too: an authority that has moved issues certificates that say so.
        if (response.statusCode !== 200)
          return fail(`it answered with the HTTP status ${response.statusCode ?? 0}`)
        return await bodyOf(response, question.mostBytes)
      } finally {
        response.destroy()
      }
    } catch (error) {
      return fail(silence(error, question, signal.aborted))
    }
  }
}
