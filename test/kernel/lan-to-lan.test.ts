/** Culvert in front of a network, and a kernel at the other end: gateway to gateway (RFC 4301 section 4.5, case 2). */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { must, mustNow, onExit, run } from '../interop/lab/processes.ts'
import { kernelSas } from './lab/counters.ts'
import { addresses, openKernelLab } from './lab/kernel-lab.ts'
import type { KernelLab } from './lab/kernel-lab.ts'
import { whyNot } from './lab/machine.ts'
import { startManual } from './lab/manual.ts'
import { configureKernel, PINGS } from './lab/traffic.ts'
import { aesCbc, sha1 } from './scenarios.ts'

const reason = whyNot()
const office = `culvert-office-${process.pid}`
const { culvert, kernel } = addresses
const net = '10.1.7.0/24'
const ends = [
  ['src', culvert.ipv4, 'dst', kernel.ipv4],
  ['src', kernel.ipv4, 'dst', culvert.ipv4],
].map((words) => words.join(' '))
const states = ends.map(
  (way, index) =>
    `ip xfrm state add ${way} proto esp spi ${0x1001 + index} reqid 1 mode tunnel replay-window 64 ${aesCbc(index)} ${sha1(index)}`,
)
const [out, back] = ends.map((way) => `tmpl ${way} proto esp reqid 1 mode tunnel`)
const policies = [
  `ip xfrm policy add src ${net} dst ${kernel.net4}/32 dir out ${out}`,
  `ip xfrm policy add src ${kernel.net4}/32 dst ${net} dir fwd ${back}`,
  `ip xfrm policy add src ${kernel.net4}/32 dst ${net} dir in ${back}`,
]

describe.skipIf(reason !== undefined)(
  `a network behind Culvert${reason === undefined ? '' : ` (${reason})`}`,
  () => {
    let lab: KernelLab
    const remove = () => void mustNow(['ip', 'netns', 'del', office])
    let forget: () => void = () => undefined
    beforeAll(async () => {
      lab = await openKernelLab()
      await must(['ip', 'netns', 'add', office])
      forget = onExit(remove)
      await must([
        'ip',
        'link',
        'add',
        'office',
        'netns',
        lab.namespace,
        'type',
        'veth',
        'peer',
        'name',
        'lan',
        'netns',
        office,
      ])
      const configure = (namespace: string, lines: readonly string[]) =>
        must(['ip', '-batch', '-'], { namespace, input: `${lines.join('\n')}\n` })
      await configure(lab.namespace, ['addr add 10.1.7.1/24 dev office', 'link set office up'])
      await configure(office, [
        'addr add 10.1.7.2/24 dev lan',
        'link set lan up',
        'route add default via 10.1.7.1',
      ])
    })
    afterAll(async () => {
      await lab.close()
      forget()
      remove()
    })

    it('its hosts reach the other network through the tunnel, and are reached', async () => {
      await configureKernel(lab, { states, policies: policies.filter((line) => !line.includes('dir fwd')) })
      const manual = await startManual(lab, [...states, ...policies])
      try {
        const ping = ['ping', '-c', String(PINGS), '-i', '0.05', '-W', '2', kernel.net4]
        const { stdout } = await run(ping, { namespace: office, timeoutMs: 15_000 })
        expect(stdout).toContain(` ${PINGS} received`)
        const { output } = await lab.guest.attempt(`ping -c ${PINGS} -i 0.05 -W 2 -I ${kernel.net4} 10.1.7.2`)
        expect(output).toContain(` ${PINGS} packets received`)
        expect((await kernelSas(lab.guest)).map(({ packets }) => packets)).toEqual([2 * PINGS, 2 * PINGS])
        expect((await manual.status()).drops).toEqual({})
      } finally {
        await manual.stop()
      }
      expect(await must(['sysctl', '-n', 'net.ipv4.ip_forward'], { namespace: lab.namespace })).toBe('0\n')
    })
  },
)
