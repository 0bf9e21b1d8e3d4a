/** Whether a gateway's chain is revoked, asked of responders that this test runs: good ones, bad ones and none. */
import { afterEach, describe, expect, it } from 'vitest'
import { createFetch } from '../../src-main/host/fetch.ts'
import { createRevocation } from '../../src-main/pki/revocation.ts'
import type { RevocationMode } from '../../src-main/pki/revocation.ts'
import { createTrust } from '../../src-main/pki/trust.ts'
import type { AnswerCache } from '../../src-main/ports.ts'
import { epochMillis, millis } from '../../src-shared/brands.ts'
import {
  AUTHORITY,
  NOW,
  SERVER_AUTH,
  authority,
  constraints,
  dns,
  gateway,
  issue,
  purposes,
  san,
  usage,
} from '../fakes/certificates.ts'
import type { Extension, Holder } from '../fakes/certificates.ts'
import {
  listPlaces,
  lists,
  ocspAnswer,
  ocspRefusal,
  responders,
  revocationList,
  serialOf,
  startResponder,
} from '../fakes/revocation.ts'
import type { AnswerWish, Answering, ListWish, Responder } from '../fakes/revocation.ts'
import { PointerId } from '../../src-main/pki/revocation-pointers.ts'

const HOUR = 3_600_000
const OCSP_SIGNING = '2b06010505070309'
const root = authority('CN=Example Root')
const stranger = authority('CN=Stranger')

const running: Responder[] = []
afterEach(async () => {
  for (const one of running.splice(0)) await one.close()
})
const start = async (answer: Answering): Promise<Responder> => {
  const responder = await startResponder(answer)
  running.push(responder)
  return responder
}

/** A gateway's certificate with these pointers. */
const gatewayWith = (...pointers: readonly Extension[]): Holder =>
  gateway(root, {
    extensions: [usage(0), purposes(SERVER_AUTH), san(dns('vpn.example.org')), ...pointers],
  })

function memoryCache(): AnswerCache & { readonly size: () => number } {
  const kept = new Map<string, { readonly bytes: Uint8Array; readonly until: number }>()
  return {
    get: (key, now) => {
      const found = kept.get(key)
      return Promise.resolve(found !== undefined && found.until >= now ? found.bytes : undefined)
    },
    put: (key, bytes, until) => {
      kept.set(key, { bytes, until })
      return Promise.resolve()
    },
    size: () => kept.size,
  }
}

interface World {
  readonly mode: RevocationMode
  readonly cache?: AnswerCache
  readonly trusted?: Holder
  readonly identity?: string
  readonly warnings?: string[]
  readonly check?: ReturnType<typeof createRevocation>
  readonly at?: number
}

const checker = (cache: AnswerCache = memoryCache(), warnings: string[] = []) =>
  createRevocation({
    fetch: createFetch({ allowLoopback: true }),
    cache,
    clock: { monotonic: () => millis(performance.now()) },
    random: { bytes: (length) => crypto.getRandomValues(new Uint8Array(length)) },
    log: (level, _area, _message, fields) => {
      if (level === 'warn') warnings.push(String(fields?.['problem']))
    },
  })

async function outcome(chain: readonly Holder[], world: World): Promise<string> {
  const check = world.check ?? checker(world.cache, world.warnings)
  const trust = await createTrust({
    authorities: [(world.trusted ?? root).der],
    revocation: { mode: world.mode, check },
  })
  const result = await trust.verify({
    certificates: chain.map(({ der }) => der),
    identity: { kind: 'fqdn', name: world.identity ?? 'vpn.example.org' },
    role: 'gateway',
    at: epochMillis(world.at ?? NOW),
  })
  return result.ok ? 'trusted' : `${result.error.code}: ${result.error.details['check'] ?? ''}`
}

/** What comes of an OCSP answer, strictly and when reachable. */
async function withAnswer(wish: Partial<AnswerWish>): Promise<readonly string[]> {
  const responder = await start((body) => ocspAnswer(body, { issuer: root, ...wish }))
  const holder = gatewayWith(responders(responder.url))
  const said = [
    await outcome([holder], { mode: 'strict' }),
    await outcome([holder], { mode: 'when-reachable' }),
  ]
  return said.map((one) => one.replaceAll(responder.url, 'URL'))
}

/** Only the strict one minds: a network could have swallowed the answer as well. */
const undetermined = (problem: string): readonly string[] => [
  `certificate-revocation-unknown: the responder URL: ${problem}`,
  'trusted',
]

describe('OCSP', () => {
  it('lets a good certificate pass', async () => {
    expect(await withAnswer({})).toEqual(['trusted', 'trusted'])
    expect(await withAnswer({ byKey: true, nonce: 'none' })).toEqual(['trusted', 'trusted'])
  })

  it('refuses a revoked one, with the day and the reason', async () => {
    const said = 'certificate-revoked: it was revoked on 2026-11-22T23:00:00Z'
    expect(await withAnswer({ status: 'revoked' })).toEqual([said, said])
    const withReason = `${said}: its key was compromised`
    expect(await withAnswer({ status: 'revoked', reason: 1 })).toEqual([withReason, withReason])
  })

  it('refuses one that its own authority does not know', async () => {
    const said = 'certificate-revocation-unknown: its authority does not know it'
    expect(await withAnswer({ status: 'unknown' })).toEqual([said, said])
  })

  it('believes a signer whom the authority has appointed', async () => {
    const delegate = issue({
      subject: 'CN=Responder',
      by: root,
      extensions: [usage(0), purposes(OCSP_SIGNING)],
    })
    expect(await withAnswer({ by: delegate, certificates: [delegate] })).toEqual(['trusted', 'trusted'])
    expect(await withAnswer({ by: delegate, certificates: [stranger, delegate], byKey: true })).toEqual([
      'trusted',
      'trusted',
    ])
    expect(await withAnswer({ by: delegate, certificates: [delegate], status: 'revoked' })).toEqual([
      expect.stringMatching('certificate-revoked'),
      expect.stringMatching('certificate-revoked'),
    ])
    expect(await withAnswer({ by: delegate })).toEqual(undetermined('nobody knows who signed it'))
  })

  it.each<[string, Partial<AnswerWish>, string]>([
    ['forged', { key: stranger.key }, 'its signature is wrong'],
    [
      'of a stranger',
      { by: stranger, certificates: [stranger] },
      'its signer was not appointed by the authority',
    ],
    ['expired', { from: NOW - 9 * HOUR, until: NOW - HOUR }, 'it counted until 2026-11-22T23:00:00.000Z'],
    ['old and timeless', { from: NOW - 9 * HOUR, until: null }, 'it counted until 2026-11-22T16:00:00.000Z'],
    ['of tomorrow', { from: NOW + HOUR, until: NOW + 2 * HOUR }, 'it counts only from a later time on'],
    ['to another question', { nonce: 'other' }, 'it answers another question'],
    ['of another certificate', { serial: Uint8Array.of(7) }, 'it speaks of another certificate'],
    [
      'with a demand that nobody knows',
      { extensions: [{ id: '2a0304', critical: true, value: Uint8Array.of(5, 0) }] },
      'it demands an extension that is not supported (2a0304)',
    ],
  ])('does not count an answer that is %s', async (_name, wish, problem) => {
    expect(await withAnswer(wish)).toEqual(undetermined(problem))
  })

  it("does not believe the authority's other certificates, nor a signer who is out of date", async () => {
    const plainOne = issue({ subject: 'CN=Other', by: root, extensions: [usage(0), purposes(SERVER_AUTH)] })
    expect(await withAnswer({ by: plainOne, certificates: [plainOne] })).toEqual(
      undetermined('its signer may not sign such answers'),
    )
    const late = issue({
      subject: 'CN=Responder',
      by: root,
      extensions: [purposes(OCSP_SIGNING)],
      until: NOW - HOUR,
    })
    expect(await withAnswer({ by: late, certificates: [late] })).toEqual(
      undetermined("its signer's certificate is not in date"),
    )
  })

  it.each<[string, Answering, string]>([
    ['noise', () => Buffer.from('hello'), 'it is not an answer of OCSP'],
    ['a refusal', () => ocspRefusal(6), 'it does not answer for this authority'],
    ['an enormous answer', () => new Uint8Array(70_000), 'its answer is too large'],
    [
      'a redirect',
      (_body, _request, response) => {
        response.writeHead(302, { location: 'http://127.0.0.1:1/' })
        return new Uint8Array(0)
      },
      'it answered with the HTTP status 302',
    ],
  ])('copes with %s', async (_name, answer, problem) => {
    const { url } = await start(answer)
    const holder = gatewayWith(responders(url))
    expect(await outcome([holder], { mode: 'strict' })).toMatch(problem)
    const warnings: string[] = []
    expect(await outcome([holder], { mode: 'when-reachable', warnings })).toBe('trusted')
    expect(warnings.join()).toMatch(problem)
  })

  it('asks the second responder when the first cannot be reached', async () => {
    const good = await start((body) => ocspAnswer(body, { issuer: root }))
    const holder = gatewayWith(responders('http://127.0.0.1:1/', good.url))
    expect(await outcome([holder], { mode: 'strict' })).toBe('trusted')
  })

  it('waits for a silent responder no longer than 3 s, and not again at once', async () => {
    const silent = await start(() => undefined)
    const holder = gatewayWith(responders(silent.url))
    const check = checker()
    const started = performance.now()
    expect(await outcome([holder], { mode: 'when-reachable', check })).toBe('trusted')
    expect(performance.now() - started).toBeLessThan(3500)
    const again = performance.now()
    expect(await outcome([holder], { mode: 'when-reachable', check })).toBe('trusted')
    expect(performance.now() - again).toBeLessThan(300)
    expect(silent.asked()).toBe(1)
  })
})

describe('what is kept', () => {
  it('is asked for once while it counts', async () => {
    const responder = await start((body) => ocspAnswer(body, { issuer: root }))
    const holder = gatewayWith(responders(responder.url))
    const cache = memoryCache()
    for (const _ of [1, 2, 3]) expect(await outcome([holder], { mode: 'strict', cache })).toBe('trusted')
    expect(responder.asked()).toBe(1)
    await outcome([holder], { mode: 'strict', cache, at: NOW + 2 * HOUR })
    expect(responder.asked()).toBe(2)
  })

  it('is checked again: what somebody put there counts for nothing', async () => {
    const responder = await start((body) => ocspAnswer(body, { issuer: root, status: 'revoked' }))
    const holder = gatewayWith(responders(responder.url))
    const forged: AnswerCache = {
      get: () => Promise.resolve(ocspRefusal(0)),
      put: () => Promise.resolve(),
    }
    expect(await outcome([holder], { mode: 'strict', cache: forged })).toMatch('certificate-revoked')
  })

  it('never holds an answer that did not count', async () => {
    const responder = await start((body) => ocspAnswer(body, { issuer: root, key: stranger.key }))
    const cache = memoryCache()
    await outcome([gatewayWith(responders(responder.url))], { mode: 'strict', cache })
    expect(cache.size()).toBe(0)
  })
})

describe('nobody is asked', () => {
  it('about a chain that will not do anyway', async () => {
    const responder = await start((body) => ocspAnswer(body, { issuer: root }))
    const holder = gatewayWith(responders(responder.url))
    const world = { mode: 'strict', trusted: stranger } as const
    expect(await outcome([holder], world)).toMatch('certificate-untrusted')
    expect(await outcome([holder], { mode: 'strict', identity: 'other.example.org' })).toMatch('wrong-name')
    expect(await outcome([holder], { mode: 'strict', at: NOW + 100 * HOUR })).toMatch('expired')
    expect(responder.asked()).toBe(0)
  })

  it('when it is off, or when the certificate itself is trusted', async () => {
    const responder = await start((body) => ocspAnswer(body, { issuer: root, status: 'revoked' }))
    const holder = gatewayWith(responders(responder.url))
    expect(await outcome([holder], { mode: 'off' })).toBe('trusted')
    expect(await outcome([holder], { mode: 'strict', trusted: holder })).toBe('trusted')
    expect(responder.asked()).toBe(0)
  })

  it('where the certificate names nobody, which only the strict one minds', async () => {
    const warnings: string[] = []
    const started = performance.now()
    expect(await outcome([gatewayWith()], { mode: 'when-reachable', warnings })).toBe('trusted')
    expect(performance.now() - started).toBeLessThan(200)
    expect(warnings).toEqual([])
    expect(await outcome([gatewayWith()], { mode: 'strict' })).toBe(
      'certificate-revocation-unknown: it names no place where its authority could be asked',
    )
  })
})

/** What comes of a list. */
async function withList(
  wish: (holder: Holder, url: string) => Partial<ListWish>,
  pointers: (url: string) => readonly Extension[] = (url) => [lists(url)],
): Promise<readonly string[]> {
  const place: Responder = await start(() => revocationList({ by: root, ...wish(holder, place.url) }))
  const holder = gatewayWith(...pointers(place.url))
  const said = [
    await outcome([holder], { mode: 'strict' }),
    await outcome([holder], { mode: 'when-reachable' }),
  ]
  return said.map((one) => one.replaceAll(place.url, 'URL'))
}
const notCounted = (problem: string): readonly string[] => [
  `certificate-revocation-unknown: ${problem}`,
  'trusted',
]

describe('lists of revoked certificates', () => {
  it('let pass who is not on them, and refuse who is', async () => {
    expect(await withList(() => ({}))).toEqual(['trusted', 'trusted'])
    expect(await withList(() => ({ revoked: [{ serial: Uint8Array.of(9) }] }))).toEqual([
      'trusted',
      'trusted',
    ])
    const said = 'certificate-revoked: it was revoked on 2026-11-22T23:00:00Z: it is on hold'
    expect(await withList((holder) => ({ revoked: [{ serial: serialOf(holder), reason: 6 }] }))).toEqual([
      said,
      said,
    ])
  })

  it.each<[string, Partial<ListWish>, string]>([
    ['forged', { key: stranger.key }, 'the list URL: its signature is wrong'],
    ["a stranger's", { by: stranger }, 'the list URL: it is from another authority'],
    ['expired', { until: NOW - HOUR }, 'the list URL: it counted until 2026-11-22T23:00:00.000Z'],
    ['without an end', { until: null }, 'the list URL: it does not say until when it counts'],
    ["tomorrow's", { from: NOW + HOUR }, 'the list URL: it counts only from a later time on'],
    [
      'indirect',
      { scope: { isIndirect: true } },
      'the list URL: it is an indirect list, which is not supported',
    ],
    ['of authorities', { scope: { onlyAuthorities: true } }, 'its list: it has authorities alone'],
    ['of attributes', { scope: { onlyAttributes: true } }, 'its list: it has attribute certificates alone'],
    ['of another place', { scope: { urls: ['http://other/'] } }, 'its list: it is the list of another place'],
    ['of some reasons', { scope: { onlyReasons: new Set([1, 2]) } }, 'its lists do not have every reason'],
    ['a delta', { number: 2, base: 1 }, 'only the changes of its list are there, not the list'],
    [
      'one with a demand that nobody knows',
      { extensions: [{ id: '2a0304', critical: true, value: Uint8Array.of(5, 0) }] },
      'the list URL: it demands an extension that is not supported (2a0304)',
    ],
    [
      'one with an entry of another authority',
      {
        revoked: [
          {
            serial: Uint8Array.of(9),
            extension: { id: '551d1d', critical: true, value: Uint8Array.of(48, 0) },
          },
        ],
      },
      'the list URL: an entry demands an extension that is not supported (551d1d)',
    ],
  ])('do not count when %s', async (_name, wish, problem) => {
    expect(await withList(() => wish)).toEqual(notCounted(problem))
  })

  it('count with the scope that fits', async () => {
    expect(await withList((_, url) => ({ scope: { urls: [url], onlyUsers: true } }))).toEqual([
      'trusted',
      'trusted',
    ])
    const some = await withList((holder) => ({
      scope: { onlyReasons: new Set([1]) },
      revoked: [{ serial: serialOf(holder), reason: 1 }],
    }))
    expect(some[1]).toMatch('certificate-revoked')
  })

  it('need an authority that may sign them', async () => {
    const limited = authority('CN=Limited', { extensions: [constraints(true), usage(5)] })
    const place = await start(() => revocationList({ by: limited }))
    const holder = gateway(limited, {
      extensions: [usage(0), purposes(SERVER_AUTH), san(dns('vpn.example.org')), lists(place.url)],
    })
    expect(await outcome([holder], { mode: 'strict', trusted: limited })).toMatch(
      'its authority may not sign such lists',
    )
  })

  it('of another authority are refused where the certificate names them (indirect)', async () => {
    const said = await withList(
      () => ({}),
      (url) => [listPlaces([{ urls: [url], crlIssuer: 'CN=other' }])],
    )
    expect(said).toEqual(
      notCounted('its list is kept by another authority (indirect), which is not supported'),
    )
  })

  it('stand in where the responder is silent or does not know', async () => {
    const place = await start(() => revocationList({ by: root }))
    const dead = gatewayWith(responders('http://127.0.0.1:1/'), lists(place.url))
    expect(await outcome([dead], { mode: 'strict' })).toBe('trusted')
    const unknown = await start((body) => ocspAnswer(body, { issuer: root, status: 'unknown' }))
    expect(await outcome([gatewayWith(responders(unknown.url), lists(place.url))], { mode: 'strict' })).toBe(
      'trusted',
    )
  })

  it('are brought up to date by deltas', async () => {
    let base: Partial<ListWish> = {}
    let delta: Partial<ListWish> = {}
    const deltas = await start(() => revocationList({ by: root, number: 6, base: 5, ...delta }))
    const place = await start(() => revocationList({ by: root, number: 5, ...base }))
    const holder = gatewayWith(lists(place.url), listPlaces([{ urls: [deltas.url] }], PointerId.FRESHEST_CRL))
    const said = () => outcome([holder], { mode: 'strict' })
    expect(await said()).toBe('trusted')
    delta = { revoked: [{ serial: serialOf(holder), reason: 1 }] }
    expect(await said()).toMatch('certificate-revoked')
    // On hold, and taken back.
    base = { revoked: [{ serial: serialOf(holder), reason: 6 }] }
    delta = { revoked: [{ serial: serialOf(holder), reason: 8 }] }
    expect(await said()).toBe('trusted')
    // A delta that does not build on this list, or is not the authority's, changes nothing.
    delta = { ...delta, base: 6, number: 7 }
    expect(await said()).toMatch('certificate-revoked')
    delta = { revoked: [{ serial: serialOf(holder), reason: 8 }], key: stranger.key }
    expect(await said()).toMatch('certificate-revoked')
  })
})

describe('a chain of several', () => {
  it('is asked about as a whole, side by side', async () => {
    const slow =
      (answer: (body: Uint8Array) => Uint8Array): Answering =>
      (body, _request, response) => {
        setTimeout(() => response.end(answer(body)), 500)
        return undefined
      }
    const forRoot = await start(slow((body) => ocspAnswer(body, { issuer: root })))
    const between = authority('CN=Between', { by: root, extensions: [...AUTHORITY, responders(forRoot.url)] })
    const forBetween = await start(slow((body) => ocspAnswer(body, { issuer: between })))
    const holder = gateway(between, {
      extensions: [usage(0), purposes(SERVER_AUTH), san(dns('vpn.example.org')), responders(forBetween.url)],
    })
    const started = performance.now()
    expect(await outcome([holder, between], { mode: 'strict' })).toBe('trusted')
    expect(performance.now() - started).toBeLessThan(900)
    expect([forRoot.asked(), forBetween.asked()]).toEqual([1, 1])
  })

  it('falls with a revoked authority', async () => {
    const forRoot = await start((body) => ocspAnswer(body, { issuer: root, status: 'revoked' }))
    const between = authority('CN=Between', { by: root, extensions: [...AUTHORITY, responders(forRoot.url)] })
    expect(await outcome([gateway(between), between], { mode: 'when-reachable' })).toMatch(
      'certificate-revoked',
    )
  })
})
