/** Cisco's and Shrew's profiles: IKEv1 with a group, a shared key and XAUTH. */
import { createCipheriv, createHash } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { importProfile } from '../../src-main/profiles/import/import-profile.ts'
import { decryptPcfPassword } from '../../src-main/profiles/import/pcf-password.ts'
import { fixtureText } from './fixture.ts'
import { bytesOf, textOf } from './throwaway-pki.ts'

const read = (text: string, name = 'x', username?: string) =>
  importProfile({
    name,
    bytes: bytesOf(text),
    files: new Map(),
    ...(username === undefined ? {} : { username }),
  })
const told = ({ problems }: ReturnType<typeof read>) =>
  problems.map(({ level, where }) => `${level} ${where}`)
const errors = ({ problems }: ReturnType<typeof read>) =>
  problems.filter(({ level }) => level === 'error').map(({ problem }) => problem)

/** As the client hides a password (the other way round from what is tested, written from the description of the format). */
function hidden(
  password: Uint8Array,
  seed = Buffer.from('000102030405060708090a0b0c0d0e0f101112ff', 'hex'),
): string {
  const sha1 = (bytes: Uint8Array) => createHash('sha1').update(bytes).digest()
  const changed = (count: number) =>
    Uint8Array.from([...seed.subarray(0, 19), ((seed[19] ?? 0) + count) % 256])
  const key = Buffer.concat([sha1(changed(1)), sha1(changed(3)).subarray(0, 4)])
  const cipher = createCipheriv('des-ede3-cbc', key, seed.subarray(0, 8))
  const content = Buffer.concat([cipher.update(password), cipher.final()])
  return Buffer.concat([seed, sha1(content), content])
    .toString('hex')
    .toUpperCase()
}

const pcf = () => fixtureText('cisco.pcf').replace('{{GROUP}}', hidden(bytesOf('group secret')))

describe('import of .pcf', () => {
  it('is recognised and read; the hidden group password is found', () => {
    const result = read(pcf())
    expect(result.format).toBe('Cisco VPN profile (.pcf)')
    expect(errors(result)).toEqual([])
    expect(result.profiles[0]).toMatchObject({
      name: 'Staff of the example university',
      gateway: { address: 'vpn.example.edu' },
      ikeVersion: 1,
      ikev1: { mode: 'aggressive' },
      local: { identity: 'keyid:staff', authentication: { method: 'eap', username: 'EXAMPLE\\maria' } },
      remote: { authentication: { method: 'psk' } },
      livenessSeconds: 90,
    })
    expect(result.secrets.map(({ kind, value }) => [kind, textOf(value.reveal())])).toEqual([
      ['psk', 'group secret'],
    ])
    expect(told(result)).toContain('note [main] enc_GroupPwd (line 7)')
    expect(told(result)).toContain('warning [main] BackupServer (line 18)')
    expect(JSON.stringify(result)).not.toContain('group secret')
  })

  it('writes a group whose name looks like hexadecimal digits as such', () => {
    expect(read(pcf().replace('GroupName=staff', 'GroupName=cafe')).profiles[0]!.local.identity).toBe(
      'keyid:#63616665',
    )
  })

  it('reports the program that would be started', () => {
    expect(told(read(pcf()))).toContain('warning [main] ISPCommand (line 11)')
  })

  it('says that a hidden password is damaged', () => {
    const result = read(fixtureText('cisco.pcf').replace('{{GROUP}}', '00'.repeat(48)))
    expect(result.problems.map(({ problem }) => problem)).toContain('The hidden password is damaged')
  })

  it('says of certificates that they lie in another store', () => {
    expect(errors(read(pcf().replace('AuthType=1', 'AuthType=3'))).join()).toMatch(
      /store of the other program/,
    )
  })

  it('reads ISO 8859-1, and says so', () => {
    const bytes = Buffer.from(pcf().replace('Staff', 'Büro'), 'latin1')
    const result = importProfile({ name: 'x.pcf', bytes: new Uint8Array(bytes) })
    expect(result.format).toBe('Cisco VPN profile (.pcf)')
    expect(result.problems[0]?.problem).toMatch(/ISO 8859-1/)
  })
})

describe('hidden passwords', () => {
  it('are found', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 64 }),
        fc.uint8Array({ minLength: 20, maxLength: 20 }),
        (bytes, seed) => {
          expect(decryptPcfPassword(hidden(bytes, Buffer.from(seed)))).toEqual(Uint8Array.from(bytes))
        },
      ),
    )
  })

  it('are refused when anything is changed or missing', () => {
    const good = hidden(bytesOf('group secret'))
    for (let at = 40; at < good.length; at += 2) {
      const digit = good[at] === '0' ? '1' : '0'
      expect(decryptPcfPassword(good.slice(0, at) + digit + good.slice(at + 1))).toBeUndefined()
    }
    expect(decryptPcfPassword(good.slice(0, 80))).toBeUndefined()
    expect(decryptPcfPassword('not hexadecimal')).toBeUndefined()
    expect(textOf(decryptPcfPassword(good.toLowerCase()) ?? new Uint8Array(0))).toBe('group secret')
  })
})

describe('import of .vpn (Shrew)', () => {
  it('is recognised and read', () => {
    const result = read(fixtureText('shrew.vpn'), 'office.vpn', 'maria')
    expect(result.format).toBe('Shrew Soft VPN profile (.vpn)')
    expect(errors(result)).toEqual([])
    expect(result.profiles[0]).toMatchObject({
      name: 'office',
      gateway: { address: 'vpn.example.com' },
      ikeVersion: 1,
      ikev1: { mode: 'aggressive' },
      local: { identity: 'keyid:staff', authentication: { method: 'eap', username: 'maria' } },
      proposals: { ike: ['aes256-sha1-modp1024'], esp: ['aes256-sha1'] },
      traffic: { remote: ['10.1.0.0/16'] },
      lifetimes: { ikeSeconds: 86_400, childSeconds: 3600 },
      mtu: 1380,
    })
    expect(result.secrets.map(({ kind, value }) => [kind, textOf(value.reveal())])).toEqual([
      ['psk', 'group secret'],
    ])
  })

  it('needs the user name, which the file leaves open', () => {
    expect(errors(read(fixtureText('shrew.vpn')))).toEqual(['The file names no user'])
  })

  it('names the lines that are no settings', () => {
    expect(told(read(`${fixtureText('shrew.vpn')}what is this\r\n`))).toContain('warning line 45')
  })

  it('says what is missing', () => {
    const text = fixtureText('shrew.vpn')
    expect(errors(read(text.replace('s:network-host:vpn.example.com', '')))).toEqual([
      'The gateway is missing',
    ])
    expect(errors(read(text.replace('mutual-psk-xauth', 'mutual-rsa-xauth')))).toEqual([
      'Your certificate and key are not in the file',
    ])
  })
})
