/**
 * A TLS connection over EAP's packets, as the client: what EAP-TLS, -TTLS and PEAP have in common. The server's certificate is
 * checked as soon as it is known, and nothing is let out between its coming and that check: neither our certificate nor a secret.
 */
import type { ErrorCode } from '../../../../src-shared/errors.ts'
import type { Clock, Identity, TlsClient, TlsState, Trust } from '../../../ports.ts'
import { DecodeError, decode, encode } from '../../../wire/codec.ts'
import type { EapFailureReason, MethodStep } from './method.ts'
import { createCutting, createReassembly } from './tls-fragments.ts'
import type { TlsFragment } from './tls-packet.ts'
import { tlsFragment } from './tls-packet.ts'

/** How the server that the user logs in at proves who it is; it need not be the gateway. */
export interface EapServerCheck {
  readonly trust: Trust
  /** Always one: an authority that vouches for many says nothing by itself. */
  readonly identity: Identity
}

export interface EapTls {
  /** A new connection, which resumes no other. */
  readonly open: () => TlsClient
  readonly server: EapServerCheck
  readonly clock: Pick<Clock, 'wall'>
}

export type Failed = Extract<MethodStep, { kind: 'failed' }>

export type TunnelStep =
  /** The tunnel's own business: fragments, acknowledgements, the handshake. */
  | { readonly kind: 'respond'; readonly data: Uint8Array }
  | Failed
  /** The server is known and checked. It is the method's turn: `plaintext` is what the server said, perhaps nothing, and the method's to wipe. */
  | { readonly kind: 'open'; readonly version: '1.2' | '1.3'; readonly plaintext: Uint8Array }

export interface TlsTunnel {
  receive(data: Uint8Array): Promise<TunnelStep>
  /** Type data that answers an `open`: what is given, encrypted, or an acknowledgement. */
  say(plaintext?: Uint8Array): Promise<Uint8Array | Failed>
  exportKeyingMaterial: TlsClient['exportKeyingMaterial']
  close(): void
}

const NO_BYTES = new Uint8Array(0)

export const failed = (
  reason: EapFailureReason,
  details: Readonly<Record<string, string>>,
  code?: ErrorCode,
): Failed => ({ kind: 'failed', reason, details, ...(code === undefined ? {} : { code }) })

/** `method`: its name, for people. `version`: what stands in our packets. */
export function createTlsTunnel(method: string, { open, server, clock }: EapTls, version: number): TlsTunnel {
  const reassembly = createReassembly()
  const cutting = createCutting(version)
  const client = open()
  let started = false
  let checked = false

  const bytesOf = (fragment: TlsFragment): Uint8Array => encode(tlsFragment, fragment)
  const wrong = (problem: string): Failed => failed('malformed', { reason: `${method}: ${problem}` })

  /** The failure of whoever is at the other end to be the server we are to log in at; undefined when it is. */
  const serverProblem = async (): Promise<Failed | undefined> => {
    const certificates = client.serverCertificates()
    if (checked || certificates.length === 0) return undefined
    const verdict = await server.trust.verify({
      certificates,
      identity: server.identity,
      role: 'eap-server',
      at: clock.wall(),
    })
    if (!verdict.ok) {
      return failed('server-not-verified', { ...verdict.error.details, server: 'login' }, verdict.error.code)
    }
    checked = true
    return undefined
  }

  const trouble = (state: Extract<TlsState, { kind: 'failed' }>): Failed =>
    state.alert === undefined
      ? failed('malformed', { reason: `${method}: ${state.reason}` })
      : // The server has looked at us and says why not (RFC 5216 section 2.1.3).
        failed('refused', { method, alert: state.alert }, 'authentication-refused')

  /** What there is to send after TLS has worked. */
  const answer = async (state: TlsState): Promise<TunnelStep> => {
    const problem = await serverProblem()
    if (problem !== undefined) return problem
    switch (state.kind) {
      case 'failed':
        return trouble(state)
      case 'handshaking':
        return { kind: 'respond', data: bytesOf(cutting.begin(client.drain())) }
      case 'established':
        if (!checked) return failed('server-not-verified', { reason: 'no certificate', server: 'login' })
        return { kind: 'open', version: state.version, plaintext: client.read() }
    }
  }

  const handle = async (fragment: TlsFragment): Promise<TunnelStep> => {
    if (fragment.start) {
      if (started || fragment.more) return wrong('a second start')
      started = true
      return answer(await client.feed(NO_BYTES))
    }
    if (!started) return wrong('no start')
    const waiting = cutting.next()
    if (waiting !== undefined) {
      // RFC 5216 section 2.1.5: while we send fragments, the server acknowledges.
      if (fragment.data.length > 0 || fragment.more) return wrong('no acknowledgement')
      return { kind: 'respond', data: bytesOf(waiting) }
    }
    const arrived = reassembly.take(fragment)
    switch (arrived.kind) {
      case 'part':
        return { kind: 'respond', data: bytesOf(cutting.begin(NO_BYTES)) }
      case 'wrong':
        return wrong(arrived.problem)
      case 'whole':
        return answer(await client.feed(arrived.message))
    }
  }

  return {
    async receive(data) {
      try {
        return await handle(decode(tlsFragment, data))
      } catch (error) {
        if (error instanceof DecodeError) return wrong(error.reason)
        throw error
      }
    },
    async say(plaintext) {
      if (!checked) throw new Error('nothing is said to a server that is not known')
      if (plaintext !== undefined) {
        const state = await client.write(plaintext)
        if (state.kind === 'failed') return trouble(state)
      }
      return bytesOf(cutting.begin(client.drain()))
    },
    exportKeyingMaterial: (label, length, context) => client.exportKeyingMaterial(label, length, context),
    close: () => client.close(),
  }
}

/**
 * The MSK, 64 bytes. RFC 5216 section 2.3 and RFC 5281 section 8 with TLS 1.2; RFC 9190 section 2.3 and RFC 9427 section 2.1 with
 * TLS 1.3, where one label serves all and the method's type is the context.
 */
export function tlsMasterSessionKey(
  tunnel: Pick<TlsTunnel, 'exportKeyingMaterial'>,
  version: '1.2' | '1.3',
  type: number,
  oldLabel: 'client EAP encryption' | 'ttls keying material',
): Uint8Array {
  const material =
    version === '1.3'
      ? tunnel.exportKeyingMaterial('EXPORTER_EAP_TLS_Key_Material', 128, Uint8Array.of(type))
      : tunnel.exportKeyingMaterial(oldLabel, 128)
  const msk = material.slice(0, 64)
  material.fill(0)
  return msk
}
