/** Which of a profile's settings a format does not hold: those that are not the default and that the exporter did not take. */
import * as v from 'valibot'
import { Profile } from '../../../src-shared/profile.ts'
import type { LostField } from './exporter.ts'

/** Of revocation. */
const DEFAULT = 'when-reachable'

/** The settings that a profile may leave at their default, by their path. */
const optional = {
  'gateway.port': ({ gateway }) => gateway.port,
  'local.identity': ({ local }) => local.identity,
  'local.authentication.allow': ({ local: { authentication } }) =>
    authentication.method === 'eap' ? authentication.allow : ['mschapv2', 'gtc'],
  'local.authentication.inner': ({ local: { authentication } }) =>
    authentication.method === 'eap' ? authentication.inner : undefined,
  'local.authentication.anonymousIdentity': ({ local: { authentication } }) =>
    authentication.method === 'eap' ? authentication.anonymousIdentity : undefined,
  'local.authentication.server': ({ local: { authentication } }) =>
    authentication.method === 'eap' ? authentication.server : undefined,
  'local.authentication.eap': ({ local: { authentication } }) =>
    authentication.method === 'certificate' ? authentication.eap : undefined,
  'local.then': ({ local }) => local.then,
  'remote.eapOnly': ({ remote }) => remote.eapOnly ?? false,
  'remote.identity': ({ remote }) => remote.identity,
  'remote.authentication.pin': ({ remote: { authentication } }) =>
    authentication.method === 'certificate' ? authentication.pin : undefined,
  'remote.authentication.revocation': ({ remote: { authentication } }) =>
    authentication.method === 'certificate' ? (authentication.revocation ?? DEFAULT) : DEFAULT,
  'proposals.ike': ({ proposals }) => proposals.ike,
  'proposals.esp': ({ proposals }) => proposals.esp,
  'traffic.remote': ({ traffic }) => traffic.remote,
  'traffic.local': ({ traffic }) => traffic.local,
  virtualAddress: ({ virtualAddress }) => virtualAddress,
  'dns.servers': ({ dns }) => dns.servers,
  'dns.domains': ({ dns }) => dns.domains,
  'lifetimes.ikeSeconds': ({ lifetimes }) => lifetimes.ikeSeconds,
  'lifetimes.childSeconds': ({ lifetimes }) => lifetimes.childSeconds,
  'lifetimes.childBytes': ({ lifetimes }) => lifetimes.childBytes,
  'lifetimes.childPackets': ({ lifetimes }) => lifetimes.childPackets,
  livenessSeconds: ({ livenessSeconds }) => livenessSeconds,
  natKeepaliveSeconds: ({ natKeepaliveSeconds }) => natKeepaliveSeconds,
  forceEncapsulation: ({ forceEncapsulation }) => forceEncapsulation,
  fragmentation: ({ fragmentation }) => fragmentation,
  replayWindow: ({ replayWindow }) => replayWindow,
  mtu: ({ mtu }) => mtu,
  reconnect: ({ reconnect }) => reconnect,
} satisfies Readonly<Record<string, (profile: Profile) => unknown>>

export type OptionalField = keyof typeof optional

/** A profile that leaves everything at its default. */
const plain = v.parse(Profile, {
  version: 1,
  id: '00000000-0000-4000-8000-000000000000',
  name: 'x',
  gateway: { address: 'x.example' },
  ikeVersion: 2,
  local: { authentication: { method: 'eap', username: 'x', password: { from: 'prompt' } } },
  remote: { authentication: { method: 'certificate', authorities: [] } },
})

const isField = (text: string): text is OptionalField => Object.hasOwn(optional, text)

/** `kept`: what the exporter has written, whatever the value. */
export function lostFields(profile: Profile, kept: ReadonlySet<OptionalField>): readonly LostField[] {
  return Object.keys(optional)
    .filter(isField)
    .filter((field) => !kept.has(field))
    .filter((field) => {
      const read = optional[field]
      return JSON.stringify(read(profile)) !== JSON.stringify(read(plain))
    })
    .map((where) => ({ where, problem: 'The format has no place for it' }))
}

/** The secrets that stay behind, as every exporter leaves them. */
export function lostSecrets({ local, remote }: Profile): readonly LostField[] {
  const problem = 'The secret itself is not exported'
  const key = local.authentication.method === 'certificate'
  return [
    ...(key
      ? [
          {
            where: 'local.authentication.key',
            problem: 'The private key is not exported; give it to the person another way',
          },
        ]
      : []),
    ...(local.authentication.method === 'psk' ? [{ where: 'local.authentication.secret', problem }] : []),
    ...(remote.authentication.method === 'psk' ? [{ where: 'remote.authentication.secret', problem }] : []),
  ]
}
