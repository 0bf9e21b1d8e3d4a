/** From the peer's certificate to a trusted authority: which certificates lead there (RFC 5280 section 6, RFC 4158). */
import { fail, ok } from '../../src-shared/result.ts'
import type { Result } from '../../src-shared/result.ts'
import type { VerifyingKey } from '../ports.ts'
import { checkSignature } from './certificate-signature.ts'
import { mayHaveIssued } from './certificate.ts'
import type { Certificate } from './certificate.ts'
import { unsuitable, untrusted } from './trust-failure.ts'
import type { TrustFailure } from './trust-failure.ts'
import { readPublicKey } from './public-key.ts'

/** The end entity first, the trusted certificate last; they are one when the end entity itself is trusted. */
export interface Chain {
  readonly certificates: readonly [Certificate, ...Certificate[]]
  readonly key: VerifyingKey
}

/** End entity and authority included. */
const MOST_CERTIFICATES = 8
/** Signatures looked at for one end entity: certificates that name each other as issuers must not multiply the work. */
const MOST_SIGNATURES = 48

const isSame = (a: Certificate, b: Certificate) => Buffer.compare(a.der, b.der) === 0

interface Search {
  readonly anchors: readonly Certificate[]
  readonly others: readonly Certificate[]
  /** Whether a chain that has been found will do; failures of its checks are kept, and the search goes on. */
  readonly check: (chain: readonly Certificate[]) => TrustFailure | undefined
  signaturesLeft: number
  /** The first failure that says more than "unknown authority". */
  failure: TrustFailure | undefined
}

/** Whether the candidate's key has signed the subject; what is wrong with the link is kept for the person. */
function hasSigned(search: Search, candidate: Certificate, subject: Certificate): boolean {
  if (search.signaturesLeft === 0) return false
  search.signaturesLeft -= 1
  const key = readPublicKey(candidate.spki)
  if (!key.ok) {
    search.failure ??= unsuitable(candidate, `it has ${key.error}`)
    return false
  }
  switch (checkSignature(subject, key.value)) {
    case 'valid':
      return true
    case 'weak':
      search.failure ??= unsuitable(subject, 'it is signed with SHA-1')
      return false
    case 'unknown-algorithm':
      search.failure ??= unsuitable(subject, 'it is signed in a way that is not supported')
      return false
    case 'invalid':
      return false
  }
}

/** Depth first: trusted certificates before the peer's. Gives the first chain that passes its checks. */
function search(
  state: Search,
  chain: readonly [Certificate, ...Certificate[]],
): Chain['certificates'] | undefined {
  const last = chain.at(-1) ?? chain[0]
  if (chain.length === MOST_CERTIFICATES) return undefined
  for (const anchor of state.anchors) {
    if (!mayHaveIssued(anchor, last) || !hasSigned(state, anchor, last)) continue
    const found: Chain['certificates'] = [...chain, anchor]
    const failure = state.check(found)
    if (failure === undefined) return found
    state.failure ??= failure
  }
  for (const other of state.others) {
    if (chain.some((one) => isSame(one, other)) || !mayHaveIssued(other, last)) continue
    // What is not an authority cannot lead on; said here, so that its signatures cost nothing.
    if (other.basicConstraints?.isAuthority !== true) {
      state.failure ??= unsuitable(other, 'it is not an authority and has issued a certificate')
      continue
    }
    if (!hasSigned(state, other, last)) continue
    const found = search(state, [...chain, other])
    if (found !== undefined) return found
  }
  return undefined
}

/**
 * A chain from the end entity to one of the anchors that passes `check`; otherwise the failure that says most.
 * `others`: what the peer has sent besides; in any order, trusted for nothing.
 */
export function buildChain(
  endEntity: Certificate,
  others: readonly Certificate[],
  anchors: readonly Certificate[],
  check: (chain: readonly Certificate[]) => TrustFailure | undefined,
): Result<Chain, TrustFailure> {
  const key = readPublicKey(endEntity.spki)
  if (!key.ok) return fail(unsuitable(endEntity, `it has ${key.error}`))
  // The gateway's own certificate may be the one that is trusted.
  if (anchors.some((anchor) => isSame(anchor, endEntity))) {
    const failure = check([endEntity])
    return failure === undefined ? ok({ certificates: [endEntity], key: key.value }) : fail(failure)
  }
  const state: Search = {
    anchors,
    others: others.filter((other) => !isSame(other, endEntity)),
    check,
    signaturesLeft: MOST_SIGNATURES,
    failure: undefined,
  }
  const certificates = search(state, [endEntity])
  if (certificates !== undefined) return ok({ certificates, key: key.value })
  return fail(state.failure ?? untrusted(endEntity, others))
}
