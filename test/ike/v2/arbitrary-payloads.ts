/** Any payload and any message, for properties and as the seeds of fuzzing. */
import fc from 'fast-check'
import type { Payload } from '../../../src-main/ike/v2/payloads.ts'
import type { Proposal, Transform } from '../../../src-main/ike/v2/proposal-format.ts'
import type { TrafficSelector } from '../../../src-main/ip/traffic-selector.ts'

const byte = fc.integer({ min: 0, max: 255 })
const short = fc.integer({ min: 0, max: 65535 })
export const octets = (minLength: number, maxLength: number) => fc.uint8Array({ minLength, maxLength })

const transform: fc.Arbitrary<Transform> = fc.record(
  { type: byte, id: short, keyBits: fc.integer({ min: 1, max: 65535 }) },
  { requiredKeys: ['type', 'id'] },
)

const proposal: fc.Arbitrary<Proposal> = fc.record({
  number: byte,
  protocol: byte,
  spi: fc.oneof(octets(0, 0), octets(4, 4), octets(8, 8)),
  transforms: fc.array(transform, { minLength: 1, maxLength: 6 }),
})

const ports = fc.oneof(
  fc.tuple(short, short).map(([a, b]) => [Math.min(a, b), Math.max(a, b)] as const),
  fc.constant([65535, 0] as const),
)
const selector = (family: 4 | 6): fc.Arbitrary<TrafficSelector> => {
  const value = fc.bigInt({ min: 0n, max: (1n << (family === 4 ? 32n : 128n)) - 1n })
  return fc
    .record({ protocol: byte, ports, a: value, b: value })
    .map(({ protocol, ports: [startPort, endPort], a, b }) => ({
      protocol,
      startPort,
      endPort,
      start: { family, value: a < b ? a : b },
      end: { family, value: a < b ? b : a },
    }))
}
const selectors = fc.array(fc.oneof(selector(4), selector(6)), { maxLength: 4 })

const spis: fc.Arbitrary<readonly Uint8Array[]> = fc
  .constantFrom(0, 4, 8)
  .chain((size): fc.Arbitrary<readonly Uint8Array[]> =>
    size === 0 ? fc.constant([]) : fc.array(octets(size, size), { maxLength: 4 }),
  )

const payloads = {
  sa: fc.record({
    type: fc.constant('sa' as const),
    proposals: fc.array(proposal, { minLength: 1, maxLength: 3 }),
  }),
  ke: fc.record({ type: fc.constant('ke' as const), group: short, data: octets(0, 64) }),
  'id-initiator': fc.record({ type: fc.constant('id-initiator' as const), kind: byte, data: octets(0, 30) }),
  'id-responder': fc.record({ type: fc.constant('id-responder' as const), kind: byte, data: octets(0, 30) }),
  certificate: fc.record({ type: fc.constant('certificate' as const), encoding: byte, data: octets(0, 60) }),
  'certificate-request': fc.record({
    type: fc.constant('certificate-request' as const),
    encoding: byte,
    data: octets(0, 60),
  }),
  authentication: fc.record({
    type: fc.constant('authentication' as const),
    method: byte,
    data: octets(0, 60),
  }),
  nonce: fc.record({ type: fc.constant('nonce' as const), data: octets(16, 40) }),
  notify: fc.record({
    type: fc.constant('notify' as const),
    protocol: byte,
    spi: octets(0, 8),
    notify: short,
    data: octets(0, 30),
  }),
  delete: fc.record({ type: fc.constant('delete' as const), protocol: byte, spis }),
  'vendor-id': fc.record({ type: fc.constant('vendor-id' as const), data: octets(0, 20) }),
  'ts-initiator': fc.record({ type: fc.constant('ts-initiator' as const), selectors }),
  'ts-responder': fc.record({ type: fc.constant('ts-responder' as const), selectors }),
  configuration: fc.record({
    type: fc.constant('configuration' as const),
    kind: byte,
    attributes: fc.array(
      fc.record({ attribute: fc.integer({ min: 0, max: 0x7fff }), value: octets(0, 17) }),
      {
        maxLength: 5,
      },
    ),
  }),
  eap: fc.record({ type: fc.constant('eap' as const), data: octets(0, 40) }),
  unknown: fc.record({
    type: fc.constant('unknown' as const),
    number: fc.integer({ min: 54, max: 255 }),
    critical: fc.boolean(),
    data: octets(0, 20),
  }),
} satisfies { [Type in Payload['type']]: fc.Arbitrary<Extract<Payload, { type: Type }>> }

export const anyPayload: fc.Arbitrary<Payload> = fc.oneof(...Object.values(payloads))
