/** Random SAs and policies as files for `ip xfrm` have them. */
import fc from 'fast-check'
import { prefixFirst, prefixLast } from '../../../src-main/ip/address.ts'
import type { PolicyEntry } from '../../../src-main/ipsec/policy/entry.ts'
import { kernelCiphers, kernelMacs } from '../../../src-main/ipsec/policy/kernel-algorithms.ts'
import type { FlowSelector, ManualSa, SaFlag } from '../../../src-main/ipsec/policy/manual-sa.ts'
import type { PolicyAction, SaTemplate } from '../../../src-main/ipsec/policy/policy.ts'
import { messageCodes, messageTypes } from '../../../src-main/ipsec/policy/selector.ts'
import { towards } from '../../../src-main/ipsec/policy/xfrm-policy.ts'
import { limitNames } from '../../../src-main/ipsec/policy/xfrm-selector.ts'
import { xfrmText } from '../../../src-main/ipsec/policy/xfrm-text.ts'
import { Secret } from '../../../src-shared/secret.ts'
import { anyAddress, anyFamily, anyPort } from './random-policies.ts'

const anyPrefix = (family: 4 | 6) =>
  fc
    .tuple(anyAddress(family), fc.integer({ min: 0, max: family === 4 ? 32 : 128 }))
    .map(([address, length]) => ({
      start: prefixFirst({ address, length }),
      end: prefixLast({ address, length }),
    }))

const anyFlow = (family: 4 | 6): fc.Arbitrary<FlowSelector> =>
  fc
    .record({
      source: anyPrefix(family),
      destination: anyPrefix(family),
      protocol: fc.constantFrom('any' as const, 6, 17, 1, 58, 47, 200),
      sourcePort: fc.option(anyPort),
      destinationPort: fc.option(anyPort),
      type: fc.option(fc.constantFrom(0, 8, 128, 255)),
      code: fc.option(fc.constantFrom(0, 1, 255)),
    })
    .map(({ source, destination, protocol, sourcePort, destinationPort, type, code }) => {
      const ports = protocol === 6 || protocol === 17
      const messages = protocol === 1 || protocol === 58
      const one = (port: number | null) =>
        !ports || port === null || port === 0 ? ('any' as const) : [{ first: port, last: port }]
      const message =
        !messages || type === null
          ? ('any' as const)
          : [code === null ? messageTypes(type, type) : messageCodes(type, code, code)]
      return {
        source,
        destination,
        protocol,
        sourcePorts: one(sourcePort),
        destinationPorts: one(destinationPort),
        message,
      }
    })

const anyTemplate: fc.Arbitrary<SaTemplate> = anyFamily.chain((family) =>
  fc
    .record({
      protocol: fc.constantFrom('esp' as const, 'ah' as const),
      mode: fc.constantFrom('tunnel' as const, 'transport' as const),
      source: anyAddress(family),
      destination: anyAddress(family),
      requestId: fc.option(fc.integer({ min: 1, max: 0xffff_ffff }), { nil: undefined }),
      spi: fc.option(fc.integer({ min: 1, max: 0xffff_ffff }), { nil: undefined }),
    })
    .map(({ protocol, mode, source, destination, requestId, spi }) => ({
      protocol,
      ...(requestId === undefined ? {} : { requestId }),
      ...(spi === undefined ? {} : { spi }),
      ...(mode === 'tunnel' ? { mode, ends: { source, destination } } : { mode }),
    })),
)

const anyAction: fc.Arbitrary<PolicyAction> = fc.oneof(
  fc.constantFrom({ kind: 'bypass' as const }, { kind: 'discard' as const }),
  fc
    .array(anyTemplate, { minLength: 1, maxLength: 3 })
    .map((bundle) => ({ kind: 'protect' as const, bundle })),
)

export const anyXfrmPolicy = anyFamily.chain((family) =>
  fc
    .record({
      direction: fc.constantFrom('in' as const, 'out' as const, 'forward' as const),
      flow: anyFlow(family),
      action: anyAction,
      priority: fc.constantFrom(0, 1, 2000, 0xffff_ffff),
    })
    .map(({ direction, flow, action, priority }) => ({
      entry: { directions: [direction], selector: towards(flow, direction), names: [], action, populate: [] },
      priority,
    })),
)

const keyOf = (length: number) =>
  fc.uint8Array({ minLength: length, maxLength: length }).map((bytes) => new Secret(bytes))

const anyIntegrity = fc
  .constantFrom(...kernelMacs)
  .chain(({ ours, keys }) => keyOf(keys[0] ?? 0).map((key) => ({ name: ours, key })))
const anyEncryption = fc.constantFrom(...kernelCiphers).chain((cipher) =>
  fc.constantFrom(...cipher.keys).chain((length) =>
    keyOf(length + cipher.salt).map((key) => ({
      isCombined: cipher.icvBits !== undefined,
      encryption: { name: cipher.ours, keyBits: length * 8, key },
    })),
  ),
)
const flags: readonly SaFlag[] = [
  'noecn',
  'decap-dscp',
  'nopmtudisc',
  'af-unspec',
  'icmp',
  'align4',
  'dont-encap-dscp',
]

export const anySa: fc.Arbitrary<ManualSa> = anyFamily.chain((family) =>
  fc
    .record({
      source: anyAddress(family),
      destination: anyAddress(family),
      protocol: fc.constantFrom('esp' as const, 'ah' as const),
      spi: fc.integer({ min: 1, max: 0xffff_ffff }),
      mode: fc.constantFrom('tunnel' as const, 'transport' as const),
      requestId: fc.integer({ min: 0, max: 0xffff_ffff }),
      integrity: anyIntegrity,
      cipher: anyEncryption,
      authenticated: fc.boolean(),
      replayWindow: fc.integer({ min: 1, max: 4096 }),
      esn: fc.boolean(),
      lastSent: fc.bigInt({ min: 0n, max: 0xffff_ffffn }),
      lastReceived: fc.bigInt({ min: 0n, max: 0xffff_ffffn }),
      high: fc.bigInt({ min: 0n, max: 0xffff_ffffn }),
      flags: fc.subarray([...flags]),
      encapsulated: fc.boolean(),
      selector: fc.option(anyFlow(family), { nil: undefined }),
      limits: fc.subarray(limitNames.map(([, field]) => field)),
      limit: fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }),
      paddedLength: fc.constantFrom(0, 1400),
    })
    .map((sa): ManualSa => {
      const { source, destination, protocol, spi, mode, requestId, replayWindow, esn, selector } = sa
      const isEsp = protocol === 'esp'
      const withMac = !isEsp || (sa.authenticated && !sa.cipher.isCombined)
      return {
        source,
        destination,
        protocol,
        spi,
        mode,
        requestId,
        ...(isEsp ? { encryption: sa.cipher.encryption } : {}),
        ...(withMac ? { integrity: sa.integrity } : {}),
        replayWindow,
        extendedSequenceNumbers: esn,
        lastSent: sa.lastSent + (esn ? sa.high << 32n : 0n),
        lastReceived: sa.lastReceived,
        // The writer puts the one that is an extra flag last.
        flags: sa.flags,
        ...(isEsp && sa.encapsulated
          ? { encapsulation: { sourcePort: 4500, destinationPort: 4500, originalAddress: source } }
          : {}),
        ...(selector === undefined ? {} : { selector }),
        lifetime: Object.fromEntries(sa.limits.map((field) => [field, sa.limit])),
        paddedLength: isEsp && mode === 'tunnel' ? sa.paddedLength : 0,
      }
    }),
)

export const nameOf = ({ destination, protocol, spi }: ManualSa) =>
  `${destination.family} ${destination.value} ${protocol} ${spi}`

export const textOf = (
  sas: readonly ManualSa[],
  policies: readonly { entry: PolicyEntry; priority: number }[],
) => {
  const secret = xfrmText({ sas, policies })
  return new TextDecoder().decode(secret.reveal())
}
