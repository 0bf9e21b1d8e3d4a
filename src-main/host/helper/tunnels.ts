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
import {
  beginRunners,
  endRunners,
  makeSteps,
  undoSteps,
  type ResolvConf,
  type StepRunners,
} from './perform.ts'
import { planDevice, planSteps, type Machine } from './plan.ts'
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
  /** Undefined while it is only kept ready. */
  configuration: TunnelConfiguration | undefined
  /** It was planned by what was read of the machine a while ago. */
  isStale: boolean
  /** What is true now, in the order it was made. */
  made: readonly Step[]
}

/** How long an adapter is kept ready for a tunnel that does not come. */
const SPARE_MS = 60_000

interface Spare {
  readonly entry: OpenTunnel
  readonly machine: Machine
  readonly runners: StepRunners
  readonly timer: NodeJS.Timeout
}

export interface Tunnels {
  /**
   * Makes an adapter ahead and reads the machine, so that the next `open` has less to do. It carries nothing, and goes again when
   * no tunnel wants it. Throws HostError.
   */
  prepare(): Promise<void>
  /** Gives the number of the new tunnel. Throws HostError, with everything undone. */
  open(configuration: TunnelConfiguration): Promise<number>
  reconfigure(tunnel: number, configuration: TunnelConfiguration): Promise<void>
  close(tunnel: number): Promise<void>
  /** Fits the tunnels that were opened by an older look at the machine, once nobody waits. */
  catchUp(): Promise<void>
  /** Fits all tunnels to changed networks around this machine. */
  refresh(): Promise<void>
  closeAll(): Promise<void>
}

export const createTunnels = (context: TunnelsContext): Tunnels => {
  const open = new Map<number, OpenTunnel>()
  let spare: Spare | undefined
  let letting = Promise.resolve()
  const path = context.resolvConfPath ?? RESOLV_CONF

  const undo = async (steps: readonly Step[], resolvConf: ResolvConf): Promise<void> => {
    for (const problem of await undoSteps(steps, resolvConf))
      context.report('warn', 'could not undo', { problem })
  }

  /** Makes what is new, then takes back what is no more. On failure everything is as it was, and the failure is thrown. */
  const change = async (entry: OpenTunnel, wanted: readonly Step[], runners?: StepRunners): Promise<void> => {
    const before = new Set(entry.made.map(textOf))
    const after = new Set(wanted.map(textOf))
    const added = wanted.filter((step) => !before.has(textOf(step)))
    const slots = new Set(added.map(slotOf))
    const replaced = entry.made.filter((step) => !after.has(textOf(step)) && slots.has(slotOf(step)))
    const removed = entry.made.filter((step) => !after.has(textOf(step)) && !slots.has(slotOf(step)))
    if (added.length === 0 && removed.length === 0) return

    entry.journal.write([...entry.made, ...added])
    const failure = await makeSteps(added, entry.resolvConf, runners)
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

  const plan = (
    { tunnel, made }: OpenTunnel,
    configuration: TunnelConfiguration,
    machine: Machine,
  ): readonly Step[] => {
    // What this tunnel itself switched on is no reason to leave it out.
    const ownForwarding = made.flatMap((step) => (step.step === 'forward' ? [step.family] : []))
    const forwarding = machine.forwarding.filter((family) => !ownForwarding.includes(family))
    return planSteps(tunnel, context.uid, configuration, { ...machine, forwarding })
  }

  const tellMissing = (configuration: TunnelConfiguration, machine: Machine): void => {
    if (!machine.ipv6 && configuration.addresses.some(({ address }) => address.includes(':')))
      context.report('warn', 'IPv6 is switched off on this machine; the tunnel goes without it', {})
  }

  const claim = (): OpenTunnel => {
    const links = linkNames()
    for (let tunnel = 0; tunnel < MOST_TUNNELS; tunnel += 1) {
      if (links.has(deviceOf(tunnel))) continue
      const journal = claimJournal(context.journalFolder, tunnel, [])
      if (journal === undefined) continue
      const resolvConf = resolvConfOf(journal, path, context.report)
      return { tunnel, journal, resolvConf, configuration: undefined, isStale: false, made: [] }
    }
    throw new HostError('device', [], null, 'every tunnel number is taken')
  }

  const finish = async (entry: OpenTunnel): Promise<void> => {
    open.delete(entry.tunnel)
    await undo(entry.made, entry.resolvConf)
    entry.journal.remove()
  }

  const takeSpare = (): Spare | undefined => {
    const taken = spare
    spare = undefined
    clearTimeout(taken?.timer)
    return taken
  }

  const letSpareGo = (): void => {
    const taken = takeSpare()
    if (taken === undefined) return
    endRunners(taken.runners)
    letting = finish(taken.entry).catch((error: unknown) =>
      context.report('warn', 'could not undo', { problem: String(error) }),
    )
  }

  /** Somebody else may have removed the adapter. */
  const isThere = ({ entry }: Spare): boolean => linkNames().has(deviceOf(entry.tunnel))

  const fit = async (entry: OpenTunnel): Promise<void> => {
    if (entry.configuration === undefined) return
    await change(entry, plan(entry, entry.configuration, await context.readMachine()))
    entry.isStale = false
  }

  const find = (tunnel: number): OpenTunnel => {
    const entry = open.get(tunnel)
    if (entry === undefined) throw new HostError('tunnel', [String(tunnel)], null, 'no such tunnel')
    return entry
  }

  return {
    async prepare() {
      const machine = await context.readMachine()
      if (spare !== undefined && !isThere(spare)) letSpareGo()
      const before = takeSpare()
      const entry = before?.entry ?? claim()
      const runners = before?.runners ?? beginRunners(machine.ipv6 ? [4, 6] : [4])
      try {
        await change(entry, planDevice(entry.tunnel, context.uid, machine))
      } catch (error) {
        endRunners(runners)
        await finish(entry)
        throw error
      }
      spare = { entry, machine, runners, timer: setTimeout(letSpareGo, SPARE_MS).unref() }
    },
    async open(configuration) {
      if (spare !== undefined && !isThere(spare)) letSpareGo()
      const ready = takeSpare()
      const entry = ready?.entry ?? claim()
      try {
        const machine = ready?.machine ?? (await context.readMachine())
        tellMissing(configuration, machine)
        await change(entry, plan(entry, configuration, machine), ready?.runners)
      } catch (error) {
        await finish(entry)
        throw error
      } finally {
        if (ready !== undefined) endRunners(ready.runners)
      }
      entry.configuration = configuration
      entry.isStale = ready !== undefined
      open.set(entry.tunnel, entry)
      return entry.tunnel
    },
    async reconfigure(tunnel, configuration) {
      const entry = find(tunnel)
      const machine = await context.readMachine()
      tellMissing(configuration, machine)
      await change(entry, plan(entry, configuration, machine))
      entry.configuration = configuration
      entry.isStale = false
    },
    close: (tunnel) => finish(find(tunnel)),
    async catchUp() {
      for (const entry of open.values()) if (entry.isStale) await fit(entry)
    },
    async refresh() {
      for (const entry of open.values()) await fit(entry)
    },
    async closeAll() {
      letSpareGo()
      await letting
      // The last opened first: each finds the machine as it left it.
      for (const entry of [...open.values()].reverse()) await finish(entry)
    },
  }
}
