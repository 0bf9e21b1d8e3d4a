/** What the client says to the helper and hears from it: one JSON object a line. Everything is checked on arrival, both ways. */
import * as v from 'valibot'
import { parseAddress } from '../../ip/address.ts'
import { inboundRule } from './inbound-rules.ts'
import { Address, Mark, MOST_INBOUND_RULES, MOST_TUNNELS, Mtu, Port, PrefixText, Tunnel } from './step.ts'

/** A longer line ends the conversation. */
export const LONGEST_LINE = 512 * 1024

const Prefix = v.pipe(
  v.strictObject({ address: Address, length: v.pipe(v.number(), v.integer(), v.minValue(0)) }),
  v.check(
    ({ address, length }) => length <= (parseAddress(address)?.family === 4 ? 32 : 128),
    'a prefix longer than its address',
  ),
)

const Route = v.pipe(
  v.strictObject({
    address: Address,
    length: v.pipe(v.number(), v.integer(), v.minValue(0)),
    source: v.exactOptional(Address),
  }),
  v.check(
    ({ address, length }) => length <= (parseAddress(address)?.family === 4 ? 32 : 128),
    'a prefix longer than its address',
  ),
  v.check(
    ({ address, source }) =>
      source === undefined || parseAddress(address)?.family === parseAddress(source)?.family,
    'a source of another family',
  ),
)

/** As people write domains; helper/step.ts decides on the form that reaches the system. */
const DomainText = v.pipe(
  v.string(),
  v.maxLength(255),
  v.regex(/^[~.]?[\p{L}\p{N}_-]+(?:\.[\p{L}\p{N}_-]+)*\.?$/u, 'not a domain'),
)

export const Configuration = v.strictObject({
  mtu: Mtu,
  addresses: v.pipe(v.array(Prefix), v.maxLength(32)),
  routes: v.pipe(v.array(Route), v.maxLength(4096)),
  outside: v.optional(v.strictObject({ gateway: Address, localPort: Port })),
  outsideMark: v.exactOptional(Mark),
  outsidePeers: v.exactOptional(v.pipe(v.array(Address), v.maxLength(1024))),
  inbound: v.exactOptional(v.pipe(v.array(inboundRule(PrefixText)), v.maxLength(MOST_INBOUND_RULES))),
  dns: v.optional(
    v.strictObject({
      servers: v.pipe(v.array(Address), v.maxLength(16)),
      domains: v.pipe(v.array(DomainText), v.maxLength(256)),
    }),
  ),
  forward: v.optional(v.boolean()),
})

/** As a profile names its gateway: a host name in any script, or an address. Only ever kept on disk. */
const GatewayName = v.pipe(v.string(), v.maxLength(255), v.regex(/^[\p{L}\p{N}_.:-]+$/u, 'not a host'))
export const Known = v.strictObject({
  name: GatewayName,
  addresses: v.pipe(v.array(Address), v.maxLength(64)),
})

export const Restriction = v.strictObject({
  ways: v.pipe(
    v.array(
      v.strictObject({
        gateway: Address,
        localPort: Port,
        ports: v.pipe(v.array(Port), v.minLength(1), v.maxLength(8)),
      }),
    ),
    v.maxLength(64),
  ),
  /** Whose adapters everything may go through. */
  tunnels: v.pipe(v.array(Tunnel), v.maxLength(MOST_TUNNELS)),
  known: v.pipe(v.array(Known), v.maxLength(64)),
})
export type Restriction = v.InferOutput<typeof Restriction>

const id = v.pipe(v.number(), v.integer(), v.minValue(0))

export const Request = v.variant('do', [
  /** A tunnel is about to be wanted. */
  v.strictObject({ id, do: v.literal('prepare') }),
  v.strictObject({ id, do: v.literal('open'), configuration: Configuration }),
  v.strictObject({ id, do: v.literal('reconfigure'), tunnel: Tunnel, configuration: Configuration }),
  v.strictObject({ id, do: v.literal('close'), tunnel: Tunnel }),
  /** The networks around this machine have changed. */
  v.strictObject({ id, do: v.literal('refresh') }),
  v.strictObject({ id, do: v.literal('restrict'), restriction: Restriction }),
  v.strictObject({ id, do: v.literal('release') }),
])
export type Request = v.InferOutput<typeof Request>

const Details = v.record(v.string(), v.string())

export const Response = v.variant('say', [
  /** `held`: the gateways that a block knows which an earlier run left. */
  v.strictObject({ say: v.literal('ready'), held: v.optional(v.array(Known)) }),
  v.strictObject({ say: v.literal('done'), id, tunnel: v.optional(Tunnel) }),
  v.strictObject({
    say: v.literal('failed'),
    id,
    code: v.picklist(['no-tun', 'no-privilege', 'host-step-failed']),
    details: Details,
  }),
  v.strictObject({
    say: v.literal('log'),
    level: v.picklist(['warn', 'info']),
    message: v.string(),
    details: Details,
  }),
])
export type Response = v.InferOutput<typeof Response>
