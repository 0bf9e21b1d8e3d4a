/** XAUTH, the gateway's side (draft-ietf-ipsec-isakmp-xauth-06): asks for user and password, and gives the verdict. */
import { VpnError } from '../../../src-shared/errors.ts'
import { TransactionAttribute, XauthType } from './code-points.ts'
import type { ExchangePorts, IsakmpSa } from './configuration.ts'
import type { Patience } from './conversation.ts'
import { deleteIsakmpSa, inform } from './exchanges/informational.ts'
import { transact } from './exchanges/transaction.ts'
import type { Peer } from './peer.ts'
import type { ResponderConfiguration } from './responder.ts'
import { userNameIn, xauthAnswer, xauthQuestion, xauthVerdict } from './xauth.ts'

const { XAUTH_USER_NAME, XAUTH_USER_PASSWORD } = TransactionAttribute

/** A person may have to type. */
const patience: Patience = { firstMs: 3_000, factor: 1.8, giveUpMs: 120_000 }

/** Gives the name of the user who has logged in; rejects with VpnError 'credentials-refused', the client being told. */
export async function logIn(
  ports: ExchangePorts,
  sa: IsakmpSa,
  peer: Peer,
  { passwordFits }: Pick<ResponderConfiguration, 'passwordFits'>,
): Promise<string> {
  const question = xauthQuestion([XAUTH_USER_NAME, XAUTH_USER_PASSWORD], XauthType.GENERIC)
  const reply = await transact(ports, sa, peer, 'request', question, patience)
  const user = userNameIn(reply) ?? ''
  const password = xauthAnswer(reply, XAUTH_USER_PASSWORD)
  const accepted = passwordFits(user, password ?? new Uint8Array()) && password !== undefined
  password?.fill(0)
  const verdict = transact(ports, sa, peer, 'set', xauthVerdict(accepted))
  if (accepted) {
    await verdict
    return user
  }
  // Whether it hears the verdict or not: it is out.
  await verdict.catch(() => undefined)
  inform(ports, sa, peer, [deleteIsakmpSa(sa)])
  throw new VpnError('credentials-refused', { user })
}
