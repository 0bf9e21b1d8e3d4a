import { describe, expect, it } from 'vitest'
import type {
  IsakmpSa,
  Phase1Configuration,
  ResponderPhase1,
} from '../../../src-main/ike/v1/configuration.ts'
import { aggressiveMode } from '../../../src-main/ike/v1/exchanges/aggressive.ts'
import { answerAggressiveMode } from '../../../src-main/ike/v1/exchanges/aggressive-responder.ts'
import { mainMode } from '../../../src-main/ike/v1/exchanges/main.ts'
import { answerMainMode } from '../../../src-main/ike/v1/exchanges/main-responder.ts'
import { quickMode } from '../../../src-main/ike/v1/exchanges/quick.ts'
import type { AgreedChild } from '../../../src-main/ike/v1/exchanges/quick.ts'
import { answerQuickMode } from '../../../src-main/ike/v1/exchanges/quick-responder.ts'
import { EncapsulationMode } from '../../../src-main/ike/v1/code-points.ts'
import { phase2Suites } from '../../../src-main/ike/v1/suites.ts'
import { espSpi } from '../../../src-shared/brands.ts'
import {
  clientConfiguration,
  createWire,
  establish,
  firstMessage,
  gatewayConfiguration,
  proposals,
  psk,
  selector,
} from './wire.ts'
import type { OnWire } from './wire.ts'

interface Options {
  readonly client?: Partial<Phase1Configuration>
  readonly gateway?: Partial<ResponderPhase1>
  readonly change?: (sent: OnWire) => readonly Uint8Array[]
  /** Again and again until they have met. */
  readonly whileMeeting?: (wire: ReturnType<typeof createWire>) => Promise<void>
}

async function meet(
  mode: 'main' | 'aggressive',
  { client = {}, gateway = {}, change, whileMeeting }: Options = {},
) {
  const wire = createWire(change)
  const initiate = mode === 'main' ? mainMode : aggressiveMode
  const respond = mode === 'main' ? answerMainMode : answerAggressiveMode
  const ours = initiate(
    wire.client.ports,
    { ...clientConfiguration, ...client },
    wire.client.peer,
    () => undefined,
  )
  const theirs = respond(
    wire.gateway.ports,
    { ...gatewayConfiguration, ...gateway },
    wire.gateway.peer,
    firstMessage(wire, mode),
  )
  theirs.catch(() => undefined)
  const meeting = { over: false }
  void Promise.allSettled([ours, theirs]).then(() => (meeting.over = true))
  for (let turn = 0; whileMeeting !== undefined && !meeting.over && turn < 100; turn += 1) {
    await new Promise((resolve) => setImmediate(resolve))
    await whileMeeting(wire)
  }
  return { wire, ours: await ours, theirs: (await theirs).sa }
}

async function quick(
  met: { wire: ReturnType<typeof createWire>; ours: IsakmpSa; theirs: IsakmpSa },
  text: string,
  group?: 'modp2048',
) {
  const { wire, ours, theirs } = met
  establish(wire.client, ours)
  establish(wire.gateway, theirs)
  const suites = phase2Suites(proposals('esp', text), group, EncapsulationMode.UDP_TUNNEL, {
    lifetimeSeconds: 3600,
  })
  const asked = quickMode(wire.client.ports, ours, wire.client.peer, {
    suites,
    inboundSpi: espSpi(0xc0ffee01),
    local: selector('10.9.0.1/32'),
    remote: selector('10.1.0.0/16'),
  })
  await new Promise((resolve) => setTimeout(resolve, 5))
  const begun = wire.gateway.heard[0]
  if (begun === undefined) throw new Error(`nothing begun: ${wire.gateway.drops.join()}`)
  const installed: AgreedChild[] = []
  const answered = answerQuickMode(
    wire.gateway.ports,
    theirs,
    begun.conversation,
    begun.message,
    {
      suites,
      inboundSpi: espSpi(0xdecade02),
      permits: ({ local, remote }) => ({ local: [local], remote: [remote] }),
      ends: { local: selector('198.51.100.2/32'), remote: selector('192.0.2.10/32') },
    },
    (agreed) => installed.push(agreed),
  )
  return { client: await asked, gateway: await answered, installed }
}

describe('phase 1 between our two ends', () => {
  it.each(['main', 'aggressive'] as const)(
    '%s mode with a pre-shared key gives both the same keys',
    async (mode) => {
      const { ours, theirs, wire } = await meet(mode)
      expect(ours.keys).toEqual(theirs.keys)
      expect(ours.lastBlock).toEqual(theirs.lastBlock)
      expect(ours.identities.remote).toEqual(theirs.identities.local)
      expect(theirs.identities.remote).toEqual(ours.identities.local)
      expect(ours.suite).toEqual({
        encryption: 'aes-cbc',
        keyBits: 256,
        hash: 'sha256',
        group: 'modp2048',
        authentication: 1,
        lifetimeSeconds: 86_400,
      })
      expect(wire.lines).toHaveLength(mode === 'main' ? 6 : 3)
      expect([...wire.client.drops, ...wire.gateway.drops]).toEqual([])
    },
  )

  it('finds a NAT in front of whoever hides its address', async () => {
    const { ours, theirs } = await meet('main', { client: { forceEncapsulation: true } })
    expect(theirs.nat).toEqual({ local: false, remote: true })
    expect(ours.nat).toEqual({ local: true, remote: false })
  })

  it('makes keys for 3DES, which are longer than SHA-1 is', async () => {
    const { ours, theirs } = await meet('main', {
      gateway: { proposals: proposals('ike', '3des-sha1-modp1024') },
    })
    expect(ours.suite.encryption).toBe('3des-cbc')
    expect(ours.lastBlock).toEqual(theirs.lastBlock)
  })

  it('minds no message that comes twice', async () => {
    const { ours, theirs } = await meet('main', { change: ({ bytes }) => [bytes, bytes] })
    expect(ours.keys).toEqual(theirs.keys)
  })

  it('gets through when messages are lost: whoever waits repeats, whoever has answered answers again', async () => {
    let count = 0
    const lost: boolean[] = []
    const meeting = meet('main', {
      change: ({ bytes }) => {
        const isLost = count++ % 3 === 0
        lost.push(isLost)
        return isLost ? [] : [bytes]
      },
      whileMeeting: (wire) => wire.clock.pass(800),
    })
    const { ours, theirs } = await meeting
    expect(ours.keys).toEqual(theirs.keys)
    expect(lost.filter(Boolean).length).toBeGreaterThan(1)
  })

  it('shows a wrong pre-shared key as a message that cannot be read', async () => {
    const wire = createWire()
    const ours = mainMode(
      wire.client.ports,
      { ...clientConfiguration, credential: psk('another') },
      wire.client.peer,
      () => undefined,
    )
    const theirs = answerMainMode(
      wire.gateway.ports,
      gatewayConfiguration,
      wire.gateway.peer,
      firstMessage(wire),
    )
    const failures = Promise.allSettled([ours, theirs])
    await new Promise((resolve) => setTimeout(resolve, 50))
    expect(wire.gateway.drops.length).toBeGreaterThan(0)
    wire.client.peer.close()
    wire.gateway.peer.close()
    expect((await failures).map(({ status }) => status)).toEqual(['rejected', 'rejected'])
  })
})

describe('quick mode between our two ends', () => {
  it.each([
    ['aes256-sha256', undefined],
    ['aes256-sha256-modp2048', 'modp2048'],
    ['aes128gcm16', undefined],
    ['3des-md5', undefined],
  ] as const)('%s gives both the same keys, each for its own direction', async (text, group) => {
    const { client, gateway, installed } = await quick(await meet('main'), text, group)
    expect(client.keys.inbound).toEqual(gateway.keys.outbound)
    expect(client.keys.outbound).toEqual(gateway.keys.inbound)
    expect(client.child.outboundSpi).toBe(0xdecade02)
    expect(gateway.child.outboundSpi).toBe(0xc0ffee01)
    expect(client.child.remote).toEqual(gateway.child.local)
    expect(installed).toHaveLength(1)
  })

  it('follows aggressive mode too', async () => {
    const { client, gateway } = await quick(await meet('aggressive'), 'aes128-sha1')
    expect(client.keys.inbound).toEqual(gateway.keys.outbound)
  })
})
