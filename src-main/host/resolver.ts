import { lookup } from 'node:dns/promises'
import { isIP } from 'node:net'
import { VpnError } from '../../src-shared/errors.ts'
import type { Resolver, Signal } from '../ports.ts'

/** Settles as soon as the signal fires: the system's resolver itself cannot be stopped. */
const abandonable = <Value>(work: () => Promise<Value>, signal: Signal): Promise<Value> =>
  new Promise((resolve, reject) => {
    const abandon = (): void => reject(new VpnError('cancelled'))
    if (signal.aborted) {
      abandon()
      return
    }
    signal.addEventListener('abort', abandon, { once: true })
    work()
      .then(resolve, reject)
      .finally(() => signal.removeEventListener('abort', abandon))
      .catch(() => undefined)
  })

/**
 * Names through the system's resolver (hosts file, nsswitch, DNS), in its order of preference (RFC 6724); addresses pass.
 * Throws VpnError('gateway-not-found') and, once the signal fires, VpnError('cancelled').
 */
export const createResolver = (): Resolver => ({
  async resolve(host, signal) {
    const family = isIP(host)
    if (family === 4 || family === 6) return [{ address: host, family }]
    try {
      const found = await abandonable(() => lookup(host, { all: true, order: 'verbatim' }), signal)
      return found.map(({ address, family: found }) => ({ address, family: found === 6 ? 6 : 4 }))
    } catch (error) {
      if (error instanceof VpnError) throw error
      const reason = error instanceof Error && 'code' in error ? String(error.code) : 'unknown'
      throw new VpnError('gateway-not-found', { host, reason }, error)
    }
  },
})
