/** How a command's end is told to scripts. The numbers are kept: docs/cli.md documents them. */
import type { ErrorCode } from '../../src-shared/errors.ts'

interface ExitCode {
  readonly number: number
  readonly meaning: string
}

export const exitCodes = {
  done: { number: 0, meaning: 'done; for "up": connected, and disconnected because you said so' },
  internal: { number: 1, meaning: 'a bug in Culvert' },
  usage: { number: 2, meaning: 'the command or its options are wrong' },
  profile: {
    number: 3,
    meaning: 'the profile or policy file is not there, is broken, or could not be imported',
  },
  secret: { number: 4, meaning: 'a password or key is needed and was not given' },
  unreachable: { number: 5, meaning: 'the gateway was not found, did not answer, or fell silent' },
  proposal: { number: 6, meaning: 'no common proposal: you and the gateway share no encryption' },
  refused: { number: 7, meaning: 'the gateway refused the password, the key or the way to log in' },
  untrusted: {
    number: 8,
    meaning: "the gateway's certificate is not trusted, or it could not prove who it is",
  },
  gateway: { number: 9, meaning: 'the gateway gave no address, allows no traffic, or broke the protocol' },
  privilege: { number: 10, meaning: 'permission to set up the network adapter is missing' },
  machine: { number: 11, meaning: 'this machine lacks something: TUN device, free port, or a step failed' },
  running: { number: 12, meaning: 'already connected (up), or not connected (down)' },
  checks: { number: 13, meaning: 'doctor found something to mend' },
  interrupted: { number: 130, meaning: 'you stopped it before it was done (Ctrl-C)' },
  terminated: { number: 143, meaning: 'it was told to end before it was done (SIGTERM)' },
} as const satisfies Readonly<Record<string, ExitCode>>

const byError: Readonly<Record<ErrorCode, keyof typeof exitCodes>> = {
  usage: 'usage',
  'profile-invalid': 'profile',
  'profile-not-found': 'profile',
  'secret-missing': 'secret',
  'gateway-not-found': 'unreachable',
  'gateway-unreachable': 'unreachable',
  'gateway-gave-up': 'unreachable',
  'no-common-proposal': 'proposal',
  'no-common-traffic': 'gateway',
  'credentials-refused': 'refused',
  'authentication-refused': 'refused',
  'eap-method-refused': 'refused',
  'gateway-not-authenticated': 'untrusted',
  'certificate-untrusted': 'untrusted',
  'certificate-wrong-name': 'untrusted',
  'certificate-expired': 'untrusted',
  'certificate-unsuitable': 'untrusted',
  'certificate-pin-mismatch': 'untrusted',
  'certificate-revoked': 'untrusted',
  'certificate-revocation-unknown': 'untrusted',
  'no-address': 'gateway',
  'gateway-internal': 'gateway',
  'protocol-violation': 'gateway',
  'no-tun': 'machine',
  'no-privilege': 'privilege',
  'port-busy': 'machine',
  'host-step-failed': 'machine',
  'already-running': 'running',
  'not-running': 'running',
  cancelled: 'interrupted',
  internal: 'internal',
}

export const exitCodeOf = (code: ErrorCode): number => exitCodes[byError[code]].number

/** The table as `culvert help exit-codes` shows it. */
export const exitCodeTable = (): string =>
  Object.values(exitCodes)
    .map(({ number, meaning }) => `  ${String(number).padStart(3)}  ${meaning}`)
    .join('\n')
