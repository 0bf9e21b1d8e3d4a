/** `npm run demo` as a person runs it: that it works, how long it takes, and that nothing is left, however it is ended. */
import { spawn, spawnSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'

const demo = join(import.meta.dirname, '../../dist/demo.js')
const environment = { ...process.env, PATH: `${process.env['PATH']}:/usr/sbin:/sbin`, NO_COLOR: '1' }

const ways = [['-nm'], ['-Urnm']]
const possible =
  existsSync('/dev/net/tun') &&
  ways.some((way) => spawnSync('unshare', [...way, 'true'], { env: environment }).status === 0)
const why = possible ? '' : ' (namespaces or /dev/net/tun are denied here)'

/** What is there of the demonstration: its processes, and namespaces and journals of this machine. */
const traces = () => ({
  processes: readdirSync('/proc').filter((pid) => {
    if (!/^\d+$/.test(pid)) return false
    try {
      return readFileSync(`/proc/${pid}/cmdline`, 'latin1').includes('culvert-demo')
    } catch {
      return false
    }
  }),
  folder: existsSync('/run/culvert-demo'),
  namespaces: existsSync('/run/netns')
    ? readdirSync('/run/netns').filter((name) => ['client', 'gateway', 'office'].includes(name))
    : [],
})
const none = { processes: [], folder: false, namespaces: [] }

/** Runs it; `end` is called with all that it has written so far, and ends it in its own way. */
const run = (options: readonly string[], end?: (output: string, pid: number) => boolean) =>
  new Promise<{ readonly code: number | null; readonly output: string; readonly tookMs: number }>(
    (resolve, reject) => {
      const began = Date.now()
      // A process group of its own, so that a signal to it is what Ctrl-C is.
      const child = spawn(process.execPath, [demo, ...options], { env: environment, detached: true })
      let output = ''
      let ended = false
      const take = (part: string) => {
        output += part
        if (!ended && child.pid !== undefined && end?.(output, child.pid) === true) ended = true
      }
      child.stdout.setEncoding('utf8').on('data', take)
      child.stderr.setEncoding('utf8').on('data', take)
      child.once('error', reject)
      child.once('close', (code) => resolve({ code, output, tookMs: Date.now() - began }))
    },
  )

describe.skipIf(!possible)(`the demonstration${why}`, () => {
  it('connects, fetches the page, pings, and leaves nothing', async () => {
    const { code, output, tookMs } = await run([])
    expect(output).toMatch(/✓ Proving identities/)
    expect(output).toMatch(/Page +HTTP 200.*You came as 10\.30\.0\.2\./)
    expect(output).toMatch(/Ping +3 of 3 answered|not tried/)
    expect(output).toMatch(/adapter, address, route and DNS are as before/)
    expect(output).toMatch(/All done in/)
    // Nobody asked for colour.
    expect(output).not.toContain('\u001b')
    expect(code).toBe(0)
    expect(tookMs).toBeLessThan(30_000)
    expect(traces()).toEqual(none)
  })

  it('is held open with --keep until Ctrl-C', async () => {
    const { code, output } = await run(['--keep'], (soFar, pid) => {
      if (!soFar.includes('Held open')) return false
      process.kill(-pid, 'SIGINT')
      return true
    })
    expect(output).toMatch(/Disconnect +Delete sent and answered/)
    expect(code).toBe(0)
    expect(traces()).toEqual(none)
  })

  it.each(['Networks', 'Office', 'Finding the gateway', 'Setting up'])(
    'leaves nothing when Ctrl-C comes at "%s"',
    async (step) => {
      const { code, output } = await run([], (soFar, pid) => {
        if (!soFar.includes(step)) return false
        process.kill(-pid, 'SIGINT')
        return true
      })
      expect(output).toMatch(/Stopped\. Nothing is left behind\.|All done/)
      expect(code).toBe(output.includes('All done') ? 0 : 130)
      expect(traces()).toEqual(none)
    },
  )

  it('says how it is used', async () => {
    const { code, output } = await run(['--nonsense'])
    expect(output).toContain('npm run demo [-- --keep | --json]')
    expect(code).toBe(2)
  })
})
