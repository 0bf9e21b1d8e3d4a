/** `culvert certificates`. */
import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { issue, pem } from '../fakes/certificates.ts'
import { sampleProfile } from '../profiles/sample-profile.ts'
import type { ThrowawayPki } from '../profiles/throwaway-pki.ts'
import { makeThrowawayPki, textOf } from '../profiles/throwaway-pki.ts'
import type { FakeWorld } from './fake-world.ts'
import { fakeWorld } from './fake-world.ts'

let pki: ThrowawayPki
let world: FakeWorld
beforeAll(() => {
  pki = makeThrowawayPki()
})
beforeEach(() => {
  world = fakeWorld()
})
afterEach(() => world.dispose())

const write = (name: string, content: string | Uint8Array): string => {
  const path = join(world.root, name)
  writeFileSync(path, content)
  return path
}
const idOf = (out: string): string => /certificate:([\da-f-]{36})/.exec(out)?.[1] ?? ''

describe('culvert certificates', () => {
  it('keeps an authority, shows it and forgets it', async () => {
    expect(await world.culvert('certificates')).toBe(0)
    expect(world.read().out).toMatch('There are no certificates yet')
    expect(await world.culvert('certificates', 'add', write('ca.pem', pki.authority))).toBe(0)
    const id = idOf(world.read().out)
    expect(await world.culvert('certificates', 'list')).toBe(0)
    expect(world.read().out).toMatch(/^Test CA {2}trusted {2}until \d{4}-\d\d-\d\d\n$/)
    expect(await world.culvert('certificates', 'show', 'test ca', '--json')).toBe(0)
    expect(JSON.parse(world.read().out)).toMatchObject({ id, kind: 'trusted', validity: 'valid', usedBy: [] })
    expect(await world.culvert('certificates', 'remove', 'Test CA')).toBe(0)
    expect(await world.culvert('certificates', 'show', 'Test CA')).toBe(2)
  })

  it('asks for the password of a PKCS#12 file, and keeps the file as it came', async () => {
    world.typing = ['wrong', 'secret']
    expect(await world.culvert('certificates', 'add', write('maria.p12', pki.pkcs12))).toBe(0)
    expect(world.asked).toEqual(['Password of maria.p12', 'Password of maria.p12'])
    const { out } = world.read()
    expect(out).toMatch('Kept maria to log in with')
    const id = idOf(out)
    expect(readFileSync(join(world.root, 'data/culvert/keys', id, `${id}.key`))).toEqual(
      Buffer.from(pki.pkcs12),
    )
  })

  it('protects a key that has no password, where there is no keyring', async () => {
    world.typing = ['long enough', 'long enough']
    const files = [write('client.pem', pki.client), write('client.key', pki.clientKey)]
    expect(await world.culvert('certificates', 'add', ...files)).toBe(0)
    expect(world.asked).toEqual(['Password for the private key', 'The same once more'])
    const id = idOf(world.read().out)
    const key = readFileSync(join(world.root, 'data/culvert/keys', id, `${id}.key`), 'utf8')
    expect(key).toMatch('ENCRYPTED PRIVATE KEY')
    world.typing = undefined
    expect(await world.culvert('certificates', 'add', ...files)).toBe(2)
  })

  it('does not forget what a profile uses, unless told so', async () => {
    await world.culvert('certificates', 'add', write('ca.pem', pki.authority))
    const id = idOf(world.read().out)
    const authentication = { method: 'certificate', authorities: [`certificate:${id}`] }
    const file = write('office.json', JSON.stringify(sampleProfile({ remote: { authentication } })))
    expect(await world.culvert('import', file)).toBe(0)
    expect(await world.culvert('certificates', 'remove', 'Test CA')).toBe(2)
    expect(world.read().err).toMatch('Test CA is used by Office')
    // What goes out has the certificate in it: nobody else knows the id.
    expect(await world.culvert('export', 'Office')).toBe(0)
    expect(JSON.parse(world.read().out)).toMatchObject({
      remote: { authentication: { authorities: [textOf(pki.authority)] } },
    })
    expect(await world.culvert('certificates', 'remove', 'Test CA', '--force')).toBe(0)
    expect(await world.culvert('export', 'Office')).toBe(3)
    expect(existsSync(join(world.root, 'config/culvert/certificates'))).toBe(true)
    expect(readdirSync(join(world.root, 'config/culvert/certificates'))).toEqual([])
  })

  it('says in list and doctor what ends within 30 days', async () => {
    const now = Date.now()
    const day = 86_400_000
    const soon = pem(issue({ subject: 'CN=Soon', from: now - day, until: now + 12.5 * day }).der)
    await world.culvert('certificates', 'add', write('soon.pem', soon))
    const id = idOf(world.read().out)
    const authentication = { method: 'certificate', authorities: [`certificate:${id}`] }
    await world.culvert(
      'import',
      write('office.json', JSON.stringify(sampleProfile({ remote: { authentication } }))),
    )
    world.read()
    await world.culvert('certificates')
    expect(world.read().out).toMatch(/^Soon {2}trusted {2}ends in 12 days \(.*\) {2}!/)
    await world.culvert('list')
    expect(world.read().err).toMatch(/^! Office: the certificate of Soon ends in 12 days/)
    expect(await world.culvert('doctor')).toBe(0)
    expect(world.read().out).toMatch(/! certificates {2}Soon ends in 12 days/)
  })
})
