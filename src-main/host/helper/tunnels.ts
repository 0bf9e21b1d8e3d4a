/** The tunnels that this helper has made: opened, changed without a gap, closed, all on the record of their journals. */
import { readFileSync } from 'node:fs'
import type { TunnelConfiguration } from '../../ports.ts'
import { HostError } from '../host-error.ts'
import {
  readResolvConf,
  resolvConfHolds,
  resolvConfText,
  restoreResolvConf,
  RESOLV_CONF,
  writeResolvConf,
} from '../linux/resolv-conf.ts'
import { claimJournal, takeAbandoned, type Journal } from './journal.ts'
import { makeSteps, undoSteps, type ResolvConf } from './perform.ts'
import { planSteps, type Machine } from './plan.ts'
import { MOST_TUNNELS, deviceOf, slotOf, type Step } from './step.ts'

type Report = (level: 'warn' | 'info', message: string, details: Readonly<Record<string, string>>) => void

export interface TunnelsContext {
  readonly journalFolder: string
  /** Who may open the adapters. */
  readonly uid: number
  readonly readMachine: () => Promise<Machine>
  readonly report: Report
  /** /etc/resolv.conf but in tests. */
  readonly resolvConfPath?: string
}

/** /etc/resolv.conf with the memory of one tunnel's journal. */
export const resolvConfOf = (journal: Journal, path: string, report: Report): ResolvConf => ({
  apply({ servers, domains }) {
    const known = journal.readBackup()
    const written = resolvConfText(journal.owner, servers, domains, path)
    const now = readResolvConf(path)
    // Ours is in place already: what was before it stays what will come back.
    const ours = known !== undefined && resolvConfHolds(path, known.written)
    journal.writeBackup({ written, before: ours ? known.before : now })
    writeResolvConf(path, now, written)
  },
  undo() {
    const backup = journal.readBackup()
    if (backup === undefined) return
    if (resolvConfHolds(path, backup.written)) restoreResolvConf(path, backup.before)
    else {
      // A tunnel opened after this one wrote over our text and keeps it as what was before: let it keep what we kept.
      const content = Buffer.from(backup.written).toString('base64')
      const later = journal
        .otherBackups()
        .find((other) => other.backup.before.was === 'file' && other.backup.before.content === content)
      later?.write({ ...later.backup, before: backup.before })
      if (later === undefined) report('warn', 'someone else changed resolv.conf; it stays as it is', { path })
    }
    journal.removeBackup()
  },
})

/** Not from /sys, which shows the links of the namespace it was mounted in. */
const linkNames = (): ReadonlySet<string> =>
  new Set(
    readFileSync('/proc/self/net/dev', 'utf8')
      .split('\n')
      .map((line) => line.split(':')[0]?.trim() ?? ''),
  )

const textOf = (step: Step): string => JSON.stringify(step)

/** Undoes what helpers left that are gone. */
export const clearAbandoned = async (context: TunnelsContext): Promise<void> => {
  for (const { journal, steps } of takeAbandoned(context.journalFolder)) {
    context.report('warn', 'undoing what an interrupted helper left', { journal: journal.owner })
    const path = context.resolvConfPath ?? RESOLV_CONF
    const problems = await undoSteps(steps, resolvConfOf(journal, path, context.report))
    for (const problem of problems) context.report('warn', 'could not undo', { problem })
    journal.remove()
  }
}

interface OpenTunnel {
  readonly tunnel: number
  readonly journal: Journal
  readonly resolvConf: ResolvConf
  configuration: TunnelConfiguration
  /** What is true now, in the order it was made. */
  made: readonly Step[]
}

export interface Tunnels {
  /** Gives the number of the new tunnel. Throws HostError, with everything undone. */
  open(configuration: TunnelConfiguration): Promise<number>
  reconfigure(tunnel: number, configuration: TunnelConfiguration): Promise<void>
  close(tunnel: number): Promise<void>
  /** Fits all tunnels to changed networks around this machine. */
  refresh(): Promise<void>
  closeAll(): Promise<void>
}

export const createTunnels = (context: TunnelsContext): Tunnels => {
  const open = new Map<number, OpenTunnel>()
  const path = context.resolvConfPath ?? RESOLV_CONF

  const undo = async (steps: readonly Step[], resolvConf: ResolvConf): Promise<void> => {
    for (const problem of await undoSteps(steps, resolvConf))
      context.report('warn', 'could not undo', { problem })
  }

  /** Makes what is new, then takes back what is no more. On failure everything is as it was, and the failure is thrown. */
  const change = async (entry: OpenTunnel, wanted: readonly Step[]): Promise<void> => {
    const before = new Set(entry.made.map(textOf))
    const after = new Set(wanted.map(textOf))
    const added = wanted.filter((step) => !before.has(textOf(step)))
    const slots = new Set(added.map(slotOf))
    const replaced = entry.made.filter((step) => !after.has(textOf(step)) && slots.has(slotOf(step)))
    const removed = entry.made.filter((step) => !after.has(textOf(step)) && !slots.has(slotOf(step)))
    if (added.length === 0 && removed.length === 0) return

    entry.journal.write([...entry.made, ...added])
    const failure = await makeSteps(added, entry.resolvConf)
    if (failure !== undefined) {
      const done = added.slice(0, failure.index)
      await undo(done, entry.resolvConf)
      const again = await makeSteps(replaced, entry.resolvConf)
      if (again !== undefined) context.report('warn', 'could not go back', { reason: again.error.message })
      entry.journal.write(entry.made)
      throw failure.error
    }
    await undo(removed, entry.resolvConf)
    entry.made = wanted
    entry.journal.write(wanted)
  }

  const plan = async (tunnel: number, made: readonly Step[], configuration: TunnelConfiguration) => {
    const machine = await context.readMachine()
    // What this tunnel itself switched on is no reason to leave it out.
    const ownForwarding = made.flatMap((step) => (step.step === 'forward' ? [step.family] : []))
    const forwarding = machine.forwarding.filter((family) => !ownForwarding.includes(family))
    if (!machine.ipv6 && configuration.addresses.some(({ address }) => address.includes(':')))
      context.report('warn', 'IPv6 is switched off on this machine; the tunnel goes without it', {})
    return planSteps(tunnel, context.uid, configuration, { ...machine, forwarding })
  }

  const claim = (): { readonly tunnel: number; readonly journal: Journal } => {
    const links = linkNames()
    for (let tunnel = 0; tunnel < MOST_TUNNELS; tunnel += 1) {
      if (links.has(deviceOf(tunnel))) continue
      const journal = claimJournal(context.journalFolder, tunnel, [])
      if (journal !== undefined) return { tunnel, journal }
    }
    throw new HostError('device', [], null, 'every tunnel number is taken')
  }

  const finish = async (entry: OpenTunnel): Promise<void> => {
    open.delete(entry.tunnel)
    await undo(entry.made, entry.resolvConf)
    entry.journal.remove()
  }

  const find = (tunnel: number): OpenTunnel => {
    const entry = open.get(tunnel)
    if (entry === undefined) throw new HostError('tunnel', [String(tunnel)], null, 'no such tunnel')
    return entry
  }

  return {
    async open(configuration) {
      const { tunnel, journal } = claim()
      const resolvConf = resolvConfOf(journal, path, context.report)
      const entry: OpenTunnel = { tunnel, journal, resolvConf, configuration, made: [] }
      try {
        await change(entry, await plan(tunnel, [], configuration))
      } catch (error) {
        journal.remove()
        throw error
      }
      open.set(tunnel, entry)
      return tunnel
    },
    async reconfigure(tunnel, configuration) {
      const entry = find(tunnel)
      await change(entry, await plan(tunnel, entry.made, configuration))
      entry.configuration = configuration
    },
    close: (tunnel) => finish(find(tunnel)),
    async refresh() {
      for (const entry of open.values())
        await change(entry, await plan(entry.tunnel, entry.made, entry.configuration))
    },
    async closeAll() {
      // The last opened first: each finds the machine as it left it.
      for (const entry of [...open.values()].reverse()) await finish(entry)
    },
  }
}
