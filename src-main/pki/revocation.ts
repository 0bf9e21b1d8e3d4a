/**
 * Whether the certificates of a chain are revoked. Asked of their authorities only once the chain has been found to lead to a
 * trusted one, so that a stranger cannot make us call anybody; side by side, in bounded time.
 */
import { epochMillis, millis } from '../../src-shared/brands.ts'
import type { EpochMillis, Millis } from '../../src-shared/brands.ts'
import { fail } from '../../src-shared/result.ts'
import type { AnswerCache, Clock, Fetch, Log, Random } from '../ports.ts'
import type { Certificate } from './certificate.ts'
import { listStanding } from './crl-standing.ts'
import { makeOcspRequest, readOcspResponse } from './ocsp.ts'
import type { Ask, Finding, Inquiry } from './revocation-inquiry.ts'
import { revocationUnknown, revoked } from './trust-failure.ts'
import type { TrustFailure } from './trust-failure.ts'

/** `strict`: every certificate must be found good. `when-reachable`: what no authority could be asked about is let pass. */
export type RevocationMode = 'strict' | 'when-reachable' | 'off'

export interface RevocationSources {
  readonly fetch: Fetch
  readonly cache: AnswerCache
  readonly clock: Pick<Clock, 'monotonic'>
  readonly random: Random
  readonly log: Log
}

/** What is wrong, if anything. `chain`: the end entity first, the trusted certificate, which nobody is asked about, last. */
export type CheckRevocation = (
  chain: readonly Certificate[],
  mode: RevocationMode,
  at: EpochMillis,
) => Promise<TrustFailure | undefined>

/** How long a connection waits for all answers together; the gateway keeps a half-open IKE SA for 30 s at least. */
const LIMITS: Readonly<Record<Exclude<RevocationMode, 'off'>, number>> = {
  strict: 8000,
  'when-reachable': 3000,
}
/** How long a place that did not answer is left alone where its answer is not demanded: reconnecting must not wait each time. */
const LEFT_ALONE_MS = 60_000

const OCSP_BYTES = 65_536
const MOST_RESPONDERS = 2
/** RFC 9654 section 2.1. */
const NONCE_BYTES = 32

async function ocspStanding(inquiry: Inquiry, until: Millis, random: Random): Promise<Finding | undefined> {
  const { certificate, issuer, at, ask } = inquiry
  let last: Finding | undefined
  for (const url of certificate.revocation.ocsp.slice(0, MOST_RESPONDERS)) {
    const nonce = random.bytes(NONCE_BYTES)
    const found = await ask({
      url,
      key: `ocsp ${url} ${Buffer.from(issuer.keyHash).toString('hex')} ${certificate.serialNumber}`,
      deadline: until,
      at,
      mostBytes: OCSP_BYTES,
      body: { type: 'application/ocsp-request', bytes: makeOcspRequest(certificate, issuer, nonce) },
      read: (bytes, isFresh) =>
        readOcspResponse(bytes, { certificate, issuer, at, ...(isFresh ? { nonce } : {}) }),
    })
    if (found.ok && found.value.kind !== 'unknown') return found.value
    if (found.ok) last = found.value
    else last ??= { kind: 'undetermined', problem: `the responder ${url}: ${found.error}` }
  }
  return last
}

/** OCSP first, which is small; then the lists. */
async function standingOf(inquiry: Inquiry, now: Millis, random: Random): Promise<Finding> {
  const { ocsp, lists } = inquiry.certificate.revocation
  if (ocsp.length + lists.length === 0)
    return { kind: 'undetermined', problem: 'it names no place where its authority could be asked' }
  // A responder that is silent leaves half of the time to the lists.
  const half = millis(now + (inquiry.deadline - now) / 2)
  const answered = await ocspStanding(inquiry, lists.length > 0 ? half : inquiry.deadline, random)
  if (answered?.kind === 'good' || answered?.kind === 'revoked') return answered
  const listed = lists.length > 0 ? await listStanding(inquiry) : undefined
  if (listed?.kind === 'good' || listed?.kind === 'revoked') return listed
  // "unknown" is an answer: the authority was reached, and does not stand by the certificate.
  if (answered?.kind === 'unknown') return answered
  return answered ?? listed ?? { kind: 'undetermined', problem: 'no authority could be asked' }
}

const pairsOf = (chain: readonly Certificate[]): readonly (readonly [Certificate, Certificate])[] =>
  chain.flatMap((certificate, index) => {
    const issuer = chain[index + 1]
    return issuer === undefined ? [] : [[certificate, issuer] as const]
  })

/** Asks through the cache; remembers for a moment who does not answer. */
function createAsk(
  { fetch: request, cache, clock }: RevocationSources,
  silent: Map<string, Millis>,
): (patient: boolean) => Ask {
  return (patient) =>
    async ({ url, key, deadline, at, mostBytes, body, read }) => {
      const kept = await cache.get(key, at)
      const known = kept && read(kept, false)
      if (known?.ok === true) return known
      const now = clock.monotonic()
      const since = silent.get(url)
      if (!patient && since !== undefined && now < since + LEFT_ALONE_MS)
        return fail('it did not answer a moment ago')
      if (now >= deadline) return fail('there was no time left to ask it')
      const limit = millis(deadline - now)
      const fetched = await request({ url, mostBytes, limit, ...(body === undefined ? {} : { body }) })
      if (!fetched.ok) {
        silent.set(url, clock.monotonic())
        return fetched
      }
      silent.delete(url)
      const answer = read(fetched.value, true)
      if (answer.ok) await cache.put(key, fetched.value, epochMillis(answer.value.until))
      return answer
    }
}

/** Shared by all connections of a process. */
export function createRevocation(sources: RevocationSources): CheckRevocation {
  const silent = new Map<string, Millis>()
  const askers = createAsk(sources, silent)
  const { clock, random, log } = sources
  return async (chain, mode, at) => {
    if (mode === 'off') return undefined
    const started = clock.monotonic()
    for (const [url, since] of silent) if (started >= since + LEFT_ALONE_MS) silent.delete(url)
    const deadline = millis(started + LIMITS[mode])
    const ask = askers(mode === 'strict')
    const findings = await Promise.all(
      pairsOf(chain).map(async ([certificate, issuer]) => ({
        certificate,
        finding: await standingOf({ certificate, issuer, at, deadline, ask }, started, random),
      })),
    )
    let failure: TrustFailure | undefined
    for (const { certificate, finding } of findings) {
      switch (finding.kind) {
        case 'good':
          log('debug', 'pki', 'A certificate is not revoked', {
            certificate: certificate.subject,
            milliseconds: Math.round(clock.monotonic() - started),
          })
          break
        case 'revoked':
          return revoked(certificate, finding)
        case 'unknown':
          failure ??= revocationUnknown(certificate, 'its authority does not know it')
          break
        case 'undetermined': {
          const { problem } = finding
          if (mode === 'strict') failure ??= revocationUnknown(certificate, problem)
          else if (certificate.revocation.ocsp.length + certificate.revocation.lists.length > 0)
            log('warn', 'pki', 'Nobody could say whether a certificate is revoked; it is taken as good', {
              certificate: certificate.subject,
              problem,
            })
          break
        }
      }
    }
    return failure
  }
}
