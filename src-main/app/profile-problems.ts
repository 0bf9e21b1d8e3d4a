/** All that stands in the way of a profile that is being edited, field by field, in plain words. */
import * as v from 'valibot'
import { keptCertificateId } from '../../src-shared/certificates.ts'
import type { FieldProblem } from '../../src-shared/library.ts'
import type { ProposalKind } from '../../src-shared/proposal-choice.ts'
import { ANY_IDENTITY, parseIdentity } from '../ike/identity.ts'
import { readCertificates } from '../pki/certificate.ts'
import { checkDraft } from '../profiles/parse.ts'
import type { Suites } from './suite-catalogue.ts'

/** Where something is missing, what to give says more than that it is missing. */
const wanted: Readonly<Record<string, string>> = {
  name: 'Give the profile a name',
  'gateway.address': "Give the gateway's name or address, such as vpn.example.org",
  'local.authentication.username': 'Give your user name',
  'local.authentication.method': 'Choose how you prove who you are',
  'remote.authentication.method': 'Choose how the gateway proves who it is',
}

/** The texts of a draft as far as they are there, so that one missing field does not hide what is wrong with another. */
const texts = v.fallback(v.array(v.string()), [])
const identity = v.fallback(v.optional(v.string()), undefined)
const noTexts = { ike: [], esp: [] }
/** The server of a log-in within TLS. */
const nobody = { identity: undefined, authorities: [] }
const server = v.fallback(v.object({ identity, authorities: texts }), nobody)
const noEap = { server: nobody }
const meaningful = v.object({
  proposals: v.fallback(v.object({ ike: texts, esp: texts }), noTexts),
  local: v.fallback(
    v.object({
      identity,
      authentication: v.fallback(
        v.object({ certificates: texts, server, eap: v.fallback(v.object({ server }), noEap) }),
        {
          certificates: [],
          server: nobody,
          eap: noEap,
        },
      ),
    }),
    { identity: undefined, authentication: { certificates: [], server: nobody, eap: noEap } },
  ),
  remote: v.fallback(
    v.object({ identity, authentication: v.fallback(v.object({ authorities: texts }), { authorities: [] }) }),
    { identity: undefined, authentication: { authorities: [] } },
  ),
})

/** Every problem, the first of each field; none when the draft can be saved. Values that are undefined count as absent. */
export function problemsOf(draft: unknown, suites: Pick<Suites, 'read'>): readonly FieldProblem[] {
  if (typeof draft !== 'object' || draft === null || Array.isArray(draft))
    return [{ field: '', problem: 'This is no profile' }]
  const checked = checkDraft(draft)
  const problems = [...(checked.ok ? [] : checked.error.map(inPlainWords)), ...beyondTheSchema(draft, suites)]
  return problems.filter(
    ({ field }, index) => problems.findIndex((earlier) => earlier.field === field) === index,
  )
}

const inPlainWords = ({ where, problem }: { where: string; problem: string }): FieldProblem => ({
  field: where,
  problem: isMissing(problem) ? (wanted[where] ?? problem) : problem,
})

const isMissing = (problem: string): boolean =>
  problem === 'This field is missing' || problem === 'Must not be empty'

/** What the schema cannot know: whether texts mean something to the engine. */
function beyondTheSchema(draft: object, suites: Pick<Suites, 'read'>): readonly FieldProblem[] {
  const parsed = v.safeParse(meaningful, draft)
  if (!parsed.success) return []
  const { proposals, local, remote } = parsed.output
  const unreadable = (kind: ProposalKind): readonly FieldProblem[] =>
    proposals[kind].flatMap((text, index) => {
      const read = suites.read(kind, text)
      return read.ok ? [] : [{ field: `proposals.${kind}.${index}`, problem: read.error }]
    })
  return [
    ...unreadable('ike'),
    ...unreadable('esp'),
    ...identityProblem('local.identity', local.identity),
    ...(remote.identity === ANY_IDENTITY ? [] : identityProblem('remote.identity', remote.identity)),
    ...certificateProblems('local.authentication.certificates', local.authentication.certificates),
    ...certificateProblems('remote.authentication.authorities', remote.authentication.authorities),
    ...serverProblems('local.authentication.server', local.authentication.server),
    ...serverProblems('local.authentication.eap.server', local.authentication.eap.server),
  ]
}

const identityProblem = (field: string, text: string | undefined): readonly FieldProblem[] =>
  text === undefined || text === '' || parseIdentity(text) !== undefined
    ? []
    : [
        {
          field,
          problem: 'Must be a name, an address, user@domain, a distinguished name (CN=…) or keyid:hex',
        },
      ]

const serverProblems = (field: string, { identity, authorities }: v.InferOutput<typeof server>) => [
  ...identityProblem(`${field}.identity`, identity),
  ...certificateProblems(`${field}.authorities`, authorities),
]

const certificateProblems = (field: string, pems: readonly string[]): readonly FieldProblem[] =>
  pems.flatMap((pem, index) => {
    if (keptCertificateId(pem) !== undefined) return []
    const read = readCertificates(pem)
    return read.ok
      ? []
      : [{ field: `${field}.${index}`, problem: `This certificate cannot be read: ${read.error}` }]
  })
