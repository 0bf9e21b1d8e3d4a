/** Two networks and a tunnel between them: Culvert stands in front of one, strongSwan in front of the other. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createCulvert } from './lab/culvert.ts'
import type { Culvert } from './lab/culvert.ts'
import { openLab } from './lab/lab.ts'
import type { Lab } from './lab/lab.ts'
import { whyNot } from './lab/machine.ts'
import { addresses } from './lab/network.ts'
import { must, run } from './lab/processes.ts'
import type { Scenario } from './lab/scenario.ts'
import { snapshot } from './lab/snapshot.ts'

const branch = { network: '10.77.0.0/24', culvert: '10.77.0.1', host: '10.77.0.10' } as const

const scenario: Scenario = {
  name: 'a branch and an office',
  gateway: { pools: [], child: { remote_ts: [branch.network] } },
  client: {
    virtual: { ipv4: false, ipv6: false },
    remote: [addresses.officeNetwork.ipv4],
    profile: { traffic: { remote: [addresses.officeNetwork.ipv4], local: [branch.network] } },
  },
  outcome: { kind: 'connected' },
}

const missing = whyNot()

describe.skipIf(missing !== undefined)(
  `network to network${missing === undefined ? '' : ` (${missing})`}`,
  () => {
    let lab: Lab
    let client: Culvert
    /** A namespace behind the client's. */
    let host: string

    beforeAll(async () => {
      lab = await openLab()
      await lab.prepare(scenario)
      client = createCulvert(lab)
      host = `${lab.network.tag}-branch`
      const inClient = ['ip', '-n', lab.network.client]
      await must(['ip', 'netns', 'add', host])
      await must([...inClient, 'link', 'add', 'branch', 'type', 'veth', 'peer', 'name', 'lan', 'netns', host])
      await must([...inClient, 'addr', 'add', `${branch.culvert}/24`, 'dev', 'branch'])
      await must([...inClient, 'link', 'set', 'branch', 'up'])
      await must(['ip', '-n', host, 'addr', 'add', `${branch.host}/24`, 'dev', 'lan'])
      await must(['ip', '-n', host, 'link', 'set', 'lan', 'up'])
      await must(['ip', '-n', host, 'route', 'add', 'default', 'via', branch.culvert])
    })
    afterAll(async () => {
      await client.close()
      await must(['ip', 'netns', 'del', host])
      await lab.close()
    })

    const forwarding = () => must(['cat', '/proc/sys/net/ipv4/ip_forward'], { namespace: lab.network.client })
    const ping = async (namespace: string, to: string): Promise<string> =>
      (await run(['ping', '-n', '-c', '2', '-i', '0.2', '-W', '2', to], { namespace })).stdout

    it('passes what hosts behind both ends send each other, and forwards only while it stands', async () => {
      const before = await snapshot(lab.network.client, lab.network.clientResolvConf)
      expect((await forwarding()).trim()).toBe('0')
      const attempt = await client.connect(scenario)
      if (attempt.kind === 'failed') throw new Error(attempt.text)
      expect(await ping(host, addresses.office.ipv4)).toContain('2 received')
      expect(await ping(lab.network.office, branch.host)).toContain('2 received')
      const page = await run(['curl', '-sS', '-m', '5', `http://${addresses.office.ipv4}/`], {
        namespace: host,
      })
      expect(page.stdout).toContain('the intranet page')
      const view = await attempt.session.view()
      expect(view.bytesOut).toBeGreaterThan(300)
      await attempt.session.disconnect()
      expect((await forwarding()).trim()).toBe('0')
      expect(await snapshot(lab.network.client, lab.network.clientResolvConf)).toEqual(before)
    })
  },
)
