/** Keys on a token, with SoftHSM as the token. */
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { createVerifyingKey } from '../../../src-main/host/crypto/signatures.ts'
import { ecdsaDer } from '../../../src-main/host/pkcs11/token-key.ts'
import { listTokens, openTokenKey, parseTokenUri } from '../../../src-main/host/pkcs11/token.ts'
import { parseCertificate } from '../../../src-main/pki/certificate.ts'
import { readPublicKey } from '../../../src-main/pki/public-key.ts'
import type { KeyType, SignatureScheme } from '../../../src-main/ports.ts'

const isThere = existsSync('/usr/bin/softhsm2-util') && existsSync('/usr/bin/pkcs11-tool')
const title = isThere ? 'a token' : 'a token (skipped: apt-get install softhsm2 opensc)'

describe('a PKCS#11 URI', () => {
  it('names token, object and id', () => {
    expect(parseTokenUri('pkcs11:token=My%20card;object=maria;id=%01%aB;type=cert')).toEqual({
      ok: true,
      value: { token: 'My card', object: 'maria', id: Uint8Array.of(1, 0xab) },
    })
  })

  it('never names a module, and always an object', () => {
    expect(parseTokenUri('pkcs11:object=x;module-path=/tmp/evil.so')).toMatchObject({ ok: false })
    expect(parseTokenUri('pkcs11:object=x?module-path=/tmp/evil.so')).toMatchObject({ ok: false })
    expect(parseTokenUri('pkcs11:token=x')).toMatchObject({ ok: false })
  })
})

it('an ECDSA signature of two numbers becomes DER', () => {
  expect(Buffer.from(ecdsaDer(Uint8Array.of(0, 1, 0x80, 2))).toString('hex')).toBe(
    '3008020101020300 8002'.replace(' ', ''),
  )
})

describe.skipIf(!isThere)(title, () => {
  const folder = mkdtempSync(join(tmpdir(), 'culvert-token-'))
  afterAll(() => rmSync(folder, { recursive: true }))
  mkdirSync(join(folder, 'tokens'))
  writeFileSync(
    join(folder, 'softhsm2.conf'),
    `directories.tokendir = ${join(folder, 'tokens')}\nobjectstore.backend = file\nlog.level = ERROR\n`,
  )
  const environment = { ...process.env, SOFTHSM2_CONF: join(folder, 'softhsm2.conf') }
  process.env['SOFTHSM2_CONF'] = environment.SOFTHSM2_CONF
  const run = (...argv: readonly string[]) => {
    const [program = '', ...rest] = argv
    execFileSync(program, rest, { cwd: folder, stdio: 'pipe', env: environment })
  }
  if (isThere) {
    run(
      'softhsm2-util',
      '--init-token',
      '--free',
      '--label',
      'My card',
      '--so-pin',
      '12345678',
      '--pin',
      '4711',
    )
    for (const [id, name, ...key] of [
      ['01', 'rsa', '-newkey', 'rsa:2048'],
      ['02', 'p256', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256'],
      ['03', 'p384', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-384'],
    ] as const) {
      run(
        'openssl',
        'req',
        '-x509',
        ...key,
        '-nodes',
        '-keyout',
        `${name}.key`,
        '-out',
        `${name}.pem`,
        '-subj',
        `/CN=${name}`,
      )
      run('openssl', 'x509', '-in', `${name}.pem`, '-outform', 'DER', '-out', `${name}.der`)
      run('openssl', 'pkcs8', '-topk8', '-nocrypt', '-in', `${name}.key`, '-out', `${name}.p8`)
      run(
        'softhsm2-util',
        '--import',
        `${name}.p8`,
        '--token',
        'My card',
        '--label',
        name,
        '--id',
        id,
        '--pin',
        '4711',
      )
      const module = '/usr/lib/softhsm/libsofthsm2.so'
      run(
        'pkcs11-tool',
        '--module',
        module,
        '--token-label',
        'My card',
        '-l',
        '-p',
        '4711',
        '-w',
        `${name}.der`,
        '-y',
        'cert',
        '-a',
        name,
        '-d',
        id,
      )
    }
  }
  const typeOf = (der: Uint8Array): KeyType | undefined => {
    const parsed = parseCertificate(der)
    const key = parsed.ok ? readPublicKey(parsed.value.spki) : undefined
    return key?.ok === true ? key.value.type : undefined
  }
  const open = (object: string, pin = '4711') =>
    openTokenKey({ token: 'My card', object }, Buffer.from(pin), typeOf)

  it('shows its certificates without a PIN', () => {
    expect(
      listTokens()
        .map(({ uri }) => uri)
        .toSorted(),
    ).toEqual([
      'pkcs11:token=My%20card;id=%01',
      'pkcs11:token=My%20card;id=%02',
      'pkcs11:token=My%20card;id=%03',
    ])
  })

  it.each<[string, readonly SignatureScheme[]]>([
    [
      'rsa',
      [
        ...(['sha1', 'sha256', 'sha384', 'sha512'] as const).map(
          (hash) => ({ kind: 'rsa-pkcs1', hash }) as const,
        ),
        { kind: 'rsa-pss', hash: 'sha256', saltLength: 32 },
        { kind: 'rsa-pss', hash: 'sha512', saltLength: 64 },
        { kind: 'rsa-pkcs1-unnamed' },
      ],
    ],
    [
      'p256',
      [
        { kind: 'ecdsa', hash: 'sha256', encoding: 'der' },
        { kind: 'ecdsa', hash: 'sha256', encoding: 'raw' },
        { kind: 'ecdsa-prehashed' },
      ],
    ],
    ['p384', [{ kind: 'ecdsa', hash: 'sha384', encoding: 'der' }]],
  ])('signs with its %s key', (object, schemes) => {
    const opened = open(object)
    if (!opened.ok) throw new Error(opened.error)
    const { key, certificates, close } = opened.value
    const parsed = parseCertificate(certificates[0] ?? new Uint8Array(0))
    if (!parsed.ok) throw new Error(parsed.error)
    const verifying = createVerifyingKey(parsed.value.spki)
    for (const scheme of schemes)
      for (let round = 0; round < 4; round += 1) {
        const data = Buffer.alloc(32, round)
        expect(verifying?.verify(scheme, data, key.sign(scheme, data)), JSON.stringify(scheme)).toBe(true)
      }
    expect(() => key.sign({ kind: 'ed25519' }, new Uint8Array(1))).toThrow(TypeError)
    close()
  })

  it('says what is wrong', () => {
    expect(open('nobody')).toEqual({ ok: false, error: 'not-found' })
    expect(open('rsa', '0000')).toEqual({ ok: false, error: 'wrong-pin' })
    expect(openTokenKey({ token: 'Other', object: 'rsa' }, Buffer.from('4711'), typeOf)).toEqual({
      ok: false,
      error: 'not-found',
    })
    expect(openTokenKey({ object: 'rsa' }, Buffer.from('4711'), () => undefined)).toEqual({
      ok: false,
      error: 'unsupported-key',
    })
  })
})
