/** What must not get through, in either direction, and that both ends count it; and that nothing stays behind. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { must, start, until } from '../interop/lab/processes.ts'
import { kernelErrors, kernelSas } from './lab/counters.ts'
import { openKernelLab } from './lab/kernel-lab.ts'
import type { KernelLab } from './lab/kernel-lab.ts'
import { whyNot } from './lab/machine.ts'
import { startManual } from './lab/manual.ts'
import type { Manual } from './lab/manual.ts'
import { configureKernel, pingFromHere, pingFromThere, PINGS } from './lab/traffic.ts'
import { aesCbc, bundle, pinged, sha1 } from './scenarios.ts'
import type { KernelScenario } from './scenarios.ts'

const reason = whyNot()
const esp = {
  protocol: 'esp',
  mode: 'transport',
  algorithms: (seed: number) => `${aesCbc(seed)} ${sha1(seed)}`,
} as const
const ah = { protocol: 'ah', mode: 'transport', algorithms: sha1 } as const
/** UDP in clear, port 9000: perl needs no module for it. */
const LISTEN =
  '$|=1;socket(S,2,2,17);bind(S,pack("Sna4x8",2,9000,"\\0"x4));print "ready\\n";while(recv(S,$m,99,0)){print "$m\\n"}'
const SAY = 'socket(S,2,2,17);send(S,shift,0,pack("Sna4x8",2,9000,pack("C4",198,51,100,1)))'
const linesOf = ({ states, policies }: KernelScenario) => [...states, ...policies]
/** The same with another key for the check value: its last digit. */
const otherKeys = ({ states, ...rest }: KernelScenario): KernelScenario => ({
  ...rest,
  states: states.map((line) =>
    line.replace(/([0-9a-f]) 96/, (_, digit) => `${digit === '0' ? '1' : '0'} 96`),
  ),
})

describe.skipIf(reason !== undefined)(
  `attacks between manual keys and a Linux kernel${reason === undefined ? '' : ` (${reason})`}`,
  () => {
    let lab: KernelLab
    beforeAll(async () => {
      lab = await openKernelLab()
    })
    afterAll(() => lab.close())

    const withManual = async (scenario: KernelScenario, task: (manual: Manual) => Promise<void>) => {
      const manual = await startManual(lab, linesOf(scenario))
      try {
        await task(manual)
      } finally {
        await manual.stop()
      }
    }
    const dropsOf = async (manual: Manual) => (await manual.status()).drops
    const change = async (task: () => Promise<void>) => {
      const before = await kernelErrors(lab.guest)
      await task()
      const after = await kernelErrors(lab.guest)
      return Object.fromEntries(
        Object.entries(after).flatMap(([name, count]) =>
          count > (before[name] ?? 0) ? [[name, count - (before[name] ?? 0)]] : [],
        ),
      )
    }

    for (const layer of [esp, ah]) {
      const scenario = bundle(layer.protocol, 4, [layer])
      const { protocol } = layer

      it(`${protocol}: a wrong ICV is refused by the kernel, and by Culvert`, async () => {
        await configureKernel(lab, scenario)
        await withManual(otherKeys(scenario), async (manual) => {
          const errors = await change(async () => {
            expect(await pingFromHere(lab, pinged(scenario))).toBe(0)
          })
          expect(errors).toEqual({ XfrmInStateProtoError: PINGS })
          const sas = await kernelSas(lab.guest)
          expect(sas.map(({ failures }) => failures).toSorted()).toEqual([0, PINGS])
          expect(await dropsOf(manual)).toEqual({})
          expect(await pingFromThere(lab, pinged(scenario))).toBe(0)
          expect(await dropsOf(manual)).toEqual({ integrity: PINGS })
          expect((await manual.status()).manualSas?.map(({ drops }) => drops)).toContainEqual({
            integrity: PINGS,
          })
        })
      })

      it(`${protocol}: what was sent before is refused by the kernel, and by Culvert`, async () => {
        await configureKernel(lab, scenario)
        await withManual(scenario, async () => {
          expect(await pingFromHere(lab, pinged(scenario))).toBe(PINGS)
        })
        // The same keys again: Culvert's numbers begin anew, the kernel has seen them.
        await withManual(scenario, async (manual) => {
          const errors = await change(async () => {
            expect(await pingFromHere(lab, pinged(scenario))).toBe(0)
          })
          expect(errors).toEqual({ XfrmInStateSeqError: PINGS })
          expect((await kernelSas(lab.guest)).map(({ replays }) => replays).toSorted()).toEqual([0, PINGS])
          // Now the kernel begins anew, and Culvert has seen none of its numbers yet, then all of them.
          await configureKernel(lab, scenario)
          expect(await pingFromThere(lab, pinged(scenario))).toBe(PINGS)
          await configureKernel(lab, scenario)
          expect(await pingFromThere(lab, pinged(scenario))).toBe(0)
          expect(await dropsOf(manual)).toEqual({ replay: PINGS })
        })
      })
    }

    it('a packet that came through fewer SAs than its policy names is dropped by both', async () => {
      const whole = bundle('both', 4, [esp, ah])
      const half = bundle('half', 4, [esp])
      await configureKernel(lab, half)
      await withManual(whole, async (manual) => {
        // The kernel knows Culvert's AH not at all, and Culvert misses the kernel's.
        expect(await pingFromThere(lab, pinged(whole))).toBe(0)
        expect(await dropsOf(manual)).toEqual({ 'policy-mismatch': PINGS })
      })
      await configureKernel(lab, whole)
      await withManual(half, async () => {
        const errors = await change(async () => {
          expect(await pingFromHere(lab, pinged(half))).toBe(0)
        })
        expect(errors).toEqual({ XfrmInTmplMismatch: PINGS })
      })
    })

    it('clear text from where everything must be protected is dropped before anyone sees it', async () => {
      const scenario = bundle('esp', 4, [esp])
      await configureKernel(lab, { states: [], policies: [] })
      const heard = start(['perl', '-e', LISTEN], { namespace: lab.namespace })
      try {
        await until('the listener', () => (heard.lines.includes('ready') ? true : undefined))
        const say = (word: string) => lab.guest.run(`perl -e '${SAY}' ${word}`)
        await say('before')
        await until('what came in clear', () => (heard.lines.includes('before') ? true : undefined))
        await withManual(scenario, async () => {
          await say('meanwhile')
          const counted = await must(['nft', 'list', 'table', 'inet', 'culvert0_in'], {
            namespace: lab.namespace,
          })
          expect(counted).toMatch(/counter packets 1 bytes \d+ drop/)
        })
        await say('after')
        await until('what came in clear', () => (heard.lines.includes('after') ? true : undefined))
        expect(heard.lines).toEqual(['ready', 'before', 'after'])
      } finally {
        await heard.stop()
      }
    })

    it('an SPI that nobody knows is dropped, and counted', async () => {
      const scenario = bundle('esp', 4, [esp])
      const other = {
        ...scenario,
        states: scenario.states.map((line) => line.replace('spi 0x100', 'spi 0x200')),
      }
      await configureKernel(lab, other)
      await withManual(scenario, async (manual) => {
        expect(await pingFromThere(lab, pinged(scenario))).toBe(0)
        expect(await dropsOf(manual)).toEqual({ 'no-sa': PINGS })
      })
    })

    it('what a policy lets by or forbids goes in clear or not at all', async () => {
      const { states, policies } = bundle('esp', 4, [esp])
      const { from, to } = pinged(bundle('esp', 4, [esp]))
      const first = [
        `ip xfrm policy add src ${from} dst ${to} proto icmp dir out priority 1`,
        `ip xfrm policy add src ${to} dst ${from} proto icmp dir in priority 1`,
      ]
      await configureKernel(lab, { states, policies: [...first, ...policies] })
      const manual = await startManual(lab, [...states, ...first, ...policies])
      try {
        expect(await pingFromHere(lab, { from, to })).toBe(PINGS)
        expect((await kernelSas(lab.guest)).map(({ packets }) => packets)).toEqual([0, 0])
      } finally {
        await manual.stop()
      }
      const forbidden = first.map((line) => `${line} action block`)
      const strict = await startManual(lab, [...states, ...forbidden, ...policies])
      try {
        expect(await pingFromHere(lab, { from, to })).toBe(0)
        expect((await strict.status()).drops).toEqual({ 'policy-discard': PINGS })
      } finally {
        await strict.stop()
      }
    })

    it('strict reverse path filtering lets protected packets in', async () => {
      const filter = (value: number) =>
        must(
          ['sysctl', '-qw', `net.ipv4.conf.all.rp_filter=${value}`, `net.ipv4.conf.wire.rp_filter=${value}`],
          { namespace: lab.namespace },
        )
      const scenario = bundle('both', 4, [esp, ah])
      await configureKernel(lab, scenario)
      await filter(1)
      try {
        await withManual(scenario, async () => {
          expect(await pingFromHere(lab, pinged(scenario))).toBe(PINGS)
          expect(await pingFromThere(lab, pinged(scenario))).toBe(PINGS)
        })
      } finally {
        await filter(0)
      }
    })

    it('Ctrl-C puts everything back', async () => {
      const look = async () =>
        (
          await Promise.all(
            [
              ['ip', 'rule'],
              ['ip', '-6', 'rule'],
              ['ip', 'route', 'show', 'table', 'all'],
              ['ip', '-6', 'route', 'show', 'table', 'all'],
              ['ip', '-o', 'link'],
              ['nft', 'list', 'ruleset'],
            ].map((argv) => must(argv, { namespace: lab.namespace })),
          )
        ).join('\n')
      const before = await look()
      await withManual(bundle('esp', 6, [esp]), async (manual) => {
        expect(await look()).not.toBe(before)
        expect(await manual.statusText()).toMatch(/SA out +00001001 +fd00:5::1 → fd00:5::2/)
      })
      expect(await look()).toBe(before)
    })
  },
)
