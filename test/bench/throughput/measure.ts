/** Measures through whatever tunnel stands: iperf3 from the client's namespace to the office, ping, processor time, memory. */
import { readFileSync, readdirSync } from 'node:fs'
import type { Lab } from '../../interop/lab/lab.ts'
import { addresses } from '../../interop/lab/network.ts'
import { must, run, start, until } from '../../interop/lab/processes.ts'

export interface Figures {
  /** Gbit/s. */
  readonly up: number
  readonly down: number
  readonly fourUp: number
  /** The client process's processor seconds for 10^9 payload bytes. */
  readonly cpuUp: number
  readonly cpuDown: number
  /** Share lost, 0 to 1, at 100 and 500 Mbit/s. */
  readonly loss100: number
  readonly loss500: number
  /** Datagrams of 64 bytes a second that arrived. */
  readonly smallPackets: number
  /** Milliseconds. */
  readonly pingIdle: number
  readonly pingLoaded: number
  /** Megabytes resident, at the most. */
  readonly memory: number
}

interface IperfEnd {
  readonly sum_received?: { readonly bits_per_second: number; readonly bytes: number }
  readonly sum?: { readonly lost_packets: number; readonly packets: number; readonly seconds: number }
}

const target = addresses.office.ipv4

/** A server for this run alone: one that a lost connection left busy is no concern of the next. Undefined when it came to nothing. */
export async function iperf(
  lab: Lab,
  seconds: number,
  ...words: readonly string[]
): Promise<IperfEnd | undefined> {
  const server = start(['iperf3', '-s', '-1', '-B', target, '--forceflush'], {
    namespace: lab.network.office,
  })
  await until('iperf3 to listen', () =>
    server.lines.some((line) => line.includes('listening')) ? true : undefined,
  )
  try {
    const argv = ['iperf3', '-c', target, '-t', String(seconds), '-J', ...words]
    const finished = await run(argv, { namespace: lab.network.client, timeoutMs: (seconds + 8) * 1000 })
    const { end, error } = JSON.parse(finished.stdout) as {
      readonly end?: IperfEnd
      readonly error?: string
    }
    if (error !== undefined) process.stderr.write(`iperf3 ${words.join(' ')}: ${error}\n`)
    return error === undefined ? end : undefined
  } finally {
    await server.stop('SIGKILL')
  }
}

/** Time on a processor of all threads so far, in seconds, by the scheduler's own clock. */
function processorSeconds(pid: number | undefined): number {
  if (pid === undefined) return Number.NaN
  return readdirSync(`/proc/${pid}/task`)
    .map((task) => Number(readFileSync(`/proc/${pid}/task/${task}/schedstat`, 'utf8').split(' ')[0]))
    .reduce((sum, nanoseconds) => sum + nanoseconds / 1e9, 0)
}

function residentMegabytes(pid: number | undefined): number {
  if (pid === undefined) return Number.NaN
  return Number(/^VmHWM:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024
}

async function ping(lab: Lab, count: number): Promise<number> {
  const text = await must(['ping', '-n', '-q', '-i', '0.05', '-c', String(count), target], {
    namespace: lab.network.client,
  })
  return Number(/= [\d.]+\/([\d.]+)\//.exec(text)?.[1])
}

export async function measure(lab: Lab, pid: number | undefined, seconds: number): Promise<Figures> {
  await ping(lab, 5)
  const pingIdle = await ping(lab, 20)
  const tcp = async (...words: readonly string[]) => {
    const before = processorSeconds(pid)
    const got = (await iperf(lab, seconds, ...words))?.sum_received
    const bytes = got?.bytes ?? Number.NaN
    return {
      rate: (got?.bits_per_second ?? Number.NaN) / 1e9,
      cpu: (processorSeconds(pid) - before) / (bytes / 1e9),
    }
  }
  const [up, pingLoaded] = await Promise.all([tcp(), ping(lab, seconds * 15)])
  const down = await tcp('-R')
  const four = await tcp('-P', '4')
  const loss = async (rate: string) => {
    const sum = (await iperf(lab, seconds, '-u', '-b', rate, '-l', '1350'))?.sum
    return sum === undefined ? Number.NaN : sum.lost_packets / sum.packets
  }
  const loss100 = await loss('100M')
  const loss500 = await loss('500M')
  const small = (await iperf(lab, seconds, '-u', '-b', '0', '-l', '64'))?.sum
  const smallPackets = small === undefined ? Number.NaN : (small.packets - small.lost_packets) / small.seconds
  const shared = { loss100, loss500, smallPackets, pingIdle, pingLoaded, memory: residentMegabytes(pid) }
  return { up: up.rate, down: down.rate, fourUp: four.rate, cpuUp: up.cpu, cpuDown: down.cpu, ...shared }
}
