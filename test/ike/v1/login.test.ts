/** XAUTH from the client's side: rounds of questions, and what the person is asked. */
import { describe, expect, it } from 'vitest'
import { basic, bytesOf, find, variable } from '../../../src-main/ike/v1/attributes.ts'
import { TransactionAttribute, TransactionType, XauthType } from '../../../src-main/ike/v1/code-points.ts'
import type { UserQuestion } from '../../../src-main/ike/v1/configuration.ts'
import type { Statement } from '../../../src-main/ike/v1/exchanges/transaction.ts'
import { createLogin } from '../../../src-main/ike/v1/login.ts'
import { xauthQuestion, xauthVerdict } from '../../../src-main/ike/v1/xauth.ts'
import { VpnError } from '../../../src-shared/errors.ts'
import { createFakeClock } from '../../fakes/fake-clock.ts'

const { XAUTH_USER_NAME, XAUTH_USER_PASSWORD, XAUTH_PASSCODE, XAUTH_CHALLENGE, XAUTH_ANSWER } =
  TransactionAttribute
const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text)
const asked = (attributes: Statement['attributes']): Statement => ({
  kind: TransactionType.REQUEST,
  identifier: 7,
  attributes,
})

function start(answers: readonly (string | VpnError)[]) {
  const questions: UserQuestion[] = []
  const clock = createFakeClock()
  const login = createLogin(clock, {
    username: 'maria',
    answer: (question) => {
      const answer = answers[questions.length] ?? 'nothing'
      questions.push(question)
      return answer instanceof VpnError ? Promise.reject(answer) : Promise.resolve(utf8(answer))
    },
  })
  const said = async (statement: Statement, type: number): Promise<string | undefined> => {
    const reply = await login.answer(statement)
    const attribute = reply === undefined ? undefined : find(reply.attributes, type)
    return attribute === undefined ? undefined : new TextDecoder().decode(bytesOf(attribute))
  }
  return { login, questions, said, clock }
}

const namePassword = xauthQuestion([XAUTH_USER_NAME, XAUTH_USER_PASSWORD], XauthType.GENERIC)

describe('a login by XAUTH', () => {
  it('gives name and password, then the code that the gateway asks for in a second round', async () => {
    const { login, questions, said } = start(['correct horse', '493021'])
    expect(await said(asked(namePassword), XAUTH_USER_NAME)).toBe('maria')
    const next = xauthQuestion([XAUTH_PASSCODE], XauthType.GENERIC, 'Code from your device')
    expect(await said(asked(next), XAUTH_PASSCODE)).toBe('493021')
    expect(questions).toEqual([
      { kind: 'password', text: undefined },
      { kind: 'one-time-code', text: 'Code from your device' },
    ])
    const accepted = login.accepted()
    await login.answer({ kind: TransactionType.SET, identifier: 8, attributes: xauthVerdict(true) })
    await expect(accepted).resolves.toBeUndefined()
  })

  it('takes a password that is asked for once more for something of this moment', async () => {
    const { questions, said } = start(['correct horse', 'next token'])
    await said(asked(namePassword), XAUTH_USER_PASSWORD)
    const again = xauthQuestion([XAUTH_USER_PASSWORD], XauthType.GENERIC, 'Wait for the next token')
    expect(await said(asked(again), XAUTH_USER_PASSWORD)).toBe('next token')
    expect(questions[1]).toEqual({ kind: 'one-time-code', text: 'Wait for the next token' })
  })

  it('shows a challenge that people can read, and never sends the password for one', async () => {
    const { questions, said } = start(['answer', 'another'])
    const challenge = (bytes: Uint8Array) => [
      basic(TransactionAttribute.XAUTH_TYPE, XauthType.OTP),
      variable(XAUTH_CHALLENGE, bytes),
      variable(XAUTH_USER_PASSWORD, new Uint8Array()),
    ]
    expect(await said(asked(challenge(utf8('otp-md5 499 ke1234'))), XAUTH_USER_PASSWORD)).toBe('answer')
    await said(asked(challenge(Uint8Array.of(0xff, 0xfe))), XAUTH_USER_PASSWORD)
    expect(questions).toEqual([
      { kind: 'one-time-code', text: 'otp-md5 499 ke1234' },
      { kind: 'one-time-code', text: undefined },
    ])
  })

  it('ends when the person does not want any more, when it is refused, and when it becomes a game', async () => {
    const given = start([new VpnError('cancelled')])
    const ending = given.login.accepted()
    ending.catch(() => undefined)
    await given.said(asked(namePassword), XAUTH_USER_NAME)
    await expect(ending).rejects.toMatchObject({ code: 'cancelled' })

    const refused = start(['wrong'])
    const verdict = refused.login.accepted()
    verdict.catch(() => undefined)
    await refused.said(asked(namePassword), XAUTH_USER_NAME)
    await refused.login.answer({ kind: TransactionType.SET, identifier: 8, attributes: xauthVerdict(false) })
    await expect(verdict).rejects.toMatchObject({ code: 'credentials-refused' })

    const game = start([])
    const endless = game.login.accepted()
    endless.catch(() => undefined)
    for (let round = 0; round < 12; round += 1)
      await game.said(asked(xauthQuestion([XAUTH_ANSWER], XauthType.GENERIC)), XAUTH_ANSWER)
    await expect(endless).rejects.toBeInstanceOf(VpnError)
    expect(game.questions.length).toBeLessThan(12)
  })
})
