/** Parsers of what authorities say about revocation: lists, OCSP answers, the places that certificates name. See targets.ts. */
import { parseCertificate } from '../../src-main/pki/certificate.ts'
import type { Certificate } from '../../src-main/pki/certificate.ts'
import { coverProblem, listProblem, parseRevocationList } from '../../src-main/pki/crl.ts'
import { makeOcspRequest, readOcspResponse } from '../../src-main/pki/ocsp.ts'
import { PointerId, readPointers } from '../../src-main/pki/revocation-pointers.ts'
import { NOW, authority, gateway, issue } from '../fakes/certificates.ts'
import {
  listPlaces,
  ocspAnswer,
  ocspRefusal,
  responders,
  revocationList,
  serialOf,
} from '../fakes/revocation.ts'
import type { Target } from './targets.ts'

const root = authority('CN=Root')
const leaf = gateway(root)
const delegate = issue({ subject: 'CN=Responder', by: root })

const read = (der: Uint8Array): Certificate => {
  const result = parseCertificate(der)
  if (!result.ok) throw new Error(result.error)
  return result.value
}
const [issuer, certificate] = [read(root.der), read(leaf.der)]
const nonce = new Uint8Array(32).fill(3)
const request = makeOcspRequest(certificate, issuer, nonce)

const place = 'http://ca.example.org/list'
const lists = [
  revocationList({ by: root }),
  revocationList({ by: root, revoked: [{ serial: serialOf(leaf), reason: 1 }] }),
  revocationList({
    by: root,
    number: 4,
    base: 3,
    scope: { urls: [place], onlyUsers: true, onlyReasons: new Set([1, 2]) },
    extensions: [listPlaces([{ urls: [place] }], PointerId.FRESHEST_CRL)],
  }),
]
const genuine = new Set(lists.map((der) => Buffer.from(der).toString('hex')))
const point = { urls: [place], names: [], reasons: undefined, isIndirect: false }

function runList(input: Uint8Array): boolean {
  const list = parseRevocationList(input)
  if (!list.ok) return false
  coverProblem(list.value, certificate, point)
  const counts = listProblem(list.value, issuer, NOW) === undefined
  if (counts && !genuine.has(Buffer.from(input).toString('hex'))) throw new Error('a list out of nothing')
  return true
}

const answers = [
  ocspAnswer(request, { issuer: root, status: 'revoked', reason: 1 }),
  ocspAnswer(request, { issuer: root, status: 'unknown', byKey: true }),
  // Signed by somebody who may not: nothing made of it may count.
  ocspAnswer(request, { issuer: root, by: delegate, certificates: [delegate] }),
  ocspRefusal(1),
]

/** Nothing that says "good" is among the seeds. */
function runAnswer(input: Uint8Array): boolean {
  const answer = readOcspResponse(input, { certificate, issuer, at: NOW, nonce })
  if (answer.ok && answer.value.kind === 'good') throw new Error('"good" out of nothing')
  return answer.ok || !answer.error.startsWith('it is not an answer')
}

const runPlaces = (input: Uint8Array): boolean => {
  const ids = Object.values(PointerId)
  const found = readPointers(ids.map((id) => ({ id, critical: undefined, value: input })))
  return found.understood.size > 0
}

export const revocationTargets: readonly Target[] = [
  { name: 'lists of revoked certificates', share: 0.03, seeds: lists, run: runList },
  { name: 'OCSP answers', share: 0.03, seeds: answers, run: runAnswer },
  {
    name: 'places to ask',
    share: 0.1,
    seeds: [
      responders('http://ocsp.example.org/', place).value,
      listPlaces([
        { urls: [place], reasons: [1, 2] },
        { urls: [place], crlIssuer: 'CN=x' },
      ]).value,
    ],
    run: runPlaces,
  },
]
