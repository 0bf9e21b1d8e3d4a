/** The tests of the cryptography once more, on the runtime that the app has: Electron's Node, with BoringSSL. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { rolldown } from 'rolldown'
import { describe, expect, it } from 'vitest'
import { run } from '../interop/lab/processes.ts'
import { repositoryRoot } from '../interop/lab/repository.ts'
import { electronRuntime, whyNoApp } from './lab/needs.ts'

const missing = whyNoApp()
/** modp.test.ts compares with OpenSSL itself, whose groups BoringSSL takes minutes to make. */
const files = [
  'block-ciphers',
  'cipher-modes',
  'esp-suites',
  'integrity',
  'key-exchange',
  'node-crypto',
  'packet-crypto',
  'signatures',
  'unnamed-signatures',
]

/** Tests that make keys of kinds which BoringSSL does not know, to see them refused. */
const needsOpenSsl = /does not even read the types that it does not know/

describe.skipIf(missing !== undefined)(
  `cryptography on Electron's Node${missing === undefined ? '' : ` (${missing})`}`,
  () => {
    it.each(files)('passes %s', async (name) => {
      const folder = mkdtempSync(join(tmpdir(), 'culvert-crypto-'))
      try {
        const bundle = await rolldown({
          cwd: repositoryRoot,
          input: `test/host/crypto/${name}.test.ts`,
          platform: 'node',
          external: [/^node:/],
          resolve: {
            alias: { vitest: join(import.meta.dirname, 'lab/small-vitest.ts') },
            conditionNames: ['source', 'import', 'node', 'default'],
          },
          transform: { target: 'node18.15' },
          logLevel: 'silent',
        })
        await bundle.write({ dir: folder, format: 'esm', entryFileNames: 'tests.mjs' })
        const ended = await run([electronRuntime().executable, join(folder, 'tests.mjs')], {
          env: { ELECTRON_RUN_AS_NODE: '1' },
          timeoutMs: 110_000,
        })
        expect(ended.status, ended.stderr).toBe(0)
        const told = JSON.parse(ended.stdout.trim().split('\n').at(-1) ?? '') as {
          readonly passed: number
          readonly failed: readonly string[]
        }
        expect(told.failed.filter((title) => !needsOpenSsl.test(title))).toEqual([])
        expect(told.passed).toBeGreaterThan(0)
      } finally {
        rmSync(folder, { recursive: true, force: true })
      }
    })
  },
)
