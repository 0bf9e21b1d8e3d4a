import { describe, expect, it } from 'vitest'
import { importProfile } from '../../src-main/profiles/import/import-profile.ts'
import { fixtureText } from './fixture.ts'
import { bytesOf, textOf } from './throwaway-pki.ts'

const read = (change: (text: string) => string = (text) => text) =>
  importProfile({ name: 'x.xml', bytes: bytesOf(change(fixtureText('forticlient.xml'))), files: new Map() })
const told = ({ problems }: ReturnType<typeof read>) =>
  problems.map(({ level, where }) => `${level} ${where}`)

describe('import of FortiClient configurations', () => {
  it('reads an IKEv2 connection with EAP behind a shared key', () => {
    const result = read()
    expect(result.format).toBe('FortiClient configuration (XML)')
    expect(result.profiles).toHaveLength(1)
    expect(result.profiles[0]).toMatchObject({
      name: 'Office IKEv2',
      gateway: { address: 'vpn.example.org' },
      local: {
        identity: 'staff',
        authentication: {
          method: 'eap',
          username: 'maria',
          password: { from: 'prompt' },
          allow: ['mschapv2', 'gtc'],
        },
      },
      remote: { authentication: { method: 'psk', secret: { from: 'store' } } },
      proposals: {
        ike: ['aes256-sha256-modp2048-ecp384', 'aes256gcm16-prfsha384-modp2048-ecp384'],
        esp: ['aes256-sha256-modp2048'],
      },
      traffic: { remote: ['10.0.0.0/8', 'fd00::/8'] },
      lifetimes: { ikeSeconds: 86_400, childSeconds: 43_200 },
      natKeepaliveSeconds: 5,
    })
    expect(result.secrets.map(({ value }) => textOf(value.reveal()))).toEqual(['a shared key'])
  })

  it('tells of secrets for another machine, scripts, IKEv1 and SSL VPN', () => {
    const result = read()
    expect(told(result).map((line) => line.replace(/ \(line \d+\)/g, ''))).toEqual([
      'warning connection Office IKEv2 on_connect',
      'note connection Office IKEv2 password',
      'note connection Office IKEv2',
      'note connection Office IKEv1 preshared_key',
      'note sslvpn connection',
      'warning connection Office IKEv1',
      'error connection Office IKEv1',
    ])
    expect(JSON.stringify(result)).not.toContain('net use')
  })

  it('reads over a closing tag that does not fit, as in the documentation', () => {
    const result = read((text) => text.replace('</auth_data>', '</auth_key></auth_data>'))
    expect(result.problems[0]?.problem).toMatch(/The XML has a mistake, line 32/)
    expect(result.profiles).toHaveLength(1)
  })

  it('says that there is nothing for it', () => {
    const result = read((text) => text.replaceAll('ipsecvpn', 'sslonly'))
    expect(result.problems.map(({ problem }) => problem)).toContain(
      'There is no IPsec connection in the file',
    )
  })
})
