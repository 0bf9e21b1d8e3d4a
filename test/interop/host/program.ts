/** The client program and the helper, bundled for plain Node, and a conversation with them inside a namespace. */
import { spawn, type ChildProcess } from 'node:child_process'
import { chmodSync, cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { rolldown } from 'rolldown'
import type { TunnelConfiguration } from '../../../src-main/ports.ts'
import type { Namespace } from './namespaces.ts'

const root = join(import.meta.dirname, '../../..')
/** Outside the checkout, which an ordinary user may not be allowed to enter: some tests drop to one. */
const folder = mkdtempSync(join(tmpdir(), 'culvert-programs-'))

/** Opens the adapter that its argument names, says its name or why not. */
export const attachProgram = join(folder, 'attach.js')

/** Builds them from the sources as they are now, with the one package they load beside them. */
export const buildPrograms = async (): Promise<void> => {
  chmodSync(folder, 0o755)
  for (const name of ['koffi', '@koromix']) {
    cpSync(join(root, 'node_modules', name), join(folder, 'node_modules', name), { recursive: true })
  }
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }')
  const bundle = await rolldown({
    cwd: root,
    input: {
      client: 'test/interop/host/client.ts',
      attach: 'test/interop/host/attach.ts',
      helper: 'src-main/helper.ts',
    },
    platform: 'node',
    external: [/^node:/, 'koffi'],
    resolve: { conditionNames: ['source', 'import', 'node', 'default'] },
  })
  await bundle.write({ dir: folder, format: 'esm', entryFileNames: '[name].js', chunkFileNames: '[name].js' })
}

export const removePrograms = (): void => rmSync(folder, { recursive: true, force: true })

export interface Answer {
  readonly ok: boolean
  readonly value?: unknown
  readonly code?: string
  readonly error?: string
  readonly log: readonly string[]
}

export interface Program {
  readonly child: ChildProcess
  ask(command: object): Promise<Answer>
  /** Asks and insists on success. */
  tell(command: object): Promise<unknown>
  open(configuration: TunnelConfiguration): Promise<unknown>
  /** Ends in good order; gives the exit status. */
  end(): Promise<number | null>
}

export const startClient = (
  namespace: Namespace,
  wrap: readonly string[] = [],
  environment: Record<string, string> = {},
): Program => {
  const argv = [
    'netns',
    'exec',
    namespace.name,
    ...wrap,
    process.execPath,
    join(folder, 'client.js'),
    join(folder, 'helper.js'),
  ]
  const child = spawn('ip', argv, {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { ...process.env, ...environment },
  })
  const waiting: ((answer: Answer) => void)[] = []
  createInterface({ input: child.stdout }).on('line', (line) => waiting.shift()?.(JSON.parse(line) as Answer))
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve))
  void ended.then((code) => {
    for (const resolve of waiting.splice(0))
      resolve({ ok: false, code: 'ended', error: `client ended with ${code}`, log: [] })
  })
  const ask = (command: object) =>
    new Promise<Answer>((resolve) => {
      waiting.push(resolve)
      child.stdin.write(`${JSON.stringify(command)}\n`)
    })
  const tell = async (command: object) => {
    const answer = await ask(command)
    if (!answer.ok) throw new Error(`${answer.code ?? ''}: ${answer.error ?? ''}`)
    return answer.value
  }
  return {
    child,
    ask,
    tell,
    open: (configuration) => tell({ do: 'open', configuration }),
    async end() {
      const answer = await ask({ do: 'end' })
      if (!answer.ok) throw new Error(answer.error)
      return ended
    },
  }
}

/** Waits until it holds, checking often; throws the last failure after the limit. */
export const eventually = async (check: () => void, limitMs: number): Promise<number> => {
  const start = performance.now()
  for (;;) {
    try {
      check()
      return performance.now() - start
    } catch (error) {
      if (performance.now() - start > limitMs) throw error
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
  }
}
