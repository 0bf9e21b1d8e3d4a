/**
 * The kill switch's block, and the record of it: unlike everything else that a helper makes, it is not undone when the client is
 * gone, but narrowed to a block without exceptions. Only a client that says so opens it.
 */
import * as fs from 'node:fs'
import { join } from 'node:path'
import * as v from 'valibot'
import { formatAddress, parseAddress } from '../../ip/address.ts'
import { HostError } from '../host-error.ts'
import { applyRuleset, blockRuleset, isBlocked, openRuleset } from '../linux/firewall.ts'
import { isAlive, namespaceOf, ownerFields, parse, thisHelper, write } from './journal.ts'
import { Known, type Restriction } from './protocol.ts'
import { deviceOf } from './step.ts'

const Record = v.strictObject({ version: v.literal(1), ...ownerFields, known: v.array(Known) })
type Record = v.InferOutput<typeof Record>

/** The real nftables but in tests. */
export interface FirewallRules {
  apply(ruleset: string): Promise<void>
  isBlocked(): Promise<boolean>
}

export interface Firewall {
  /** The gateways that an earlier run's block knew; undefined when none stands. */
  readonly held: readonly v.InferOutput<typeof Known>[] | undefined
  /** Throws HostError; what stood before then stands on. */
  restrict(restriction: Restriction): Promise<void>
  /** Opens everything, also what an earlier run left. Throws HostError. */
  release(): Promise<void>
  /** The client is gone: what it restricted stays blocked, without its exceptions. Throws HostError. */
  hold(): Promise<void>
}

const canonical = (text: string): string => {
  const address = parseAddress(text)
  return address === undefined ? text : formatAddress(address)
}

const rulesetOf = ({ ways, tunnels }: Restriction): string =>
  blockRuleset({
    ways: ways.map(({ gateway, localPort, ports }) => ({ gateway: canonical(gateway), localPort, ports })),
    devices: tunnels.map(deviceOf),
  })

/** Finds out what an earlier run left. */
export const openFirewall = async (
  folder: string,
  rules: FirewallRules = { apply: applyRuleset, isBlocked },
): Promise<Firewall> => {
  const path = join(folder, `${namespaceOf('net')}-firewall.json`)
  const read = (): Record | undefined => parse(Record, path)
  const isOurs = (record: Record): boolean =>
    record.pid === process.pid && record.pidNamespace === namespaceOf('pid')

  const left = read()
  let held: Record['known'] | undefined
  if (left !== undefined && !isAlive(left)) {
    if (await rules.isBlocked()) held = left.known
    // A namespace of the same number, or somebody has cleared the rules.
    else fs.rmSync(path, { force: true })
  }

  const refuseOthers = (): Record | undefined => {
    const record = read()
    if (record !== undefined && !isOurs(record) && isAlive(record))
      throw new HostError('firewall', [], null, 'another connection of Culvert holds the kill switch')
    return record
  }

  return {
    held,
    async restrict(restriction) {
      const before = refuseOthers()
      const record: Record = { version: 1, ...thisHelper(), known: [...restriction.known] }
      // On disk before it is true.
      write(path, record)
      try {
        await rules.apply(rulesetOf(restriction))
      } catch (error) {
        if (before === undefined) fs.rmSync(path, { force: true })
        else write(path, before)
        throw error
      }
    },
    async release() {
      refuseOthers()
      await rules.apply(openRuleset)
      fs.rmSync(path, { force: true })
    },
    async hold() {
      const record = read()
      if (record !== undefined && isOurs(record)) await rules.apply(blockRuleset({ ways: [], devices: [] }))
    },
  }
}
