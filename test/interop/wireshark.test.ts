/** Wireshark reads a recording of a connection with the keys that were written on demand, and nothing of it without. */
import { chmodSync, existsSync, mkdirSync, readdirSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createCulvert } from './lab/culvert.ts'
import { openLab } from './lab/lab.ts'
import type { Lab } from './lab/lab.ts'
import { findProgram, whyNot } from './lab/machine.ts'
import { addresses } from './lab/network.ts'
import { delay, run, start, until } from './lab/processes.ts'
import type { Scenario } from './lab/scenario.ts'

const missing = whyNot() ?? (findProgram('tshark') === undefined ? 'needs the package tshark' : undefined)

const suites: readonly (readonly [string, Scenario])[] = [
  [
    'AES-GCM',
    {
      name: 'for Wireshark, AES-GCM',
      gateway: { ike: ['aes256gcm16-prfsha384-ecp384'], esp: ['aes256gcm16'] },
      outcome: { kind: 'connected' },
    },
  ],
  [
    'AES-CBC with HMAC',
    {
      name: 'for Wireshark, AES-CBC',
      gateway: { ike: ['aes128-sha256-modp2048'], esp: ['aes256-sha512'] },
      outcome: { kind: 'connected' },
    },
  ],
]

describe.skipIf(missing !== undefined)(
  `keys for Wireshark${missing === undefined ? '' : ` (${missing})`}`,
  () => {
    let lab: Lab
    beforeAll(async () => {
      lab = await openLab()
    })
    afterAll(async () => {
      await lab.close()
    })

    /** The display filter's fields of the packets that it takes, a line each. */
    const read = async (recording: string, home: string, filter: string, ...fields: readonly string[]) => {
      const finished = await run(
        [
          ...['tshark', '-r', recording, '-o', 'esp.enable_encryption_decode:TRUE'],
          ...['-Y', filter, '-T', 'fields', ...fields.flatMap((field) => ['-e', field])],
        ],
        { env: { XDG_CONFIG_HOME: home, HOME: home } },
      )
      expect(finished.status, finished.stderr).toBe(0)
      expect(finished.stderr).not.toMatch(/UAT|error/i)
      return finished.stdout.split('\n').filter((line) => line !== '')
    }

    it.each(suites)('%s: IKE_AUTH and ESP in clear with the tables, not without', async (_name, scenario) => {
      await lab.prepare(scenario)
      const home = join(lab.folder, 'wireshark-home')
      const nothing = join(lab.folder, 'no-keys')
      // Where Wireshark itself looks.
      const tables = join(home, 'wireshark')
      rmSync(home, { recursive: true, force: true })
      mkdirSync(nothing, { recursive: true })
      const recording = join(lab.folder, 'recording.pcap')
      // tcpdump gives up its privileges before it writes.
      chmodSync(lab.folder, 0o755)
      const tcpdump = start(
        [
          'tcpdump',
          '--immediate-mode',
          '-i',
          'lan',
          '-U',
          '-Z',
          'root',
          '-w',
          recording,
          'udp port 500 or udp port 4500',
        ],
        { namespace: lab.network.client },
      )
      await until('tcpdump to listen', () =>
        tcpdump.errors.some((line) => line.includes('listening')) ? true : undefined,
      )
      const client = createCulvert(lab, { words: ['--export-keys', tables] })
      const attempt = await client.connect(scenario)
      expect(attempt.kind, attempt.kind === 'failed' ? attempt.text : '').toBe('connected')
      expect((await lab.probe.ping(addresses.office.ipv4, { count: 3 })).received).toBe(3)
      if (attempt.kind === 'connected') await attempt.session.disconnect()
      await client.close()
      await delay(300)
      await tcpdump.stop('SIGINT')

      expect(readdirSync(tables).sort()).toEqual(['esp_sa', 'ikev2_decryption_table'])
      for (const name of readdirSync(tables)) expect(statSync(join(tables, name)).mode & 0o777).toBe(0o600)
      expect(statSync(tables).mode & 0o777).toBe(0o700)
      const log = await client.command('log', '--level', 'warn')
      expect(log.stdout).toContain('session keys are written down')

      // The proof of who we are, and the Child SA's selectors, stand inside the encrypted payload.
      const identities = await read(recording, home, 'isakmp.exchangetype == 35', 'isakmp.id.data.user_fqdn')
      expect(identities.join()).toContain('user@example.test')
      expect(await read(recording, nothing, 'isakmp.id.data.user_fqdn', 'frame.number')).toEqual([])
      const pings = await read(recording, home, `icmp && ip.addr == ${addresses.office.ipv4}`, 'icmp.type')
      expect(pings.filter((type) => type === '8')).toHaveLength(3)
      expect(pings.filter((type) => type === '0')).toHaveLength(3)
      expect(await read(recording, nothing, 'icmp', 'frame.number')).toEqual([])
      expect(existsSync(join(nothing, 'wireshark'))).toBe(false)
    })
  },
)
