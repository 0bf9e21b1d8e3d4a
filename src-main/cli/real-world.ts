/** The real terminal, environment and machine for the commands. */
import { fileURLToPath } from 'node:url'
import { directoriesFrom } from '../app/directories.ts'
import type { Cli, ParentPipe } from './context.ts'
import { createTerminal } from './terminal.ts'

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/** `entry` is the module URL of dist/cli.js: the helper lies beside it. */
export function realWorld(entry: string): Cli {
  const environment = process.env
  quietWhenReaderLeaves()
  const parent = parentPipe()
  const helperPath = fileURLToPath(new URL('./helper.js', entry))
  return {
    terminal: createTerminal(process.stdout, process.stderr, environment),
    environment,
    directories: directoriesFrom(environment),
    readStdin,
    prompt(text, signal) {
      const { stdin } = process
      if (!stdin.isTTY) return undefined
      return import('./prompt.ts').then(({ promptSecret }) =>
        promptSecret(stdin, process.stderr, text, signal),
      )
    },
    onInterrupt,
    async createEngine(log) {
      const { createMachineEngine } = await import('../app/machine-engine.ts')
      return createMachineEngine({ helperPath, log })
    },
    async runProgram(argv, { input, timeoutMs }) {
      const { run } = await import('../host/run.ts')
      return run(argv, {
        ...(input === undefined ? {} : { input }),
        timeoutMs,
        environment: sessionVariables(environment),
      })
    },
    async runGateway(parts) {
      const { runGateway } = await import('../app/gateway-run.ts')
      await runGateway({ ...parts, helperPath })
    },
    async runManual(parts, log, interfaceName) {
      const { manualPorts, runManual } = await import('../app/manual-run.ts')
      const ports = manualPorts(helperPath, log, interfaceName)
      try {
        await runManual({ ...parts, ports })
      } finally {
        await ports.hostNetwork.close()
      }
    },
    checks: {
      async checkMachine() {
        const { checkMachine } = await import('../host/linux/checks.ts')
        const { checkDataPlane } = await import('../host/fast/check.ts')
        const { dataPlaneWorkerBeside } = await import('../app/fast-data-plane.ts')
        return [...(await checkMachine()), checkDataPlane(dataPlaneWorkerBeside(helperPath))]
      },
      async checkPath(gateway) {
        const { examinePathFromHere } = await import('../app/machine-path.ts')
        return examinePathFromHere(gateway, AbortSignal.timeout(20_000))
      },
    },
    ownCommand: [process.execPath, ...process.execArgv, fileURLToPath(entry)],
    ...(parent === undefined ? {} : { parent }),
  }
}

/** What programs of the user's session, such as the keyring's, need to find it. */
const sessionVariables = (environment: NodeJS.ProcessEnv): Readonly<Record<string, string>> =>
  Object.fromEntries(
    ['DBUS_SESSION_BUS_ADDRESS', 'XDG_RUNTIME_DIR', 'HOME', 'DISPLAY', 'WAYLAND_DISPLAY'].flatMap((name) => {
      const value = environment[name]
      return value === undefined ? [] : [[name, value]]
    }),
  )

/** `culvert list | head`: the reader has seen enough. */
function quietWhenReaderLeaves(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') throw error
    })
  }
}

async function readStdin(limit: number): Promise<Uint8Array | undefined> {
  const parts: Uint8Array[] = []
  let length = 0
  const input: AsyncIterable<Uint8Array> = process.stdin
  for await (const part of input) {
    parts.push(part)
    length += part.length
    if (length > limit) return undefined
  }
  const whole = new Uint8Array(length)
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
    part.fill(0)
  }
  return whole
}

/** The first signal asks to stop in an orderly way; a second Ctrl-C ends at once, and the helper puts the machine back. */
function onInterrupt(handler: (signal: (typeof signals)[number]) => void): () => void {
  let interrupts = 0
  const listeners = signals.map((signal) => {
    const listener = () => {
      if (signal === 'SIGINT' && ++interrupts > 1) process.exit(130)
      handler(signal)
    }
    process.on(signal, listener)
    return { signal, listener }
  })
  return () => {
    for (const { signal, listener } of listeners) process.off(signal, listener)
  }
}

function parentPipe(): ParentPipe | undefined {
  if (process.send === undefined) return undefined
  return {
    send(message) {
      // It may have gone meanwhile; 'disconnect' says so.
      if (process.connected) process.send?.(message, undefined, undefined, () => undefined)
    },
    onMessage: (handler) => void process.on('message', handler),
    onGone: (handler) => void process.on('disconnect', handler),
    disconnect() {
      if (process.connected) process.disconnect()
    },
  }
}
