import { chmodSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createKeyring } from '../../src-main/app/keyring.ts'
import { createLog } from '../../src-main/app/log.ts'
import { createPassingStore, createSecretStore } from '../../src-main/app/secret-store.ts'
import type { SecretStore } from '../../src-main/app/secret-store.ts'
import type { QuestionText } from '../../src-main/app/secrets.ts'
import { secretsOf } from '../../src-main/app/secrets.ts'
import { VpnError } from '../../src-shared/errors.ts'
import type { Profile } from '../../src-shared/profile.ts'
import { Secret } from '../../src-shared/secret.ts'
import { sampleProfile } from '../profiles/sample-profile.ts'
import { bytesOf, textOf } from '../profiles/throwaway-pki.ts'

let root: string
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'culvert-secrets-'))
})
afterEach(() => rmSync(root, { recursive: true }))

const secretId = '11111111-2222-8333-8444-555555555555'
const nobody = () => Promise.reject(new VpnError('secret-missing', { what: 'It' }))

const withPassword = (password: object): Profile =>
  sampleProfile({ local: { authentication: { method: 'eap', username: 'maria', password } } })

describe('a secret', () => {
  it('does not print itself in any of the usual ways', () => {
    const secret = new Secret(bytesOf('hunter2'))
    const error = new VpnError('internal', { problem: String(secret) })
    const printed = [
      String(secret),
      JSON.stringify({ secret }),
      inspect({ secret }),
      inspect(secret),
      error.message,
    ]
    for (const text of printed) expect(text).not.toMatch(/hunter2|104|Uint8Array/)
    expect(Object.keys(secret)).toEqual([])
  })

  it('is zeros once wiped, and says so when used again', () => {
    const bytes = bytesOf('hunter2')
    const secret = new Secret(bytes)
    secret.wipe()
    expect([...bytes]).toEqual([0, 0, 0, 0, 0, 0, 0])
    expect(() => secret.reveal()).toThrow(RangeError)
  })
})

describe('where secrets come from', () => {
  const sources = (store: SecretStore, ask: (question: QuestionText) => Promise<Secret> = nobody) => {
    const log = createLog({})
    return { log, parts: { store, ask, log: log.log, baseDirectory: root } }
  }
  const none = createPassingStore([])

  it('reads one line from a file, and warns when others can read it', async () => {
    writeFileSync(join(root, 'pw'), 'hunter2\n', { mode: 0o600 })
    const { log, parts } = sources(none)
    const secrets = secretsOf(withPassword({ from: 'file', path: 'pw' }), parts)
    expect(textOf(await secrets.fetch('password'))).toBe('hunter2')
    expect(log.lines()).toEqual([])
    chmodSync(join(root, 'pw'), 0o644)
    await secretsOf(withPassword({ from: 'file', path: join(root, 'pw') }), parts).fetch('password')
    expect(log.lines()).toMatchObject([{ level: 'warn', area: 'secrets' }])
  })

  it.each([
    ['missing', undefined, /there is no such file/],
    ['empty', '', /one line/],
    ['of several lines, like a key or a diary', 'a\nb\n', /one line/],
    ['too large', 'x'.repeat(5000), /larger than/],
  ])('refuses a password file that is %s', async (_what, content, problem) => {
    if (content !== undefined) writeFileSync(join(root, 'pw'), content)
    const secrets = secretsOf(withPassword({ from: 'file', path: 'pw' }), sources(none).parts)
    await expect(secrets.fetch('password')).rejects.toMatchObject({
      code: 'secret-missing',
      details: { advice: expect.stringMatching(problem) as unknown },
    })
  })

  it('asks the person once for two at a time, and anew after a refusal', async () => {
    const asked: string[] = []
    const { parts } = sources(none, ({ text }) => {
      asked.push(text)
      return Promise.resolve(new Secret(bytesOf(`answer ${asked.length}`)))
    })
    const secrets = secretsOf(sampleProfile(), parts)
    const [first, second] = await Promise.all([secrets.fetch('password'), secrets.fetch('password')])
    expect([textOf(first), textOf(second)]).toEqual(['answer 1', 'answer 1'])
    first.fill(0)
    expect(textOf(await secrets.fetch('password'))).toBe('answer 1')
    secrets.refused()
    expect(textOf(await secrets.fetch('password'))).toBe('answer 2')
  })

  it('never keeps a one-time code', async () => {
    let count = 0
    const { parts } = sources(none, () => Promise.resolve(new Secret(bytesOf(String(++count)))))
    const secrets = secretsOf(sampleProfile(), parts)
    expect([
      textOf(await secrets.fetch('one-time-code')),
      textOf(await secrets.fetch('one-time-code')),
    ]).toEqual(['1', '2'])
  })

  it('does not ask anyone to type a private key', async () => {
    const profile = sampleProfile({
      local: {
        authentication: { method: 'certificate', certificates: [], key: { from: 'store', id: secretId } },
      },
    })
    await expect(secretsOf(profile, sources(none).parts).fetch('key')).rejects.toMatchObject({
      code: 'secret-missing',
    })
  })

  it("gives no profile another's stored secret", async () => {
    const store = createPassingStore([
      { id: 'x', profileId: 'another', value: new Secret(bytesOf('theirs')) },
    ])
    const secrets = secretsOf(withPassword({ from: 'store', id: 'x' }), sources(store).parts)
    await expect(secrets.fetch('password')).rejects.toMatchObject({ code: 'secret-missing' })
  })
})

describe('the secret store', () => {
  const profileId = sampleProfile().id
  const entry = (encrypted: boolean) => ({
    id: secretId,
    profileId,
    label: 'Culvert',
    encrypted,
    value: new Secret(bytesOf('some secret bytes')),
  })

  it('puts nothing on the disk that does not protect itself', async () => {
    const store = createSecretStore(join(root, 'keys'), undefined)
    expect(await store.keep(entry(false))).toBe('not-kept')
    expect(readdirSync(root)).toEqual([])
    expect(await store.fetch(profileId, secretId)).toBeUndefined()
  })

  it('keeps encrypted keys for their owner alone until the profile goes', async () => {
    const store = createSecretStore(join(root, 'keys'), undefined)
    expect(await store.keep(entry(true))).toBe('key-file')
    const path = join(root, 'keys', profileId, `${secretId}.key`)
    expect(statSync(path).mode & 0o777).toBe(0o600)
    expect(textOf((await store.fetch(profileId, secretId))!.reveal())).toBe('some secret bytes')
    expect(await store.fetch('../..', 'passwd')).toBeUndefined()
    await store.forget(profileId)
    expect(readdirSync(join(root, 'keys'))).toEqual([])
  })

  it('hands other secrets to the keyring by its standard input, never by its arguments', async () => {
    const calls: { argv: readonly string[]; input?: string }[] = []
    let stored = ''
    const keyring = createKeyring(
      (argv, { input }) => {
        calls.push({ argv, ...(input === undefined ? {} : { input }) })
        if (argv[1] === 'store') stored = input ?? ''
        return Promise.resolve({ stdout: argv[1] === 'lookup' ? stored : '' })
      },
      { DBUS_SESSION_BUS_ADDRESS: 'unix:path=/run/user/1000/bus' },
    )
    const store = createSecretStore(join(root, 'keys'), keyring)
    expect(await store.keep(entry(false))).toBe('keyring')
    expect(textOf((await store.fetch(profileId, secretId))!.reveal())).toBe('some secret bytes')
    await store.forget(profileId)
    expect(calls.map(({ argv }) => argv.slice(0, 2))).toEqual([
      ['secret-tool', 'store'],
      ['secret-tool', 'lookup'],
      ['secret-tool', 'clear'],
    ])
    const arguments_ = calls.flatMap(({ argv }) => argv).join(' ')
    expect(arguments_).not.toContain('some secret bytes')
    expect(arguments_).not.toContain(Buffer.from('some secret bytes').toString('base64'))
  })

  it('says that a keyring which fails or is not there keeps nothing', async () => {
    const failing = createKeyring(() => Promise.reject(new Error('locked')), {
      DBUS_SESSION_BUS_ADDRESS: 'x',
    })
    expect(await createSecretStore(root, failing).keep(entry(false))).toBe('not-kept')
    expect(createKeyring(() => Promise.reject(new Error('never called')), {})).toBeUndefined()
  })
})

describe('the log', () => {
  it('keeps words and numbers, hides what is named like a secret, and cannot be steered', () => {
    const file = join(root, 'culvert.log')
    const log = createLog({ file, now: () => 5, level: 'info' })
    log.log('info', 'ike', 'sent \u001b[2J', {
      spi: 'c0ffee',
      length: 12,
      password: 'hunter2',
      sharedSecret: 'x',
      monkey: 'fine',
    })
    log.log('debug', 'ike', 'not kept')
    log.close()
    const line = { at: 5, level: 'info', area: 'ike', message: 'sent \uFFFD[2J' }
    const fields = {
      spi: 'c0ffee',
      length: 12,
      password: '[hidden]',
      sharedSecret: '[hidden]',
      monkey: 'fine',
    }
    expect(log.lines()).toEqual([{ ...line, fields }])
    expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual({ ...line, fields })
    expect(statSync(file).mode & 0o777).toBe(0o600)
  })

  it('turns the file over before it fills the memory disk', () => {
    const file = join(root, 'culvert.log')
    writeFileSync(file, 'x'.repeat(1_048_580))
    const log = createLog({ file })
    log.log('info', 'a', 'first')
    log.close()
    expect(readdirSync(root).sort()).toEqual(['culvert.log', 'culvert.log.1'])
    expect(readFileSync(file, 'utf8')).toContain('first')
  })
})
