import type { Library, LibraryEntry } from '../../src-shared/library.ts'
import * as v from 'valibot'
import { Profile, type LocalAuthentication, type RemoteAuthentication } from '../../src-shared/profile.ts'

const eap = (username: string): LocalAuthentication => ({
  method: 'eap',
  username,
  password: { from: 'prompt' },
  allow: ['mschapv2', 'gtc'],
})
const psk: LocalAuthentication = { method: 'psk', secret: { from: 'prompt' } }
const system: RemoteAuthentication = { method: 'certificate', authorities: [] }

const idOf = (number: number): string => `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`

export function sampleProfile(
  number: number,
  name: string,
  address: string,
  authentication: LocalAuthentication = eap('erika@example.org'),
): Profile {
  // Parsed, so that a field which the schema gains has its default here too.
  return v.parse(Profile, {
    version: 1,
    id: idOf(number),
    name,
    gateway: { address, port: 500 },
    ikeVersion: 2,
    local: { authentication },
    remote: {
      authentication:
        authentication.method === 'psk' ? { method: 'psk', secret: { from: 'prompt' } } : system,
    },
    proposals: { ike: [], esp: [] },
    traffic: { remote: ['0.0.0.0/0', '::/0'], local: [] },
    virtualAddress: { ipv4: true, ipv6: true },
    dns: { servers: [], domains: [] },
    lifetimes: { ikeSeconds: 14_400, childSeconds: 3600 },
    livenessSeconds: 30,
    natKeepaliveSeconds: 20,
    forceEncapsulation: false,
    fragmentation: true,
    replayWindow: 64,
    reconnect: true,
  })
}

const entry = (profile: Profile, more: Partial<LibraryEntry> = {}): LibraryEntry => ({
  profile,
  favourite: false,
  secrets: profile.local.authentication.method === 'eap' ? { password: 'asked' } : { psk: 'kept' },
  ...more,
})

export const officeId = idOf(1)

const hour = 3_600_000
export const someEntries: readonly LibraryEntry[] = [
  entry(sampleProfile(1, 'Head office', 'vpn.example.org'), {
    favourite: true,
    secrets: { password: 'kept' },
    lastConnectedAt: Date.now() - 2 * hour,
  }),
  entry(sampleProfile(2, 'Branch in Lübeck', 'luebeck.vpn.example.org', psk), { folder: 'Branches' }),
  entry(sampleProfile(3, 'Laboratory', '203.0.113.20', psk), {
    folder: 'Branches',
    lastConnectedAt: Date.now() - 90 * hour,
  }),
  entry(sampleProfile(4, 'Customer: Nordwind Logistik', 'gate.nordwind.example', eap('e.muster'))),
]

const library = (entries: readonly LibraryEntry[]): Library => ({
  entries,
  folders: [...new Set(entries.flatMap(({ folder }) => (folder === undefined ? [] : [folder])))],
  unreadable: [],
  keepsSecrets: { yes: true },
})

export const emptyLibrary = library([])
export const someLibrary = library(someEntries)
export const longLibrary: Library = {
  ...library([
    ...someEntries,
    ...Array.from({ length: 60 }, (_, index) =>
      entry(
        sampleProfile(
          index + 10,
          `Customer ${String(index + 1).padStart(2, '0')}`,
          `gate-${index + 1}.customers.example`,
        ),
        { folder: index % 2 === 0 ? 'Customers north' : 'Customers south', favourite: index === 7 },
      ),
    ),
  ]),
  unreadable: [],
  keepsSecrets: { yes: false, reason: 'This system has no keyring, so you are asked each time.' },
}
