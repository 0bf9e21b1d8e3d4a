/** Entries as policies that a Linux kernel can hold: lists and ranges become many, in an order that means the same. */
import { rangeToPrefixes } from '../../ip/address.ts'
import type { Result } from '../../../src-shared/result.ts'
import { fail, ok } from '../../../src-shared/result.ts'
import { bundleOf } from './entry.ts'
import type { PolicyEntry } from './entry.ts'
import type { PolicyDirection } from './policy.ts'
import { everyPacket, messageCodes, messageTypes, rangeOfFamily, rangeOfPrefix } from './selector.ts'
import type { AddressRange, AddressSelector, FieldSelector, NumberRange } from './selector.ts'
import type { XfrmPolicy } from './xfrm-policy.ts'

/** What of one entry is more is no longer of use to anybody. */
const MOST_POLICIES = 1000

/** What a kernel does with packets that no policy takes: it lets them pass. RFC 4301 has them discarded. */
export const kernelDefault: PolicyEntry = {
  directions: ['out', 'in', 'forward'],
  selector: everyPacket,
  names: [],
  action: { kind: 'bypass' },
  populate: [],
}

/** The policies of all entries, their priorities in the entries' order; or why an entry cannot be said so. */
export function kernelPolicies(
  entries: readonly PolicyEntry[],
): Result<readonly XfrmPolicy[], { readonly entry: PolicyEntry; readonly problem: string }> {
  const policies: XfrmPolicy[] = []
  for (const [index, entry] of entries.entries()) {
    const expanded = expand(entry, index + 1)
    if (!expanded.ok) return fail({ entry, problem: expanded.error })
    policies.push(...expanded.value)
  }
  return ok(policies)
}

function expand(entry: PolicyEntry, priority: number): Result<readonly XfrmPolicy[], string> {
  const { selector, directions, names, populate } = entry
  const { local, remote, protocol } = selector
  if (names.length > 0) return fail('A kernel does not know identities')
  if (populate.length > 0) return fail('A kernel cannot populate an SA from the packet')
  const localPorts = single(selector.localPorts)
  const remotePorts = single(selector.remotePorts)
  const messages = singleMessages(selector.message)
  if (
    protocol === 'opaque' ||
    localPorts === undefined ||
    remotePorts === undefined ||
    messages === undefined
  ) {
    return fail('A kernel does not know OPAQUE, port 0, nor ranges of more than 64 ports')
  }
  const policies: XfrmPolicy[] = []
  for (const direction of directions) {
    for (const [ours, theirs] of pairs(local, remote)) {
      for (const localPort of localPorts) {
        for (const remotePort of remotePorts) {
          for (const message of messages) {
            const one = {
              ...selector,
              local: [ours],
              remote: [theirs],
              localPorts: localPort,
              remotePorts: remotePort,
              message,
            }
            policies.push({ entry: kernelEntry(entry, direction, one), priority })
            if (policies.length > MOST_POLICIES)
              return fail(`More than ${MOST_POLICIES} policies of one entry`)
          }
        }
      }
    }
  }
  return ok(policies)
}

function kernelEntry(
  entry: PolicyEntry,
  direction: PolicyDirection,
  selector: PolicyEntry['selector'],
): PolicyEntry {
  const action =
    entry.action.kind === 'protect' ? { ...entry.action, bundle: bundleOf(entry, direction) } : entry.action
  return { ...entry, directions: [direction], selector, action }
}

function pairs(
  local: AddressSelector,
  remote: AddressSelector,
): readonly (readonly [AddressRange, AddressRange])[] {
  const theirs = prefixes(remote)
  return prefixes(local).flatMap((one) =>
    theirs.filter((other) => other.start.family === one.start.family).map((other) => [one, other] as const),
  )
}

const prefixes = (selector: AddressSelector): readonly AddressRange[] =>
  selector === 'any'
    ? [rangeOfFamily(4), rangeOfFamily(6)]
    : selector.flatMap(({ start, end }) => rangeToPrefixes(start, end).map(rangeOfPrefix))

const MOST_PORTS = 64

function single(field: FieldSelector): readonly FieldSelector[] | undefined {
  if (field === 'any') return ['any']
  if (field === 'opaque') return undefined
  const count = field.reduce((sum, { first, last }) => sum + last - first + 1, 0)
  if (count > MOST_PORTS || field.some(({ first }) => first === 0)) return undefined
  return field.flatMap(({ first, last }) =>
    numbersIn(first, last).map((port) => [{ first: port, last: port }]),
  )
}

const numbersIn = (first: number, last: number): readonly number[] =>
  Array.from({ length: last - first + 1 }, (_, index) => first + index)

function singleMessages(field: FieldSelector): readonly FieldSelector[] | undefined {
  if (field === 'any') return ['any']
  if (field === 'opaque') return undefined
  return field.flatMap((range) => messagesOf(range).map((one) => [one]))
}

function messagesOf({ first, last }: NumberRange): readonly NumberRange[] {
  if ((first & 255) === 0 && (last & 255) === 255) {
    return numbersIn(first >> 8, last >> 8).map((type) => messageTypes(type, type))
  }
  return numbersIn(first & 255, last & 255).map((code) => messageCodes(first >> 8, code, code))
}
