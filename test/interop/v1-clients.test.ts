/** Clients of IKEv1 that are neither ours nor strongSwan's, against Culvert's gateway: vpnc, and what ike-scan reads. */
import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startCulvertGateway } from './lab/culvert-gateway.ts'
import type { CulvertGateway } from './lab/culvert-gateway.ts'
import { sharedSecret, userName, userPassword } from './lab/defaults.ts'
import { openLab } from './lab/lab.ts'
import type { Lab } from './lab/lab.ts'
import { whyNot } from './lab/machine.ts'
import { addresses } from './lab/network.ts'
import { delay, run, until } from './lab/processes.ts'
import type { Scenario } from './lab/scenario.ts'
import { startVpnc } from './lab/vpnc.ts'

const missing = whyNot()

const scenario: Scenario = {
  name: 'a gateway of Cisco’s kind',
  gateway: {
    ike: ['aes256-sha1-modp2048', 'aes128-sha1-modp2048'],
    esp: ['aes256-sha1', 'aes128-sha1'],
    pools: ['ipv4'],
    networks: [addresses.officeNetwork.ipv4],
    culvert: {
      versions: [1],
      ikev1: {
        aggressive: true,
        banner: 'Welcome to the office',
        xauth: { after: ['psk'], users: [{ name: userName, passwordFile: 'user.password' }] },
      },
    },
    culvertFiles: { 'user.password': `${userPassword}\n` },
  },
  outcome: { kind: 'connected' },
}

const withoutLogin: Scenario = {
  ...scenario,
  gateway: { ...scenario.gateway, culvert: { versions: [1], ikev1: { aggressive: true } } },
}

describe(`other clients against Culvert’s gateway${missing === undefined ? '' : ` (${missing})`}`, () => {
  let lab: Lab
  beforeAll(async () => {
    if (missing === undefined) lab = await openLab()
  })
  afterAll(async () => {
    if (missing === undefined) await lab.close()
  })

  const against = async (what: Scenario, task: (gateway: CulvertGateway) => Promise<void>): Promise<void> => {
    await lab.preparePath(what)
    const gateway = await startCulvertGateway(what, lab)
    try {
      await task(gateway)
    } catch (error) {
      throw new Error(`${String(error)}\n--- gateway\n${gateway.log()}`, { cause: error })
    } finally {
      expect(await gateway.stop(), gateway.log()).toBe(0)
    }
  }

  const group = { group: 'office', secret: sharedSecret, user: userName, password: userPassword }

  it.skipIf(missing !== undefined)(
    'vpnc comes in by aggressive mode and XAUTH, is given address, DNS, banner and networks, and reaches the office',
    () =>
      against(scenario, async (gateway) => {
        const vpnc = startVpnc(lab, group)
        try {
          await until('vpnc to be connected', () => {
            if (!vpnc.process.alive)
              throw new Error([...vpnc.process.lines, ...vpnc.process.errors].join('\n'))
            return readFileSync(vpnc.told, 'utf8').includes('reason=connect') || undefined
          })
          await until(
            'the office to answer',
            async () => (await lab.probe.ping(addresses.office.ipv4, { count: 1 })).received || undefined,
          )
          const page = await lab.probe.fetch(`http://${addresses.office.ipv4}/`, 5_000)
          expect(page.head).toBe('the intranet page\n')
          const told = readFileSync(vpnc.told, 'utf8')
          expect(told).toContain(`INTERNAL_IP4_ADDRESS=${page.client}`)
          expect(told).toContain(`INTERNAL_IP4_DNS=${addresses.office.ipv4}`)
          expect(told).toContain('CISCO_DEF_DOMAIN=office.test')
          expect(told).toContain('CISCO_BANNER=Welcome to the office')
          expect(told).toContain('CISCO_SPLIT_INC_0_ADDR=10.20.0.0')
          expect(gateway.log()).toContain('"method":"xauth"')
        } finally {
          await vpnc.process.stop('SIGTERM', 5_000)
        }
        await until(
          'the gateway to see it go',
          () => gateway.log().includes('"cause":"deleted"') || undefined,
        )
      }),
    60_000,
  )

  it.skipIf(missing !== undefined)(
    'vpnc hears that its password is wrong',
    () =>
      against(scenario, async (gateway) => {
        const vpnc = startVpnc(lab, { ...group, password: 'wrong' })
        try {
          await until('vpnc to end', () => !vpnc.process.alive || undefined, 20_000)
          expect([...vpnc.process.lines, ...vpnc.process.errors].join('\n')).toMatch(/authentication/i)
          expect(gateway.log()).toContain('"kind":"client-refused"')
        } finally {
          await vpnc.process.stop('SIGTERM', 1_000)
        }
      }),
    60_000,
  )

  const scan = async (...words: readonly string[]): Promise<string> => {
    const { stdout } = await run(
      ['ike-scan', '--nodns', '--multiline', '--retry=1', ...words, addresses.gateway.ipv4],
      { namespace: lab.network.client },
    )
    return stdout
  }
  /** AES-256, SHA-1, pre-shared key, group 14; and one that we do not take. */
  const good = '--trans=7/256,2,1,14'
  const bad = '--trans=1,1,1,1'

  it.skipIf(missing !== undefined)(
    'ike-scan reads our answers in main and aggressive mode',
    () =>
      against(withoutLogin, async (gateway) => {
        const main = await scan(good, bad)
        expect(main).toContain('Main Mode Handshake returned')
        expect(main).toMatch(/SA=\(Enc=AES Hash=SHA1 Auth=PSK Group=14:modp2048 KeyLength=256/)
        expect(main).toContain('1 returned handshake; 0 returned notify')
        const aggressive = await scan('--aggressive', '--id=office', '--dhgroup=14', good)
        expect(aggressive).toContain('Aggressive Mode Handshake returned')
        expect(aggressive).toContain('KeyExchange(256 bytes)')
        expect(aggressive).toContain('Hash(20 bytes)')
        expect(aggressive).toContain('vpn.example.test')
        const refused = await scan(bad)
        expect(refused).toContain('NO-PROPOSAL-CHOSEN')
        expect(refused).toContain('0 returned handshake; 1 returned notify')
        await delay(20)
        expect(gateway.process.alive).toBe(true)
      }),
    60_000,
  )
})
