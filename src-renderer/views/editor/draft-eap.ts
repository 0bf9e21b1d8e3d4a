/** The part of a draft that is about EAP within TLS, from the profile and back. */
import type { EapAuthentication, LogInServer, Profile } from '../../../src-shared/profile.ts'

export const tunnels = ['none', 'peap', 'ttls', 'either'] as const
export type Tunnel = (typeof tunnels)[number]
export type InnerWay = NonNullable<EapAuthentication['inner']>

export interface EapDraft {
  /** Of a password: what it goes within. `either`: the gateway chooses. */
  tunnel: Tunnel
  inner: InnerWay
  /** Of a certificate. */
  eapTls: boolean
  /** What is said outside of TLS. */
  outerName: string
  serverIdentity: string
  serverAuthorities: string[]
  eapOnly: boolean
}

export const isWithinTls = (
  draft: EapDraft & { readonly method: string; readonly ikeVersion: string },
): boolean =>
  draft.ikeVersion === '2' &&
  ((draft.method === 'eap' && draft.tunnel !== 'none') || (draft.method === 'certificate' && draft.eapTls))

/** What can be within: PEAP has EAP alone, where two names mean the same. */
export const innerWays = (tunnel: Tunnel): readonly InnerWay[] =>
  tunnel === 'ttls' ? ['mschapv2', 'pap', 'eap-mschapv2', 'gtc'] : ['mschapv2', 'gtc']

const isTunnel = (method: EapAuthentication['allow'][number]): method is 'peap' | 'ttls' =>
  method === 'peap' || method === 'ttls'

export const withoutTunnels = (allow: EapAuthentication['allow']): EapAuthentication['allow'] =>
  allow.filter((method) => !isTunnel(method))

function tunnelOf(allow: EapAuthentication['allow']): Tunnel {
  const [first, second] = allow.filter(isTunnel)
  return second === undefined ? (first ?? 'none') : 'either'
}

export function eapDraftOf({ local: { authentication }, remote }: Profile): EapDraft {
  const eap = authentication.method === 'eap' ? authentication : undefined
  const tls = authentication.method === 'certificate' ? authentication.eap : undefined
  const server = eap?.server ?? tls?.server
  return {
    tunnel: eap === undefined ? 'none' : tunnelOf(eap.allow),
    inner: eap?.inner ?? 'mschapv2',
    eapTls: tls !== undefined,
    outerName: eap?.anonymousIdentity ?? tls?.identity ?? '',
    serverIdentity: server?.identity ?? '',
    serverAuthorities: [...(server?.authorities ?? [])],
    eapOnly: remote.eapOnly === true,
  }
}

/** The server of the log-in as it was typed; what the editor does not show stays as it was. */
function serverOf(draft: EapDraft, before: LogInServer | undefined): { readonly server?: LogInServer } {
  const identity = draft.serverIdentity.trim()
  const server: LogInServer = {
    ...(before?.pin === undefined ? {} : { pin: before.pin }),
    ...(identity === '' ? {} : { identity }),
    ...(draft.serverAuthorities.length === 0 ? {} : { authorities: [...draft.serverAuthorities] }),
  }
  return Object.keys(server).length === 0 ? {} : { server }
}

/** The fields of a password within TLS; `plain`: the methods without it. */
export function passwordWithinTls(
  draft: EapDraft,
  plain: EapAuthentication['allow'],
  before: EapAuthentication | undefined,
): Pick<EapAuthentication, 'allow' | 'inner' | 'anonymousIdentity' | 'server'> {
  const outer = draft.outerName.trim()
  switch (draft.tunnel) {
    case 'none':
      return { allow: plain }
    case 'peap':
    case 'ttls':
    case 'either':
      return {
        allow: draft.tunnel === 'either' ? ['peap', 'ttls'] : [draft.tunnel],
        ...(draft.inner === 'mschapv2' ? {} : { inner: draft.inner }),
        ...(outer === '' ? {} : { anonymousIdentity: outer }),
        ...serverOf(draft, before?.server),
      }
  }
}

/** The field of a certificate within EAP-TLS; nothing where it is shown in IKE itself. */
export function certificateWithinTls(
  draft: EapDraft,
  before: LogInServer | undefined,
): {
  readonly eap?: { readonly identity?: string; readonly server?: LogInServer }
} {
  if (!draft.eapTls) return {}
  const identity = draft.outerName.trim()
  return { eap: { ...(identity === '' ? {} : { identity }), ...serverOf(draft, before) } }
}
