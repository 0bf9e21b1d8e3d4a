/** Damaged, hostile and enormous files: nothing hangs, nothing throws, nothing runs, and each refusal names a place. */
import { describe, expect, it } from 'vitest'
import { importProfile } from '../../src-main/profiles/import/import-profile.ts'
import { importBytes } from '../../src-main/profiles/import/import-source.ts'
import { fixture, fixtureText } from './fixture.ts'
import { bytesOf } from './throwaway-pki.ts'

const fixtures = [
  ...['apple-configurator.mobileconfig', 'eap-binary.mobileconfig', 'cisco-ipsec.mobileconfig'],
  ...[
    'strongswan-eap.nmconnection',
    'libreswan-ikev2.nmconnection',
    'vpnc.nmconnection',
    'strongswan.ipsec.conf',
  ],
  ...['libreswan.conf', 'cisco.pcf', 'shrew.vpn', 'rasphone.pbk', 'profile-user.xml', 'forticlient.xml'],
]
const read = (bytes: Uint8Array | string) =>
  importProfile({ name: 'x', bytes: typeof bytes === 'string' ? bytesOf(bytes) : bytes, files: new Map() })
const problems = (bytes: Uint8Array | string) => read(bytes).problems.map(({ problem }) => problem)
const within = <Value>(milliseconds: number, act: () => Value): Value => {
  const before = performance.now()
  const value = act()
  expect(performance.now() - before).toBeLessThan(milliseconds)
  return value
}

describe.each(fixtures)('%s', (name) => {
  const whole = fixture(name)

  it('may be cut anywhere', () => {
    for (let end = 0; end < whole.length; end += Math.max(1, Math.floor(whole.length / 120))) {
      const result = read(whole.subarray(0, end))
      if (result.profiles.length === 0) expect(result.problems.length).toBeGreaterThan(0)
      for (const { where } of result.problems) expect(where).not.toBe('')
    }
  })

  it('may have CRLF, a byte order mark, UTF-16', () => {
    if (name === 'eap-binary.mobileconfig') return
    const text = fixtureText(name)
    const { format } = read(text)
    const changed = [text.replaceAll(/\r?\n/g, '\r\n'), `\ufeff${text}`]
    for (const other of changed) expect(read(other).format).toBe(format)
    if (/encoding="UTF-8"/i.test(text)) return
    expect(read(new Uint8Array(Buffer.from(`\ufeff${text}`, 'utf16le'))).format).toBe(format)
  })

  it('may have every line twice', () => {
    if (name.endsWith('.mobileconfig') || name.endsWith('.xml')) return
    const lines = fixtureText(name).split('\n')
    const result = read(lines.flatMap((line) => [line, line]).join('\n'))
    expect(result.problems.length).toBeLessThanOrEqual(400)
  })
})

describe('XML', () => {
  const bomb = `<?xml version="1.0"?>
<!DOCTYPE plist [
<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;">
]>
<plist version="1.0"><dict><key>PayloadContent</key><string>&c;</string></dict></plist>`

  it('expands no entities', () => {
    expect(within(1000, () => problems(bomb))).toEqual([
      'The XML cannot be read: line 4: it declares entities of its own, which no profile needs',
    ])
  })

  it('reads no other file', () => {
    const external = '<!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/hostname">]><VPNProfile>&f;</VPNProfile>'
    expect(problems(external)[0]).toMatch(/declares entities/)
    // An entity that nobody declared stays a text and is told.
    const result = read('<VPNProfile><NativeProfile><Servers>&f;</Servers></NativeProfile></VPNProfile>')
    expect(result.problems[0]?.problem).toMatch(/undefined entity/)
  })

  it('may be nested ten thousand deep', () => {
    const deep = `${'<a>'.repeat(10_000)}${'</a>'.repeat(10_000)}`
    expect(within(2000, () => problems(deep))[0]).toMatch(/nested deeper/)
    const arrays = `<plist version="1.0">${'<array>'.repeat(10_000)}</plist>`
    expect(within(2000, () => problems(arrays))[0]).toMatch(/nested deeper/)
  })

  it('may have a quarter of a million elements', () => {
    expect(within(5000, () => problems(`<a>${'<b/>'.repeat(200_000)}</a>`))[0]).toMatch(/more elements/)
  })

  it('may be nothing but mistakes', () => {
    within(5000, () => problems(`<a>${'</b>'.repeat(200_000)}`))
    within(5000, () => problems(`<${'a '.repeat(300_000)}`))
  })

  it.each(['constructor', '__proto__', 'hasOwnProperty', 'toString'])('may have a key called %s', (key) => {
    const text = `<plist version="1.0"><dict><key>PayloadContent</key><array><dict><key>${key}</key><string>x</string><key>PayloadType</key><string>${key}</string></dict></array></dict></plist>`
    expect(problems(text)).toContain('There is no VPN in this profile')
    expect(problems(`[connection]\nid=x\n[vpn]\nservice-type=${key}\n${key}=1\n`).length).toBeGreaterThan(0)
  })
})

describe('binary property lists', () => {
  /** An array that holds itself. */
  const circle = (): Uint8Array => {
    const trailer = Buffer.alloc(32)
    trailer.writeUInt8(1, 6)
    trailer.writeUInt8(1, 7)
    trailer.writeBigUInt64BE(1n, 8)
    trailer.writeBigUInt64BE(10n, 24)
    return Uint8Array.from(
      Buffer.concat([
        Buffer.from('bplist00'),
        Buffer.from([0xa1, 0]),
        Buffer.from([8]),
        Buffer.alloc(0),
        trailer,
      ]),
    )
  }

  it('may refer to themselves', () => {
    expect(within(1000, () => problems(circle()))[0]).toMatch(/byte 8: objects are nested deeper/)
  })

  it('may refer to one object a billion times', () => {
    // Ten arrays, each with 255 times the next one.
    const objects: Buffer[] = []
    for (let index = 0; index < 10; index += 1) {
      objects.push(Buffer.concat([Buffer.from([0xaf, 0x10, 255]), Buffer.alloc(255, index + 1)]))
    }
    objects.push(Buffer.from([0x51, 0x61]))
    const offsets = Buffer.alloc(22)
    let at = 8
    for (const [index, object] of objects.entries()) {
      offsets.writeUInt16BE(at, index * 2)
      at += object.length
    }
    const trailer = Buffer.alloc(32)
    trailer.writeUInt8(2, 6)
    trailer.writeUInt8(1, 7)
    trailer.writeBigUInt64BE(11n, 8)
    trailer.writeBigUInt64BE(BigInt(at), 24)
    const bytes = Uint8Array.from(Buffer.concat([Buffer.from('bplist00'), ...objects, offsets, trailer]))
    expect(within(3000, () => problems(bytes))[0]).toMatch(/refer to each other too often/)
  })
})

describe('enormous files', () => {
  it('of a hundred megabytes are refused at once', async () => {
    const bytes = new Uint8Array(100_000_000).fill(0x5b)
    const before = performance.now()
    expect((await importBytes({ name: 'x', bytes })).problems).toMatchObject([
      { problem: 'The file is larger than any profile' },
    ])
    expect(performance.now() - before).toBeLessThan(500)
  })

  it.each([
    ['sections', '[a]\n'],
    ['keys', '[connection]\na=1\n'],
    ['a line', '[connection] '],
    ['conns', 'conn a\n  also=a\n'],
    ['quotes', 'conn x\n  a="'],
    ['brackets', '{[('],
    ['equal signs', '='],
    ['spaces', '[vpn]\n a '],
    ['secrets', 'conn x\n : PSK "'],
  ])('of a megabyte of %s do not hang', (_what, piece) => {
    const text = piece.repeat(Math.floor(1_000_000 / piece.length))
    const result = within(5000, () => read(text))
    expect(result.profiles).toEqual([])
    expect(result.problems.length).toBeGreaterThan(0)
    expect(result.problems.length).toBeLessThanOrEqual(401)
  })
})

describe('scripts', () => {
  it.each([
    ['strongswan.ipsec.conf', 'leftupdown'],
    ['cisco.pcf', 'ISPCommand'],
    ['forticlient.xml', 'on_connect'],
  ])('in %s are reported (%s), never run', (name, key) => {
    const text = fixtureText(name).replace(/^\tcacert=.*$/m, '')
    const result = importProfile({ name, bytes: bytesOf(text), files: new Map() })
    const told = result.problems.filter(({ where, level }) => where.includes(key) && level === 'warning')
    expect(told).toHaveLength(1)
  })
})
