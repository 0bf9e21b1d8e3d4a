/** The port Trust over X.509: authorities of the profile or of the system, and what a certificate must be for IKE. */
import { readFile } from 'node:fs/promises'
import { VpnError } from '../../src-shared/errors.ts'
import { fail, ok } from '../../src-shared/result.ts'
import type { Trust } from '../ports.ts'
import { checkChain } from './chain-checks.ts'
import { buildChain } from './chain.ts'
import { parseCertificate, readCertificates } from './certificate.ts'
import type { Certificate } from './certificate.ts'
import { namesIdentity } from './identity-match.ts'
import type { CheckRevocation, RevocationMode } from './revocation.ts'
import { noCertificate, notReadable, pinMismatch, wrongName } from './trust-failure.ts'

export interface TrustOptions {
  /** PEM texts with one or more certificates each, or DER. Empty means the system's authorities. */
  readonly authorities: readonly (string | Uint8Array)[]
  /** SHA-256 of the end entity's SubjectPublicKeyInfo in base64; demanded besides the chain, never instead of it. */
  readonly pin?: string
  /** Asks the authorities whether the chain is revoked; absent: nobody is asked. */
  readonly revocation?: { readonly mode: RevocationMode; readonly check: CheckRevocation }
  /** Where the system keeps its authorities. */
  readonly systemStore?: string
}

/** Debian, Ubuntu, Arch and, through a link, Fedora. */
const SYSTEM_STORE = '/etc/ssl/certs/ca-certificates.crt'

/** Of what a peer sends; more than any chain needs. */
const MOST_SENT = 16

const invalid = (problem: string, cause?: unknown) => new VpnError('profile-invalid', { problem }, cause)

function readConfigured(input: string | Uint8Array): readonly Certificate[] {
  const found = readCertificates(input)
  if (!found.ok) throw invalid(`A trusted certificate cannot be read: ${found.error}`)
  return found.value.map((der) => {
    const certificate = parseCertificate(der)
    if (!certificate.ok) throw invalid(`A trusted certificate cannot be used: ${certificate.error}`)
    return certificate.value
  })
}

/** Certificates of the store that we cannot read are passed over: nobody here has chosen them. */
async function readSystemStore(path: string): Promise<readonly Certificate[]> {
  const text = await readFile(path, 'latin1').catch((error: unknown) => {
    throw invalid(
      `The system's authorities (${path}) cannot be read; name the gateway's authority in the profile`,
      error,
    )
  })
  const found = readCertificates(text)
  return (found.ok ? found.value : []).flatMap((der) => {
    const certificate = parseCertificate(der)
    return certificate.ok ? [certificate.value] : []
  })
}

/** Throws VpnError('profile-invalid') when an authority cannot be read. */
export async function createTrust(options: TrustOptions): Promise<Trust> {
  const anchors =
    options.authorities.length > 0
      ? options.authorities.flatMap(readConfigured)
      : await readSystemStore(options.systemStore ?? SYSTEM_STORE)
  const { pin } = options

  const verify = async (question: Parameters<Trust['verify']>[0]): ReturnType<Trust['verify']> => {
    const [first, ...others] = question.certificates
    if (first === undefined) return fail(noCertificate)
    const endEntity = parseCertificate(first)
    if (!endEntity.ok) return fail(notReadable(endEntity.error))
    const sent = others.slice(0, MOST_SENT).flatMap((der) => {
      // What cannot be read leads nowhere; should it be needed, the missing authority is the failure.
      const certificate = parseCertificate(der)
      return certificate.ok ? [certificate.value] : []
    })
    const chain = buildChain(endEntity.value, sent, anchors, (certificates) =>
      checkChain(certificates, question.role, question.at),
    )
    if (!chain.ok) return fail(chain.error)
    if (!namesIdentity(endEntity.value, question.identity)) {
      return fail(wrongName(endEntity.value, question.identity))
    }
    if (pin !== undefined && pin !== endEntity.value.pin) return fail(pinMismatch(endEntity.value, pin))
    // Last of all: nobody is called for a chain that will not do anyway.
    const { revocation } = options
    const problem = await revocation?.check(chain.value.certificates, revocation.mode, question.at)
    if (problem !== undefined) return fail(problem)
    return ok({ key: chain.value.key, subject: endEntity.value.subject })
  }

  const keyHashes = anchors.map(({ keyHash }) => keyHash)
  return {
    verify,
    authorityKeyHashes: () => keyHashes,
  }
}
