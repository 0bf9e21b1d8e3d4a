#!/usr/bin/env node
/** The command `culvert`. */
import { createRequire } from 'node:module'
import { runProgram } from './cli/program.ts'
import { realWorld } from './cli/real-world.ts'

const { version } = readPackage()
process.exitCode = await runProgram(realWorld(import.meta.url), version, process.argv.slice(2))
// All is closed by now; should something have been left open, it does not keep the terminal waiting.
setTimeout(() => process.exit(), 2000).unref()

function readPackage(): { readonly version: string } {
  const found: unknown = createRequire(import.meta.url)('../package.json')
  const isPackage = typeof found === 'object' && found !== null && 'version' in found
  return { version: isPackage && typeof found.version === 'string' ? found.version : 'unknown' }
}
