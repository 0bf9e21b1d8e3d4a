/** The threads never keep a process that ends, however it does. */
import { spawnSync } from 'node:child_process'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { bundle, bundleWorker } from './bundled-worker.ts'
import type { Bundled } from './bundled-worker.ts'

describe('a process with an open data plane', () => {
  let worker: Bundled
  let program: Bundled
  beforeAll(async () => {
    worker = await bundleWorker()
    program = await bundle('test/host/fast/leave.ts')
  })
  afterAll(() => {
    worker.remove()
    program.remove()
  })

  it.each([
    ['exit', 0],
    ['throw', 1],
    ['nothing left to do', 0],
  ])(
    'ends at once: %s',
    (how, status) => {
      // The threads wait for a minute when nobody wakes them.
      const ended = spawnSync(process.execPath, [program.path, worker.path, how], { timeout: 25_000 })
      expect(ended.stdout.toString()).toBe('open\n')
      expect(ended.status).toBe(status)
    },
    30_000,
  )
})
