/** EAP-TLS as the client: a TLS handshake with a certificate on both sides and nothing inside (RFC 5216, RFC 9190). */
import type { EapPeerMethod, MethodStep } from './method.ts'
import { EapType } from './packet.ts'
import type { EapTls } from './tls-tunnel.ts'
import { createTlsTunnel, failed, tlsMasterSessionKey } from './tls-tunnel.ts'

export function createTlsPeer(tls: EapTls): EapPeerMethod {
  const tunnel = createTlsTunnel('EAP-TLS', tls, 0)
  const respond = async (data: Uint8Array): Promise<MethodStep> => {
    const step = await tunnel.receive(data)
    if (step.kind === 'failed') return step
    if (step.kind === 'respond') return { kind: 'respond', data: step.data, complete: false }
    const { version, plaintext } = step
    // RFC 9190 section 2.5: one byte of zero promises that the server says no more. Not all send it (strongSwan 5.9.8), and it is
    // not needed where the key that comes of this is proven afterwards, as it is in IKE (RFC 7296 section 2.16).
    const isPromise = version === '1.3' && plaintext.length === 1 && plaintext[0] === 0
    if (plaintext.length > 0 && !isPromise) return failed('malformed', { reason: 'EAP-TLS: data inside' })
    const answer = await tunnel.say()
    if ('kind' in answer) return answer
    const msk = tlsMasterSessionKey(tunnel, version, EapType.TLS, 'client EAP encryption')
    return { kind: 'respond', data: answer, complete: true, msk }
  }
  return { respond: (_identifier, data) => respond(data), close: () => tunnel.close() }
}
