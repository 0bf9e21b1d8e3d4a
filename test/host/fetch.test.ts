/** Questions over HTTP: whom they go to, how long they take, how much is read. */
import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { createAnswerCache } from '../../src-main/host/answer-cache.ts'
import { createFetch } from '../../src-main/host/fetch.ts'
import { epochMillis, millis } from '../../src-shared/brands.ts'
import { startResponder } from '../fakes/revocation.ts'
import type { Answering, Responder } from '../fakes/revocation.ts'

const running: Responder[] = []
afterEach(async () => {
  for (const one of running.splice(0)) await one.close()
})
const start = async (answer: Answering): Promise<string> => {
  const responder = await startResponder(answer)
  running.push(responder)
  return responder.url
}
const limits = { mostBytes: 1000, limit: millis(400) }
const here = createFetch({ allowLoopback: true })
const ask = async (url: string, fetch = here) => {
  const result = await fetch({ url, ...limits })
  return result.ok ? Buffer.from(result.value).toString() : result.error
}

describe('a question', () => {
  it('is answered by what the server gives', async () => {
    const url = await start((body, request) =>
      Buffer.from(`${request.method} ${Buffer.from(body).toString()}`),
    )
    expect(await ask(url)).toBe('GET ')
    const posted = await here({
      url,
      ...limits,
      body: { type: 'text/plain', bytes: Buffer.from('question') },
    })
    expect(posted.ok && Buffer.from(posted.value).toString()).toBe('POST question')
  })

  it('carries nothing about who asks', async () => {
    let headers: readonly string[] = []
    const url = await start((_body, request) => {
      headers = Object.keys(request.headers).toSorted()
      return new Uint8Array(1)
    })
    await ask(url)
    expect(headers).toEqual(['connection', 'host', 'user-agent'])
  })

  it.each([
    ['https://ca.example.org/', 'it is to be asked over https, not http'],
    ['ldap://ca.example.org/cn=ca', 'it is to be asked over ldap, not http'],
    ['file:///etc/passwd', 'it is to be asked over file, not http'],
    ['http://user:password@ca.example.org/', 'its address has a password in it'],
    ['ca.example.org', 'its address cannot be read'],
    ['http://127.0.0.1/', 'its address is not one of an authority'],
    ['http://2130706433/', 'its address is not one of an authority'],
    ['http://[::1]/', 'its address is not one of an authority'],
    ['http://[::ffff:127.0.0.1]/', 'its address is not one of an authority'],
    ['http://localhost/', 'its address is not one of an authority'],
    ['http://169.254.169.254/latest/', 'its address is not one of an authority'],
    ['http://0.0.0.0/', 'its address is not one of an authority'],
    ['http://[fe80::1]/', 'its address is not one of an authority'],
    ['http://224.0.0.1/', 'its address is not one of an authority'],
  ])('does not go to %s', async (url, problem) => {
    expect(await ask(url, createFetch())).toBe(problem)
  })

  it('follows no redirect', async () => {
    let asked = 0
    const url = await start((_body, request, response) => {
      asked += 1
      response.writeHead(301, { location: `http://${request.headers.host ?? ''}/elsewhere` })
      return new Uint8Array(0)
    })
    expect(await ask(url)).toBe('it answered with the HTTP status 301')
    expect(asked).toBe(1)
  })

  it('reads no more than it should', async () => {
    expect(await ask(await start(() => new Uint8Array(1001)))).toBe('its answer is too large')
    const chunked = await start((_body, _request, response) => {
      response.write(new Uint8Array(600))
      response.write(new Uint8Array(600))
      return new Uint8Array(0)
    })
    expect(await ask(chunked)).toBe('its answer is too large')
  })

  it('ends in time when the server is silent or drips', async () => {
    const silent = await start(() => undefined)
    const started = performance.now()
    expect(await ask(silent)).toBe('no answer within 0.4 s')
    const drips = await start((_body, _request, response) => {
      const timer = setInterval(() => response.write('x'), 20)
      response.on('close', () => clearInterval(timer))
      return undefined
    })
    expect(await ask(drips)).toBe('no answer within 0.4 s')
    expect(performance.now() - started).toBeLessThan(1500)
  })

  it('says why nobody could be reached', async () => {
    expect(await ask('http://127.0.0.1:1/')).toBe('it cannot be reached (ECONNREFUSED)')
    const broken = await start((_body, request) => {
      request.socket.destroy()
      return undefined
    })
    expect(await ask(broken)).toMatch('it cannot be reached')
  })
})

describe('answers that are kept', () => {
  const folder = mkdtempSync(join(tmpdir(), 'culvert-answers-'))
  afterEach(() => rmSync(folder, { recursive: true, force: true }))
  const log = () => undefined
  const bytes = Uint8Array.of(1, 2, 3)
  const at = epochMillis(Date.now())
  const later = epochMillis(at + 10_000)

  it('outlive the process, until they run out', async () => {
    const directory = join(folder, 'cache', 'revocation')
    await createAnswerCache(directory, log).put('key', bytes, later)
    const next = createAnswerCache(directory, log)
    expect(await next.get('key', at)).toEqual(bytes)
    expect(await next.get('other', at)).toBeUndefined()
    expect(await next.get('key', epochMillis(later + 1))).toBeUndefined()
  })

  it('lie where nobody else looks, under names that say nothing', async () => {
    const directory = join(folder, 'revocation')
    await createAnswerCache(directory, log).put('http://ca.example.org/', bytes, later)
    expect(statSync(directory).mode & 0o777).toBe(0o700)
    expect(readdirSync(directory)).toEqual([expect.stringMatching(/^[\da-f]{64}\.answer$/)])
  })

  it('are swept once they have run out', async () => {
    const directory = join(folder, 'revocation')
    await createAnswerCache(directory, log).put('old', bytes, epochMillis(at - 1))
    writeFileSync(join(directory, 'not-ours'), '')
    writeFileSync(join(directory, `${'0'.repeat(64)}.answer`), 'short')
    await createAnswerCache(directory, log).put('new', bytes, later)
    expect(readdirSync(directory).toSorted()).toHaveLength(2)
    expect(readdirSync(directory)).toContain('not-ours')
  })

  it('are simply not there where nothing can be written', async () => {
    const nowhere = join(folder, 'file', 'revocation')
    mkdirSync(folder, { recursive: true })
    writeFileSync(join(folder, 'file'), '')
    const cache = createAnswerCache(nowhere, log)
    await cache.put('key', bytes, later)
    // In memory they are.
    expect(await cache.get('key', at)).toEqual(bytes)
    expect(await createAnswerCache(nowhere, log).get('key', at)).toBeUndefined()
  })
})
