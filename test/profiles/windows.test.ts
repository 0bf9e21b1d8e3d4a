import { beforeAll, describe, expect, it } from 'vitest'
import { importProfile } from '../../src-main/profiles/import/import-profile.ts'
import { phonebookSuite, windowsProposals } from '../../src-main/profiles/import/windows-algorithms.ts'
import { fixtureText } from './fixture.ts'
import type { ThrowawayPki } from './throwaway-pki.ts'
import { bytesOf, makeThrowawayPki } from './throwaway-pki.ts'

let pki: ThrowawayPki
beforeAll(() => {
  pki = makeThrowawayPki()
})

const read = (
  bytes: Uint8Array,
  name: string,
  files: Readonly<Record<string, Uint8Array>> = {},
  username?: string,
) =>
  importProfile({
    name,
    bytes,
    files: new Map(Object.entries(files)),
    ...(username === undefined ? {} : { username }),
  })
type Result = ReturnType<typeof read>
const told = ({ problems }: Result) => problems.map(({ level, where }) => `${level} ${where}`)
const errors = ({ problems }: Result) =>
  problems.filter(({ level }) => level === 'error').map(({ problem }) => problem)

describe("import of Windows' phonebook", () => {
  const text = fixtureText('rasphone.pbk')
  const book = (files = {}, username: string | undefined = 'maria') =>
    read(bytesOf(text), 'rasphone.pbk', files, username)

  it('reads an IKEv2 entry with its choice of algorithms', () => {
    const result = book()
    expect(result.format).toBe("Windows' phonebook (rasphone.pbk)")
    expect(result.profiles).toHaveLength(1)
    expect(result.profiles[0]).toMatchObject({
      name: 'Office',
      gateway: { address: 'vpn.example.org' },
      local: {
        authentication: {
          method: 'eap',
          username: 'maria',
          allow: ['mschapv2'],
          password: { from: 'prompt' },
        },
      },
      remote: { authentication: { method: 'certificate', authorities: [] } },
      proposals: { ike: ['aes256-sha256-modp2048'], esp: ['aes256-sha256'] },
      dns: { servers: ['10.0.0.53'], domains: ['corp.example.org'] },
      traffic: { remote: ['0.0.0.0/0', '::/0'] },
    })
  })

  it('says of the other entries why not', () => {
    expect(errors(book())).toEqual([
      'The entry is a connection of the kind L2TP, which is not supported',
      "The certificate and its key lie in Windows' own store",
      'EAP-TLS needs a certificate and its key, which are not in the file',
    ])
  })

  it('takes the certificate beside it for a machine tunnel, and tells what Windows does otherwise', () => {
    const result = book({ 'machine.pfx': pki.pkcs12 })
    const device = result.profiles.find(({ name }) => name === 'Device tunnel')
    expect(device?.local.authentication).toMatchObject({
      method: 'certificate',
      keyPassword: { from: 'prompt' },
    })
    const places = told(result).filter((line) => line.includes('[Device tunnel]'))
    expect(places.map((line) => line.replace(/ \(line \d+\)/, ''))).toEqual([
      'warning [Device tunnel] IpPrioritizeRemote',
      'warning [Device tunnel] DisableIKENameEkuCheck',
      'note [Device tunnel]',
    ])
  })

  it('asks for the user name, which the file leaves open', () => {
    const result = read(bytesOf(text), 'rasphone.pbk')
    expect(result.profiles).toEqual([])
    expect(errors(result)).toContain('The file names no user')
  })

  it('reads UTF-16, as some tools save it', () => {
    const wide = Buffer.from(`\ufeff${text}`, 'utf16le')
    expect(read(new Uint8Array(wide), 'rasphone.pbk', {}, 'maria').profiles).toHaveLength(1)
  })

  it('reports programs that would be started', () => {
    const result = read(
      bytesOf(text.replace('CustomDialDll=', 'CustomDialDll=C:\\evil.dll')),
      'x',
      {},
      'maria',
    )
    expect(told(result)).toContain('warning [Office] CustomDialDll (line 25)')
  })
})

describe("Windows' numbers of algorithms", () => {
  // What Set-VpnConnectionIPsecConfiguration wrote for the parameters named on the right.
  it.each([
    ['020000000400000003000000050000000200000000000000', 'aes256-sha256-modp2048', 'aes256-sha256'],
    ['020000000200000003000000030000000200000003000000', 'aes128-sha256-modp2048', 'aes128-sha256-modp2048'],
    [
      '030000000600000005000000080000000500000005000000',
      'aes256gcm16-prfsha384-ecp384',
      'aes256gcm16-ecp384',
    ],
  ])('%s', (hex, ike, esp) => {
    const suite = phonebookSuite(hex)
    expect(suite && windowsProposals(suite)).toEqual({ ike, esp })
  })

  it.each(['', '02', 'ff0000000400000003000000050000000200000000000000'])('refuses "%s"', (hex) => {
    expect(phonebookSuite(hex)).toBeUndefined()
  })
})

describe('import of ProfileXML', () => {
  const user = (change: (text: string) => string = (text) => text) =>
    read(bytesOf(change(fixtureText('profile-user.xml'))), 'Office.xml', {}, 'maria')

  it("reads a user's profile", () => {
    const result = user()
    expect(result.format).toBe('Windows VPN profile (ProfileXML)')
    expect(errors(result)).toEqual([])
    expect(result.profiles[0]).toMatchObject({
      name: 'Office',
      gateway: { address: 'vpn.example.org' },
      local: { authentication: { method: 'eap', username: 'maria', allow: ['mschapv2'] } },
      proposals: { ike: ['aes256-sha384-ecp384'], esp: ['aes256gcm16-ecp384'] },
      traffic: { remote: ['10.0.0.0/8'] },
      dns: { servers: ['10.0.0.53', '10.0.0.54'], domains: ['corp.example.org'] },
    })
    expect(told(result)).toEqual([
      'warning AlwaysOn (line 2)',
      'warning TrustedNetworkDetection (line 4)',
      'note RememberCredentials (line 6)',
      'warning TrafficFilter (line 58)',
      'note RegisterDNS (line 61)',
      'note DisableClassBasedDefaultRoute (line 11)',
      'warning Route (line 49)',
    ])
  })

  it("reads a device's profile with the certificate beside it", () => {
    const bytes = bytesOf(fixtureText('profile-device.xml'))
    expect(errors(read(bytes, 'x.xml'))).toEqual(["The certificate and its key lie in Windows' own store"])
    const result = read(bytes, 'x.xml', { 'device.p12': pki.pkcs12 })
    expect(result.profiles[0]!.proposals).toEqual({
      ike: ['aes128-sha256-modp2048'],
      esp: ['aes128-sha256-modp2048'],
    })
  })

  it.each([
    [
      'a certificate within PEAP',
      (text: string) => text.replaceAll('>26<', '>25<').replace('</Config>', '<Type>13</Type></Config>'),
      'The EAP method 25 is not supported',
    ],
    [
      'an unknown method',
      (text: string) => text.replaceAll('>26<', '>254<'),
      'The EAP method 254 is not supported',
    ],
    [
      'SSTP',
      (text: string) => text.replace('IKEv2', 'Sstp'),
      'The connection is of the kind sstp, which is not supported',
    ],
    [
      'a plug-in',
      (text: string) => text.replaceAll('NativeProfile', 'PluginProfile'),
      'The connection needs the program of a vendor',
    ],
    [
      'no gateway',
      (text: string) => text.replace(/<Servers>.*<\/Servers>/, ''),
      'The gateway (Servers) is missing',
    ],
  ])('makes no profile of %s', (_what, change, problem) => {
    const result = user(change)
    expect(result.profiles).toEqual([])
    expect(errors(result)).toEqual([problem])
  })

  it('reads over a mistake in the XML and names its line', () => {
    const result = user((text) => text.replace('</RegisterDNS>', '</RegisterDNSX>'))
    expect(result.problems[0]?.problem).toMatch(/The XML has a mistake, line 61/)
    expect(result.profiles).toHaveLength(1)
  })
})
