/**
 * Every ErrorCode in a person's words: what happened, whose turn it is, and the next step. Second person, present tense, no
 * blame. Each entry copes with absent details, because a failure may come from another version's process.
 */
import type { ErrorCode, Failure } from './errors.ts'

/** Who can mend it. */
export type Turn = 'you' | 'administrator' | 'network' | 'culvert'

export interface ErrorWords {
  /** One sentence: what happened. */
  readonly what: string
  readonly turn: Turn
  /** One or two sentences: what to do now, said to the person whose turn it is or who must ask them. */
  readonly next: string
  /** The next step as the label of a button. */
  readonly action: string
}

/** Reads a detail by name, or gives the fallback; control characters never reach a terminal. */
export type Detail = (name: string, fallback: string) => string

/** Words for every code, in one language and for one kind of front end. */
export type ErrorTable = Readonly<Record<ErrorCode, (detail: Detail) => ErrorWords>>

export const words = (turn: Turn, what: string, next: string, action: string): ErrorWords => ({
  what,
  turn,
  next,
  action,
})

/** What was found wrong, as a clause behind a sentence; nothing when it is not known. */
export const because = (detail: Detail): string => {
  const reason = detail('check', detail('reason', detail('notify', '')))
  return reason === '' ? '' : ` (${reason})`
}

/** Who could not prove itself: the server of a log-in within TLS need not be the gateway. */
const prover = (d: Detail): string => (d('server', '') === 'login' ? 'The log-in server' : 'The gateway')

const gatewayName = (detail: Detail) => detail('gateway', detail('host', 'the gateway'))

/** English, as the terminal says it. */
export const terminalErrors: ErrorTable = {
  usage: (d) =>
    words(
      'you',
      d('problem', 'This command cannot be understood.'),
      'See `culvert help` for the commands.',
      'Show help',
    ),
  'profile-invalid': (d) =>
    words(
      'you',
      `The profile ${d('profile', d('file', ''))}${d('profile', d('file', '')) === '' ? '' : ' '}cannot be used: ${d('where', '') === '' ? '' : `${d('where', '')}: `}${d('problem', 'a field is missing or wrong')}.`,
      d('advice', 'Mend that field, or import the profile again from where it came.'),
      'Edit profile',
    ),
  'profile-not-found': (d) =>
    words(
      'you',
      d('file', '') === ''
        ? `There is no profile called ${d('profile', 'that')}.`
        : `The file ${d('file', '')} cannot be read: ${d('problem', 'there is no such file')}.`,
      '`culvert list` shows the profiles; `culvert import FILE` adds one.',
      'Show profiles',
    ),
  'secret-missing': (d) =>
    words(
      'you',
      `${d('what', 'A password or key')} is needed and was not given.`,
      d('advice', 'Run the command in a terminal that can ask for it, or give it in a file.'),
      'Enter it',
    ),
  'gateway-not-found': (d) =>
    words(
      'you',
      `The name ${gatewayName(d)} does not lead to any address.`,
      d('killSwitch', '') === ''
        ? 'Check the spelling in the profile and that this machine is online.'
        : 'The kill switch holds, so no name can be looked up. `culvert release` lets everything out; then connect.',
      'Check this network',
    ),
  'gateway-unreachable': (d) => {
    if (d('reason', '') === 'no route') {
      return words(
        'you',
        `This machine has no way to ${gatewayName(d)}.`,
        'It is not online, or has no route to that address. Connect it to a network and try again.',
        'Check this network',
      )
    }
    return words(
      'network',
      `No answer from ${gatewayName(d)}.`,
      'The address may be wrong, or this network blocks VPNs (UDP 500 and 4500).',
      'Check this network',
    )
  },
  'gateway-gave-up': (d) =>
    words(
      'administrator',
      `${d('gateway', 'The gateway')} answered at first and then fell silent.`,
      'Try again. If it stays so, ask your administrator what its log says at this moment.',
      'Try again',
    ),
  'no-common-proposal': (d) =>
    words(
      'administrator',
      'You and the gateway share no encryption it allows.',
      `It refused ${d('offered', '') === '' ? 'all that this profile offers' : `what was offered: ${d('offered', '')}`}. Ask what it accepts, or leave the profile's proposals empty to offer the recommended ones.`,
      'Show what was offered',
    ),
  'no-common-traffic': () =>
    words(
      'administrator',
      'The gateway allows none of the traffic this profile wants to send through the tunnel.',
      "Ask your administrator which networks you may reach, and set them as the profile's remote networks.",
      'Edit profile',
    ),
  'credentials-refused': (d) =>
    words(
      'you',
      `The gateway didn't accept this password${d('code', '') === '' ? '' : ' and code'}${d('user', '') === '' ? '' : ` for ${d('user', '')}`}.`,
      'Check it and try again, or ask your administrator.',
      'Try again',
    ),
  'authentication-refused': (d) =>
    words(
      'you',
      `The gateway didn't accept who you say you are${d('alert', d('reason', '')) === '' ? '' : ` (${d('alert', d('reason', ''))})`}.`,
      'Check the pre-shared key or certificate and the local identity in the profile, or ask your administrator which ones it expects.',
      'Edit profile',
    ),
  'gateway-not-authenticated': (d) =>
    words(
      'administrator',
      `${prover(d)} could not prove who it is${because(d)}.`,
      "Don't connect unless your administrator confirms its identity. With a pre-shared key, check that both sides have the same one.",
      'Show details',
    ),
  'certificate-untrusted': (d) =>
    words(
      'administrator',
      `${prover(d)}'s certificate comes from an authority you don't trust${d('certificate', '') === '' ? '' : ` (${d('certificate', '')})`}.`,
      "Don't connect unless your administrator confirms it; if they do, add their authority's certificate to the profile.",
      'Show certificate',
    ),
  'certificate-wrong-name': (d) =>
    words(
      'administrator',
      `${d('server', '') === 'login' ? "The log-in server's" : "This gateway's"} certificate isn't for ${d('identity', d('expected', gatewayName(d)))}.`,
      `It is for ${d('names', d('certificate', 'another name'))}. Don't connect unless your administrator confirms it.`,
      'Show certificate',
    ),
  'certificate-expired': (d) =>
    words(
      'administrator',
      `${prover(d)}'s certificate is not valid today${because(d)}.`,
      "Check this machine's clock; if it is right, your administrator must renew the certificate.",
      'Show certificate',
    ),
  'certificate-unsuitable': (d) =>
    words(
      'administrator',
      `${prover(d)}'s certificate may not be used for this${because(d)}.`,
      'Your administrator must issue one that allows server authentication.',
      'Show certificate',
    ),
  'certificate-pin-mismatch': (d) =>
    words(
      'administrator',
      `${prover(d)}'s key is not the one this profile expects.`,
      "Don't connect unless your administrator confirms that the key was changed; then update the pin in the profile.",
      'Show certificate',
    ),
  'certificate-revoked': (d) =>
    words(
      'administrator',
      `The authority has revoked a certificate of this gateway${because(d)}: ${d('certificate', 'it is not named')}.`,
      "Don't connect: someone else may hold its key. Your administrator must give the gateway a new certificate.",
      'Show certificate',
    ),
  'certificate-revocation-unknown': (d) =>
    words(
      'network',
      `Nobody could say whether ${d('certificate', "the gateway's certificate")} is revoked${because(d)}.`,
      "Try again, or from another network. A kill switch that holds lets the question not out either. If your administrator agrees, set the profile's revocation check to when-reachable.",
      'Try again',
    ),
  'eap-method-refused': (d) =>
    words(
      'administrator',
      `The gateway asks for a way to log in that this profile does not allow${d('method', '') === '' ? '' : ` (${d('method', '')})`}.`,
      'Ask your administrator which method is right; if you trust it, add it to the profile under "allow".',
      'Edit profile',
    ),
  'no-address': () =>
    words(
      'administrator',
      'The gateway gave you no address inside its network.',
      'Its address pool may be used up. Try again later, or ask your administrator.',
      'Try again',
    ),
  'gateway-internal': (d) =>
    words(
      'administrator',
      `The gateway reports trouble of its own${because(d)}.`,
      'Try again later. If it stays so, tell your administrator the time and this message.',
      'Try again',
    ),
  'protocol-violation': (d) =>
    words(
      'administrator',
      `The gateway's answer breaks the protocol${because(d)}.`,
      'The connection was ended for safety. Send the log (`culvert log`) to your administrator.',
      'Show log',
    ),
  'no-tun': (d) =>
    words(
      'you',
      `This machine has no TUN device to make the network adapter with${because(d)}.`,
      'Load it with `sudo modprobe tun`, or in a container pass /dev/net/tun in; `culvert doctor` checks it.',
      'Check this machine',
    ),
  'no-privilege': (d) =>
    words(
      'you',
      `Culvert needs permission to ${d('step', 'set up the network adapter')}${because(d)}.`,
      'Run it with sudo, or allow its helper when asked.',
      'Allow',
    ),
  'port-busy': (d) =>
    words(
      'you',
      `Another program uses UDP port ${d('port', '500 or 4500')}.`,
      'Stop the other VPN program (`ss -ulnp` names it), then try again.',
      'Try again',
    ),
  'host-step-failed': (d) =>
    words(
      'you',
      `This machine refused a step: ${d('step', 'a network setting could not be changed')}${because(d)}.`,
      'All was put back. `culvert doctor` checks what is needed, `culvert log` says more.',
      'Check this machine',
    ),
  'already-running': (d) =>
    words(
      'you',
      `${d('profile', 'This profile')} is already connected or connecting.`,
      '`culvert status` shows it, `culvert down` ends it.',
      'Show status',
    ),
  'not-running': (d) =>
    words(
      'you',
      d('profile', '') === '' ? 'Nothing is connected.' : `${d('profile', '')} is not connected.`,
      '`culvert up NAME` connects.',
      'Connect',
    ),
  cancelled: () =>
    words('you', 'You stopped this before it was done.', 'Start it again when you like.', 'Try again'),
  internal: (d) =>
    words(
      'culvert',
      `Something in Culvert itself went wrong${d('problem', '') === '' ? '' : `: ${d('problem', '')}`}.`,
      'This is a bug. Please report it with the output of `culvert log`.',
      'Report it',
    ),
}

/** Every code there is, in the order of the table. */
export const errorCodes: readonly string[] = Object.keys(terminalErrors)

/** Whether a string from outside names a failure this version knows. */
export const isErrorCode = (value: string): value is ErrorCode => Object.hasOwn(terminalErrors, value)

/** Replaces control characters, so that a value from a peer or a file cannot steer a terminal; at most 300 characters. */
export const printable = (value: string): string => {
  const plain = value.replace(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, '\uFFFD')
  return plain.length > 300 ? `${plain.slice(0, 299)}…` : plain
}

/** One full stop at the end: details come with and without. */
const sentence = (text: string): string => text.replace(/[.\s]*$/, '.')

/** The words for a failure, as the terminal says them. */
export const errorWords = (failure: Failure): ErrorWords => errorWordsFrom(terminalErrors, failure)

/** The words for a failure out of a table. */
export function errorWordsFrom(table: ErrorTable, failure: Failure): ErrorWords {
  const found = table[failure.code]((name, fallback) => {
    const value = Object.hasOwn(failure.details, name) ? failure.details[name] : undefined
    return value === undefined || value === '' ? fallback : printable(value)
  })
  return { ...found, what: sentence(found.what), next: sentence(found.next) }
}
