/** The kill switch on a real machine: what is seen on the cable, in every state, and that everything comes back. */
import { readdirSync, readFileSync } from 'node:fs'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { createCulvert } from './lab/culvert.ts'
import type { Culvert } from './lab/culvert.ts'
import { openLab } from './lab/lab.ts'
import type { Lab } from './lab/lab.ts'
import { whyNot } from './lab/machine.ts'
import { addresses } from './lab/network.ts'
import { delay, must, run, start, until } from './lab/processes.ts'
import type { Running } from './lab/processes.ts'
import { gatewayName, startNoise } from './lab/programs.ts'
import type { Scenario } from './lab/scenario.ts'
import { snapshot } from './lab/snapshot.ts'

const missing = whyNot()
const scenario: Scenario = {
  name: 'with a kill switch',
  gateway: { networks: ['0.0.0.0/0', '::/0'] },
  // By name: while everything is blocked no name can be resolved.
  client: { address: gatewayName, profile: { livenessSeconds: 5 } },
  outcome: { kind: 'connected' },
  notWithStrongswan: 'it is Culvert’s kill switch',
}

/** What the client puts on its cable, but for the tunnel's own packets and what keeps an address alive. */
const leaks = [
  'not arp',
  `not (udp and (dst host ${addresses.gateway.ipv4} or dst host ${addresses.gateway.ipv6}) and (dst port 500 or dst port 4500) and not src port 40404)`,
  // Neighbour and router discovery; multicast listeners (RFC 3810), which never leave the link.
  'not (icmp6 and (ip6[40] >= 133 and ip6[40] <= 137))',
  'not (ip6 and dst host ff02::16)',
].join(' and ')

describe.skipIf(missing !== undefined)(
  `the kill switch${missing === undefined ? '' : ` (${missing})`}`,
  () => {
    let lab: Lab
    let noise: Running
    let cable: Running
    let client: Culvert
    beforeAll(async () => {
      lab = await openLab()
      await lab.prepare(scenario)
      noise = await startNoise(lab.network)
      cable = start(['tcpdump', '--immediate-mode', '-n', '-l', '-i', 'lan', '-Q', 'in', leaks], {
        namespace: lab.network.router,
      })
      await until('tcpdump to listen', () =>
        cable.errors.some((line) => line.includes('listening')) ? true : undefined,
      )
    })
    afterEach(async () => {
      lab.gateway.thaw()
      await client.close()
      await client.command('release')
    })
    afterAll(async () => {
      await noise.stop()
      await cable.stop()
      await lab.close()
    })

    /** What was seen on the cable during this time. */
    const seen = async (ms: number): Promise<readonly string[]> => {
      // What is on its way, and what tcpdump has not yet written.
      await delay(300)
      const from = cable.lines.length
      await delay(ms)
      return cable.lines.slice(from)
    }
    const machine = () => snapshot(lab.network.client, lab.network.clientResolvConf)
    const status = async (): Promise<string | undefined> => {
      const { stdout } = await client.command('status', '--json')
      const [first] = JSON.parse(stdout) as readonly { killSwitch?: string }[]
      return first?.killSwitch
    }
    const begin = (...words: readonly string[]) => {
      client = createCulvert(lab, { words })
      return client.connect(scenario)
    }
    const kinds = ['UDP, length', 'Flags [S]', '.53:', 'IP6']

    it('is not there: the noise is on the cable, and connecting changes no firewall', async () => {
      const lines = (await seen(700)).join('\n')
      for (const kind of kinds) expect(lines).toContain(kind)
      const before = await machine()
      const attempt = await begin()
      expect(attempt.kind, attempt.kind === 'failed' ? attempt.text : '').toBe('connected')
      expect((await machine()).firewall).toBe(before.firewall)
      expect(await status()).toBe('off')
      if (attempt.kind === 'connected') await attempt.session.disconnect()
      expect(await machine()).toEqual(before)
    })

    it('lets nothing out while connecting, connected, reconnecting and with a dead gateway; all comes back', async () => {
      const before = await machine()
      lab.gateway.freeze()
      const attempt = begin('--kill-switch')
      await until('culvert to wait for the gateway', () =>
        client.process()?.lines.some((line) => line.includes('"negotiating"')) === true ? true : undefined,
      )
      expect(await seen(1_000)).toEqual([])
      expect(await status()).toBe('holding')

      lab.gateway.thaw()
      const connected = await attempt
      expect(connected.kind, connected.kind === 'failed' ? connected.text : '').toBe('connected')
      expect(await status()).toBe('armed')
      expect((await lab.probe.ping(addresses.office.ipv4)).received).toBe(1)
      expect((await lab.probe.ping(addresses.office.ipv6)).received).toBe(1)
      expect(await lab.probe.resolve('intranet.office.test')).toContain(addresses.office.ipv4)
      expect(await seen(1_500)).toEqual([])

      // A dead gateway: whatever goes there is lost behind the cable.
      await lab.network.shape({ blackHole: true })
      await until(
        'culvert to notice the silence',
        () =>
          client.process()?.lines.some((line) => line.includes('"reconnecting"')) === true ? true : undefined,
        60_000,
      )
      expect(await seen(2_000)).toEqual([])
      expect(await status()).toBe('holding')
      await lab.network.shape({})
      await until(
        'culvert to stand again',
        async () => ((await status()) === 'armed' ? true : undefined),
        60_000,
        200,
      )
      expect(await seen(700)).toEqual([])
      if (connected.kind === 'connected') await connected.session.disconnect()
      expect(await machine()).toEqual(before)
      expect((await seen(700)).length).toBeGreaterThan(3)
    })

    it('stays when the client is killed, until a connection by the remembered address has ended as it should', async () => {
      const before = await machine()
      const first = await begin('--kill-switch')
      expect(first.kind, first.kind === 'failed' ? first.text : '').toBe('connected')
      client.process()?.kill('SIGKILL')
      expect(await seen(2_500)).toEqual([])
      const held = await machine()
      // All but the block has gone.
      expect({ ...held, firewall: before.firewall }).toEqual(before)
      expect(held.firewall).not.toMatch(/daddr|culvert\d/)
      expect(held.firewall).toContain('policy drop')

      // Without being told so, and although the name cannot be resolved now.
      const next = await begin()
      expect(next.kind, next.kind === 'failed' ? next.text : '').toBe('connected')
      expect(await status()).toBe('armed')
      expect((await lab.probe.ping(addresses.office.ipv4)).received).toBe(1)
      expect(await seen(700)).toEqual([])
      if (next.kind === 'connected') await next.session.disconnect()
      expect(await machine()).toEqual(before)
    })

    it('stays when client and helper are killed at once, and `culvert release` opens it', async () => {
      const before = await machine()
      const first = await begin('--kill-switch')
      expect(first.kind).toBe('connected')
      const up = client.process()
      const helper = childrenOf(up?.pid ?? -1)
      expect(helper).toHaveLength(1)
      for (const pid of helper) process.kill(pid, 'SIGKILL')
      up?.kill('SIGKILL')
      expect(await seen(1_500)).toEqual([])
      expect((await machine()).firewall).toContain('policy drop')
      const released = await client.command('release')
      expect(released.stderr + released.stdout).toContain('Nothing is held back any more.')
      expect(released.status).toBe(0)
      expect(await machine()).toEqual(before)
      expect((await seen(700)).length).toBeGreaterThan(3)
    })

    it('holds after a connection that failed, and says how to get out', async () => {
      const before = await machine()
      const wrong: Scenario = {
        ...scenario,
        client: { ...scenario.client, proves: { method: 'psk', secret: 'not the right one' } },
      }
      client = createCulvert(lab, { words: ['--kill-switch'] })
      const attempt = await client.connect(wrong)
      expect(attempt.kind).toBe('failed')
      expect(attempt.kind === 'failed' ? attempt.text : '').toContain('culvert release')
      expect(await seen(700)).toEqual([])
      expect((await client.command('release')).status).toBe(0)
      expect(await machine()).toEqual(before)
    })

    it('is refused to whoever would release it under a standing connection', async () => {
      const attempt = await begin('--kill-switch')
      expect(attempt.kind).toBe('connected')
      const released = await client.command('release')
      expect(released.status).not.toBe(0)
      expect(released.stderr).toContain('culvert down')
      expect(await status()).toBe('armed')
      if (attempt.kind === 'connected') await attempt.session.disconnect()
    })

    it('without nftables says so, sends nothing and blocks nothing', async () => {
      const before = await machine()
      const hidden = 'for nft in /usr/sbin/nft /sbin/nft; do mount --bind /dev/null $nft; done; exec "$@"'
      client = createCulvert(lab, {
        words: ['--kill-switch'],
        inFront: ['unshare', '-m', 'sh', '-c', hidden, 'sh'],
      })
      const attempt = await client.connect(scenario)
      expect(attempt).toMatchObject({ kind: 'failed', code: 'host-step-failed' })
      expect(attempt.kind === 'failed' ? attempt.text : '').toContain('nftables')
      expect(await machine()).toEqual(before)
    })

    it('blocks what is forwarded for others, too', async () => {
      const attempt = await begin('--kill-switch')
      expect(attempt.kind).toBe('connected')
      const rules = await must(['nft', 'list', 'table', 'inet', 'culvert'], { namespace: lab.network.client })
      expect(rules).toMatch(/chain forward \{\s+type filter hook forward priority filter; policy drop;/)
      if (attempt.kind === 'connected') await attempt.session.disconnect()
      const after = await run(['nft', 'list', 'table', 'inet', 'culvert'], { namespace: lab.network.client })
      expect(after.status).not.toBe(0)
    })
  },
)

/** By /proc: the processes whose parent this is. */
const childrenOf = (parent: number): readonly number[] =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => {
      try {
        const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
        return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]) === parent
      } catch {
        return false
      }
    })
