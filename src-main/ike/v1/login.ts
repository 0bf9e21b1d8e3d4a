/**
 * What comes between phase 1 and quick mode for a remote-access client: the gateway asks who the user is (XAUTH, any number of
 * rounds), and gives an address (Mode Config, asked for or pushed).
 */
import type { Millis } from '../../../src-shared/brands.ts'
import { millis } from '../../../src-shared/brands.ts'
import { VpnError } from '../../../src-shared/errors.ts'
import type { Cancel, Clock } from '../../ports.ts'
import { utf8Bytes, utf8Text } from '../../wire/text.ts'
import { TransactionAttribute, TransactionType, XauthType } from './code-points.ts'
import type { UserCredential } from './configuration.ts'
import type { AnswerTransaction, Statement } from './exchanges/transaction.ts'
import type { ModeConfiguration } from './mode-config.ts'
import { readModeConfiguration } from './mode-config.ts'
import type { XauthRequest } from './xauth.ts'
import { xauthAcknowledged, xauthDeclined, xauthReply, xauthRequest, xauthStatus } from './xauth.ts'

const { XAUTH_USER_NAME, XAUTH_USER_PASSWORD, XAUTH_PASSCODE, XAUTH_ANSWER, XAUTH_NEXT_PIN, XAUTH_DOMAIN } =
  TransactionAttribute

/** A gateway may ask for a name, a password, a code and an answer; more than this is a game. */
const MOST_ROUNDS = 8
/** How long the gateway may take to ask, or to give its verdict; the person's own time does not count. */
const patienceMs = millis(30_000)

export interface Login {
  /** What answers the gateway's transactions. */
  readonly answer: AnswerTransaction
  /** Settles when the gateway has accepted the user; rejects with VpnError 'credentials-refused', or why it never came to that. */
  accepted(): Promise<void>
  /** What the gateway has pushed so far. */
  pushed(): ModeConfiguration | undefined
  close(): void
}

export function createLogin(clock: Clock, user: UserCredential | undefined): Login {
  let configuration: ModeConfiguration | undefined
  let rounds = 0
  let passwordGiven = false
  let verdict: 'open' | 'accepted' | VpnError = 'open'
  let settle: () => void = () => undefined
  let cancel: Cancel = () => undefined

  const decide = (outcome: 'accepted' | VpnError): void => {
    if (verdict !== 'open') return
    verdict = outcome
    cancel()
    settle()
  }
  const waitFor = (delay: Millis): void => {
    cancel()
    cancel = clock.after(delay, () => decide(new VpnError('gateway-gave-up', { reason: 'XAUTH' })))
  }

  async function answerUser(request: XauthRequest, identifier: number): Promise<Statement> {
    rounds += 1
    if (user === undefined || rounds > MOST_ROUNDS || request.type === XauthType.RADIUS_CHAP) {
      decide(new VpnError('eap-method-refused', { method: 'XAUTH' }))
      return xauthDeclined(identifier)
    }
    cancel()
    try {
      const answers = await answersOf(user, request, passwordGiven)
      if (answers.has(XAUTH_USER_PASSWORD)) passwordGiven = true
      const reply = xauthReply(request, identifier, answers)
      waitFor(patienceMs)
      return reply
    } catch (error) {
      decide(error instanceof VpnError ? error : new VpnError('internal', {}, error))
      return xauthDeclined(identifier)
    }
  }

  return {
    async answer(statement) {
      const request = xauthRequest(statement)
      if (request !== undefined) return answerUser(request, statement.identifier)
      const status = xauthStatus(statement)
      if (status !== undefined) {
        decide(
          status === 'accepted'
            ? 'accepted'
            : new VpnError('credentials-refused', user === undefined ? {} : { user: user.username }),
        )
        return xauthAcknowledged(statement.identifier)
      }
      if (statement.kind !== TransactionType.SET) return undefined
      configuration = readModeConfiguration(statement.attributes)
      // draft-ietf-ipsec-isakmp-mode-cfg-05 section 3.3: what is accepted goes back, its values left out.
      const attributes = statement.attributes.map(
        ({ type }) => ({ form: 'variable', type, data: new Uint8Array() }) as const,
      )
      return { kind: TransactionType.ACK, identifier: statement.identifier, attributes }
    },
    async accepted() {
      if (verdict === 'open') {
        waitFor(patienceMs)
        await new Promise<void>((resolve) => (settle = resolve))
      }
      if (verdict instanceof VpnError) throw verdict
    },
    pushed: () => configuration,
    close: () => decide(new VpnError('cancelled')),
  }
}

/** Each attribute that is wanted, from the profile or the person. A password that is asked for once more is a code, or a new one. */
async function answersOf(
  user: UserCredential,
  request: XauthRequest,
  passwordGiven: boolean,
): Promise<ReadonlyMap<number, Uint8Array>> {
  const text = request.message ?? challengeText(request)
  const answers = new Map<number, Uint8Array>()
  for (const wanted of request.wanted) {
    switch (wanted) {
      case XAUTH_USER_NAME:
        answers.set(wanted, utf8Bytes(user.username))
        break
      case XAUTH_USER_PASSWORD:
        answers.set(
          wanted,
          await user.answer({
            kind: passwordGiven || isOneTime(request) ? 'one-time-code' : 'password',
            text,
          }),
        )
        break
      case XAUTH_PASSCODE:
      case XAUTH_ANSWER:
      case XAUTH_NEXT_PIN:
        answers.set(wanted, await user.answer({ kind: 'one-time-code', text }))
        break
      case XAUTH_DOMAIN:
        answers.set(wanted, new Uint8Array())
        break
    }
  }
  return answers
}

/** What a code is to be made of, where people can read it. */
const challengeText = ({ challenge }: XauthRequest): string | undefined => {
  const text = challenge === undefined ? undefined : utf8Text(challenge)
  return text === undefined || /\p{Cc}/u.test(text) ? undefined : text.slice(0, 256)
}

/** Section 4.2: with OTP and S/KEY, and with a challenge, what goes into the password's field is made for this one time. */
const isOneTime = ({ type, challenge }: XauthRequest): boolean =>
  type === XauthType.OTP || type === XauthType.SKEY || challenge !== undefined
