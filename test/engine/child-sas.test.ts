/** A session's effects become calls to the plane, in an order in which no packet falls between two SAs. */
import { describe, expect, it } from 'vitest'
import { ChildSas } from '../../src-main/engine/child-sas.ts'
import type { ChildKeys, ChildSa } from '../../src-main/ike/child-sa.ts'
import type { DataPlane, SaParameters, SaStatistics } from '../../src-main/ipsec/data-plane.ts'
import { espSpi, millis, pathId, saId } from '../../src-shared/brands.ts'
import type { SaId } from '../../src-shared/brands.ts'
import { ok } from '../../src-shared/result.ts'
import { selectorOfEverything } from '../../src-main/ip/traffic-selector.ts'

/** Writes down what is asked of it. */
function recordingPlane() {
  const calls: string[] = []
  const sas = new Map<SaId, SaStatistics>()
  const given: SaParameters[] = []
  let last = 0
  const add = (sa: SaParameters, direction: 'inbound' | 'outbound'): SaId => {
    const id = saId((last += 1))
    given.push({ ...sa, keys: { encryptionKey: sa.keys.encryptionKey.slice() } })
    sas.set(id, { id, spi: sa.spi, direction, packets: 10 * id, bytes: 1000 * id, highestSequence: 0 })
    return id
  }
  const spiOf = (id: SaId): string => (sas.get(id)?.spi ?? 0).toString(16)
  const plane = {
    installInbound(sa: SaParameters) {
      calls.push(`in ${sa.spi.toString(16)}`)
      return ok(add(sa, 'inbound'))
    },
    installOutbound(sa: SaParameters) {
      calls.push(`out ${sa.spi.toString(16)}`)
      return add(sa, 'outbound')
    },
    replaceOutbound(old: SaId, sa: SaParameters) {
      calls.push(`out ${sa.spi.toString(16)} for ${spiOf(old)}`)
      sas.delete(old)
      return add(sa, 'outbound')
    },
    remove(id: SaId) {
      calls.push(`remove ${spiOf(id)}`)
      sas.delete(id)
    },
    statistics: () => ({ sas: [...sas.values()], drops: {}, keepalives: 0, tooBigAnswers: 0 }),
  }
  return { plane: plane as unknown as DataPlane, calls, given, told: () => calls.splice(0) }
}

const suite = { encryption: 'aes-gcm-16', keyBits: 256, extendedSequenceNumbers: false } as const
const child = (number: number): ChildSa => ({
  inboundSpi: espSpi(0x1000 + number),
  outboundSpi: espSpi(0x2000 + number),
  suite,
  local: [selectorOfEverything(4)],
  remote: [selectorOfEverything(4)],
  createdAt: millis(0),
})
const keys = (): ChildKeys => ({
  inbound: { encryptionKey: new Uint8Array(36).fill(1), integrityKey: new Uint8Array(32).fill(3) },
  outbound: { encryptionKey: new Uint8Array(36).fill(2) },
})
const isWiped = (bytes: Uint8Array | undefined): boolean => bytes?.every((byte) => byte === 0) ?? true

function childSas() {
  const recorded = recordingPlane()
  const retired: string[] = []
  const sas = new ChildSas(
    recorded.plane,
    {
      replayWindow: 64,
      lifetime: { hardBytes: 7 },
      onRetired: ({ spi, packets }) => retired.push(`${spi.toString(16)} ${packets}`),
    },
    () => pathId(5),
  )
  return { ...recorded, sas, retired }
}

describe('Child SAs in the plane', () => {
  it('are received on before they are sent on, with their own keys, which are wiped', () => {
    const { sas, told, given } = childSas()
    const material = keys()
    sas.perform({ kind: 'install', child: child(1), keys: material })
    expect(told()).toEqual(['in 1001', 'out 2001'])
    expect(given[0]).toMatchObject({
      spi: 0x1001,
      suite,
      path: 5,
      replayWindow: 64,
      lifetime: { hardBytes: 7 },
      keys: { encryptionKey: new Uint8Array(36).fill(1) },
    })
    expect(given[1]).toMatchObject({ spi: 0x2001, keys: { encryptionKey: new Uint8Array(36).fill(2) } })
    for (const bytes of [
      material.inbound.encryptionKey,
      material.inbound.integrityKey,
      material.outbound.encryptionKey,
    ])
      expect(isWiped(bytes)).toBe(true)
  })

  it('rekeyed by us: the new one takes over in one step, the old inbound lives until its Delete', () => {
    const { sas, told } = childSas()
    const [old, fresh] = [child(1), child(2)]
    sas.perform({ kind: 'install', child: old, keys: keys() })
    told()
    sas.perform({ kind: 'install', child: fresh, keys: keys(), replaces: old })
    expect(told()).toEqual(['in 1002', 'out 2002 for 2001'])
    sas.perform({ kind: 'remove', child: old })
    expect(told()).toEqual(['remove 1001'])
    sas.perform({ kind: 'remove', child: fresh })
    expect(told()).toEqual(['remove 1002', 'remove 2002'])
  })

  it('rekeyed by the gateway: sent on only once the gateway uses it', () => {
    const { sas, told } = childSas()
    const [old, fresh] = [child(1), child(2)]
    const material = keys()
    sas.perform({ kind: 'install', child: old, keys: keys() })
    told()
    sas.perform({ kind: 'install-inbound-first', child: fresh, keys: material, replaces: old })
    expect(told()).toEqual(['in 1002'])
    expect(isWiped(material.inbound.encryptionKey)).toBe(true)
    expect(isWiped(material.outbound.encryptionKey)).toBe(false)
    sas.perform({ kind: 'switch-outbound', child: fresh })
    expect(told()).toEqual(['out 2002 for 2001'])
    expect(isWiped(material.outbound.encryptionKey)).toBe(true)
    sas.perform({ kind: 'switch-outbound', child: fresh })
    expect(told()).toEqual([])
  })

  it('given up before it was sent on: its waiting keys are wiped', () => {
    const { sas, told } = childSas()
    const material = keys()
    sas.perform({ kind: 'install', child: child(1), keys: keys() })
    sas.perform({ kind: 'install-inbound-first', child: child(2), keys: material, replaces: child(1) })
    told()
    sas.perform({ kind: 'remove', child: child(2) })
    expect(told()).toEqual(['remove 1002'])
    expect(isWiped(material.outbound.encryptionKey)).toBe(true)
  })

  it('replacing one that is gone already: simply added', () => {
    const { sas, told } = childSas()
    sas.perform({ kind: 'install', child: child(1), keys: keys() })
    sas.perform({ kind: 'remove', child: child(1) })
    told()
    sas.perform({ kind: 'install', child: child(2), keys: keys(), replaces: child(1) })
    expect(told()).toEqual(['in 1002', 'out 2002'])
  })

  it('unknown ones are nothing to remove or switch to', () => {
    const { sas, told } = childSas()
    sas.perform({ kind: 'remove', child: child(9) })
    sas.perform({ kind: 'switch-outbound', child: child(9) })
    expect(told()).toEqual([])
  })

  it('tell what they carried when they go, each direction once', () => {
    const { sas, retired } = childSas()
    sas.perform({ kind: 'install', child: child(1), keys: keys() })
    sas.perform({ kind: 'install', child: child(2), keys: keys(), replaces: child(1) })
    expect(retired.splice(0)).toEqual(['2001 20'])
    sas.perform({ kind: 'remove', child: child(1) })
    sas.perform({ kind: 'remove', child: child(2) })
    expect(retired).toEqual(['1001 10', '1002 30', '2002 40'])
  })

  it('are found by their ids', () => {
    const { sas } = childSas()
    const one = child(1)
    expect(sas.idsOf(one)).toBeUndefined()
    sas.perform({ kind: 'install', child: one, keys: keys() })
    expect(sas.idsOf(one)).toMatchObject({ inbound: 1, outbound: 2 })
  })
})
