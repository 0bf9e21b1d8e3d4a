/** EAP-TLS as the client: a TLS handshake with a certificate on both sides and nothing inside (RFC 5216, RFC 9190). */
import type { EapPeerMethod, MethodStep } from './method.ts'
import { EapType } from './packet.ts'
import type { EapTls } from './tls-tunnel.ts'
import { createTlsTunnel, failed, tlsMasterSessionKey } from './tls-tunnel.ts'

export function createTlsPeer(tls: EapTls): EapPeerMethod {
  const tunnel = createTlsTunnel('EAP-TLS', tls, 0)
  const msk = (version: '1.2' | '1.3'): Uint8Array =>
    tlsMasterSessionKey(tunnel, version, EapType.TLS, 'client EAP encryption')
  let finished = false

  const respond = async (data: Uint8Array): Promise<MethodStep> => {
    const step = await tunnel.receive(data)
    if (step.kind === 'failed') return step
    if (step.kind === 'respond') return { kind: 'respond', data: step.data, complete: false }
    const { version, plaintext } = step
    const answer = await tunnel.say()
    if ('kind' in answer) return answer
    if (version === '1.2') {
      if (plaintext.length > 0) return failed('malformed', { reason: 'EAP-TLS: data inside' })
      return { kind: 'respond', data: answer, complete: true, msk: msk(version) }
    }
    // RFC 9190 section 2.5: one byte of zero says that the server has seen our proof and will say no more.
    const isPromise = plaintext.length === 1 && plaintext[0] === 0
    if (plaintext.length > 0 && (!isPromise || !finished))
      return failed('malformed', { reason: 'EAP-TLS: data inside' })
    finished = true
    return isPromise
      ? { kind: 'respond', data: answer, complete: true, msk: msk(version) }
      : { kind: 'respond', data: answer, complete: false }
  }
  return { respond: (_identifier, data) => respond(data), close: () => tunnel.close() }
}
