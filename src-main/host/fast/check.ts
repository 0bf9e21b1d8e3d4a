/** What `culvert doctor` says of the fast data plane: whether it can be had here, and whose ciphers it would use. */
import { existsSync } from 'node:fs'
import { createPacketArena } from 'tun-tap'
import type { Check } from '../linux/checks.ts'
import { chooseCrypto } from './crypto/choose.ts'
import { providerNames } from './crypto/provider.ts'

const name = 'data-plane'
const ARENA_LENGTH = 1024 * 1024

export function checkDataPlane(workerPath: string): Check {
  if (!existsSync(workerPath)) {
    const text = 'the portable one only: the fast one is not installed'
    return { name, status: 'warn', text, advice: 'Install Culvert anew; data-plane-worker.cjs is missing.' }
  }
  try {
    const chosen = chooseCrypto(createPacketArena(ARENA_LENGTH), providerNames)
    chosen.openAll()
    const reports = chosen.reports()
    const used = reports.filter(({ refused }) => refused === undefined).map(({ description }) => description)
    const refused = reports.flatMap((one) =>
      one.refused === undefined ? [] : [`${one.name}: ${one.refused}`],
    )
    const text = `fast, ciphers by ${used.join(', then ')}`
    if (refused.length === 0) return { name, status: 'ok', text }
    const advice = `Not used: ${refused.join('; ')}. On Debian and Ubuntu, "apt install libipsec-mb1" makes it faster.`
    return { name, status: used.length > 1 ? 'ok' : 'warn', text, advice }
  } catch (error) {
    const text = `the portable one only: ${error instanceof Error ? error.message : String(error)}`
    return { name, status: 'warn', text }
  }
}
