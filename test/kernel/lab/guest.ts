/** A virtual machine with Debian's kernel, whose network card is a TAP device in a namespace of the test. */
import { mkdtempSync, rmSync } from 'node:fs'
import { connect } from 'node:net'
import type { Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { onExit, start, until } from '../../interop/lab/processes.ts'
import type { Image } from './image.ts'

export interface Guest {
  /** Runs a shell script and gives what it wrote; fails unless it ends with 0. */
  run(script: string): Promise<string>
  /** The same, whatever its end. */
  attempt(script: string): Promise<{ readonly status: number; readonly output: string }>
  close(): Promise<void>
}

const MAC = '52:54:00:43:75:6c'

export const startGuest = async (image: Image, namespace: string, tap: string): Promise<Guest> => {
  const folder = mkdtempSync(join(tmpdir(), 'culvert-guest-'))
  const forget = onExit(() => rmSync(folder, { recursive: true, force: true }))
  const socketPath = join(folder, 'agent')
  const machine = start(
    [
      'qemu-system-x86_64',
      ...['-nodefaults', '-no-user-config', '-no-reboot', '-display', 'none', '-machine', 'q35'],
      ...['-accel', 'tcg,tb-size=64', '-cpu', 'max', '-m', '256'],
      ...['-kernel', image.kernel, '-initrd', image.initramfs],
      '-append',
      'console=ttyS0 quiet panic=-1 mitigations=off cryptomgr.notests=1 random.trust_cpu=on nokaslr',
      ...['-serial', 'stdio'],
      ...['-netdev', `tap,id=net,ifname=${tap},script=no,downscript=no`],
      ...['-device', `virtio-net-pci,netdev=net,mac=${MAC}`],
      ...[
        '-device',
        'virtio-serial-pci',
        '-chardev',
        `socket,id=agent,path=${socketPath},server=on,wait=off`,
      ],
      ...['-device', 'virtserialport,chardev=agent,name=agent'],
    ],
    { namespace },
  )
  const socket = await until('the virtual machine', () => connected(socketPath), 10_000)
  const answers: string[] = []
  const waiting: ((line: string) => void)[] = []
  createInterface({ input: socket }).on('line', (line) => {
    const next = waiting.shift()
    if (next === undefined) answers.push(line)
    else next(line)
  })
  const nextLine = (what: string, timeoutMs: number): Promise<string> =>
    new Promise((resolve, reject) => {
      const known = answers.shift()
      if (known !== undefined) {
        resolve(known)
        return
      }
      const timer = setTimeout(
        () =>
          reject(
            new Error(
              `${what}: no answer; ${machine.lines.slice(-5).join(' | ')} ${machine.errors.join(' ')}`,
            ),
          ),
        timeoutMs,
      )
      waiting.push((line) => {
        clearTimeout(timer)
        resolve(line)
      })
    })
  const ready = await nextLine('the virtual machine', 60_000)
  if (ready !== 'READY') throw new Error(`the virtual machine said ${ready}`)

  const attempt = async (script: string) => {
    socket.write(`${Buffer.from(script).toString('base64')}\n`)
    const [status, output = ''] = (await nextLine(script, 30_000)).split(' ')
    return { status: Number(status), output: Buffer.from(output, 'base64').toString() }
  }
  return {
    attempt,
    async run(script) {
      const { status, output } = await attempt(script)
      if (status !== 0) throw new Error(`in the virtual machine ended with ${status}: ${script}\n${output}`)
      return output
    },
    async close() {
      socket.destroy()
      await machine.stop('SIGKILL')
      rmSync(folder, { recursive: true, force: true })
      forget()
    },
  }
}

const connected = (path: string): Promise<Socket | undefined> =>
  new Promise((resolve) => {
    const socket = connect(path)
    socket.once('connect', () => resolve(socket))
    socket.once('error', () => resolve(undefined))
  })
