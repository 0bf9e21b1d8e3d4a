/** What the lists of revoked certificates that a certificate names say of it (RFC 5280 section 6.3.3). */
import { fail, ok } from '../../src-shared/result.ts'
import type { Result } from '../../src-shared/result.ts'
import type { Certificate } from './certificate.ts'
import { Reason } from './crl-format.ts'
import { coverProblem, fitsBase, listProblem, parseRevocationList } from './crl.ts'
import type { RevocationList } from './crl.ts'
import type { DistributionPoint } from './revocation-pointers.ts'
import type { Finding, Inquiry } from './revocation-inquiry.ts'

const LIST_BYTES = 4 * 1_048_576
const MOST_POINTS = 4
const MOST_URLS = 2

/** Bits 1 to 8 of ReasonFlags: each reason for which a certificate can be revoked (section 5.2.5). */
const ALL_REASONS = [1, 2, 3, 4, 5, 6, 7, 8]

interface Fetched {
  readonly list: RevocationList
  readonly until: number
}

/** The list at one of these URLs, once it is known to be the authority's and in date. */
async function fetchList(
  { issuer, at, deadline, ask }: Inquiry,
  urls: readonly string[],
): Promise<Result<RevocationList, string>> {
  let problem = 'it names no place that can be asked'
  for (const url of urls.slice(0, MOST_URLS)) {
    const found = await ask<Fetched>({
      url,
      key: `crl ${url} ${Buffer.from(issuer.keyHash).toString('hex')}`,
      deadline,
      at,
      mostBytes: LIST_BYTES,
      read(bytes) {
        const list = parseRevocationList(bytes)
        if (!list.ok) return list
        const wrong = listProblem(list.value, issuer, at)
        return wrong === undefined ? ok({ list: list.value, until: list.value.nextUpdate }) : fail(wrong)
      },
    })
    if (found.ok) return ok(found.value.list)
    problem = `the list ${url}: ${found.error}`
  }
  return fail(problem)
}

/** The newest delta to the list, where one is to be had: without, the complete list counts as it is (section 5.2.4). */
async function fetchDelta(inquiry: Inquiry, base: RevocationList): Promise<RevocationList | undefined> {
  for (const point of [...base.deltas, ...inquiry.certificate.revocation.deltas].slice(0, MOST_POINTS)) {
    if (point.isIndirect) continue
    const delta = await fetchList(inquiry, point.urls)
    if (delta.ok && fitsBase(delta.value, base)) return delta.value
  }
  return undefined
}

function standingIn(
  base: RevocationList,
  delta: RevocationList | undefined,
  certificate: Certificate,
): Finding {
  const until = Math.min(base.nextUpdate, delta?.nextUpdate ?? base.nextUpdate)
  const entry = delta?.entries.get(certificate.serialNumber) ?? base.entries.get(certificate.serialNumber)
  // Section 5.3.1: a delta takes back what was on hold or has run out.
  if (entry === undefined || entry.reason === Reason.REMOVE_FROM_LIST) return { kind: 'good', until }
  return { kind: 'revoked', at: entry.at, reason: entry.reason, until }
}

interface PointFinding {
  readonly finding: Finding
  readonly reasons: readonly number[]
}

async function standingAt(inquiry: Inquiry, point: DistributionPoint): Promise<Result<PointFinding, string>> {
  const { certificate } = inquiry
  if (point.isIndirect)
    return fail('its list is kept by another authority (indirect), which is not supported')
  const list = await fetchList(inquiry, point.urls)
  if (!list.ok) return list
  const base = list.value
  if (base.base !== undefined) return fail('only the changes of its list are there, not the list')
  const problem = coverProblem(base, certificate, point)
  if (problem !== undefined) return fail(`its list: ${problem}`)
  const reasons = ALL_REASONS.filter(
    (reason) => point.reasons?.has(reason) !== false && base.scope?.onlyReasons?.has(reason) !== false,
  )
  return ok({ finding: standingIn(base, await fetchDelta(inquiry, base), certificate), reasons })
}

/** Asks at one point after the other until one says "revoked" or all reasons are covered (section 6.3.3 (a)). */
export async function listStanding(inquiry: Inquiry): Promise<Finding> {
  const open = new Set(ALL_REASONS)
  let problem = 'its lists do not have every reason'
  for (const point of inquiry.certificate.revocation.lists.slice(0, MOST_POINTS)) {
    const found = await standingAt(inquiry, point)
    if (!found.ok) {
      problem = found.error
      continue
    }
    const { finding, reasons } = found.value
    if (finding.kind !== 'good') return finding
    for (const reason of reasons) open.delete(reason)
    if (open.size === 0) return finding
  }
  return { kind: 'undetermined', problem }
}
