/**
 * Debian's kernel and a small system around it, for a virtual machine: fetched and built once, kept in the cache directory of
 * this user.
 */
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  symlinkSync,
} from 'node:fs'
import { homedir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { must, run } from '../../interop/lab/processes.ts'
import { findProgram } from '../../interop/lab/machine.ts'

export interface Image {
  readonly kernel: string
  readonly initramfs: string
}

/** Changes with what is built here, so that an old one is not used. */
const BUILD = '5'

/** IPsec, all ciphers, and the devices of the virtual machine. */
const moduleFolders = [
  'kernel/crypto',
  'kernel/arch/x86/crypto',
  'kernel/lib/crypto',
  'kernel/lib',
  'kernel/net/xfrm',
  'kernel/net/key',
  'kernel/net/ipv4',
  'kernel/net/ipv6',
  'kernel/net/core',
  'kernel/drivers/virtio',
  'kernel/drivers/net/virtio_net.ko',
  'kernel/drivers/net/net_failover.ko',
  'kernel/drivers/char/virtio_console.ko',
  'kernel/drivers/char/hw_random',
]
const programs = ['busybox', 'dash', 'ip', 'kmod', 'perl']

const cacheFolder = (): string =>
  join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'culvert-tests', 'kernel')

/** The package that the metapackage stands for: it has the version in its name. */
const kernelPackage = async (): Promise<string> => {
  const ask = () => run(['apt-cache', 'depends', 'linux-image-cloud-amd64'])
  let found = /Depends: (linux-image-\S+)/.exec((await ask()).stdout)?.[1]
  if (found === undefined) {
    await must(['apt-get', 'update', '-q'], { timeoutMs: 120_000 })
    found = /Depends: (linux-image-\S+)/.exec((await ask()).stdout)?.[1]
  }
  if (found === undefined) throw new Error('apt knows no linux-image-cloud-amd64')
  return found
}

/** Gives the built image, building it first where there is none. */
export const readyImage = async (): Promise<Image> => {
  const kept = cacheFolder()
  const ready = existsSync(kept)
    ? readdirSync(kept).find(
        (name) => name.endsWith(`.${BUILD}`) && existsSync(join(kept, name, 'initramfs')),
      )
    : undefined
  if (ready !== undefined) return imageIn(join(kept, ready))
  const name = await kernelPackage()
  mkdirSync(kept, { recursive: true })
  const folder = mkdtempSync(join(kept, 'building-'))
  try {
    await build(folder, name)
    const target = join(kept, `${name}.${BUILD}`)
    rmSync(target, { recursive: true, force: true })
    renameSync(folder, target)
    return imageIn(target)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

const imageIn = (folder: string): Image => ({
  kernel: join(folder, 'vmlinuz'),
  initramfs: join(folder, 'initramfs'),
})

const build = async (folder: string, name: string): Promise<void> => {
  const unpacked = join(folder, 'package')
  const root = join(folder, 'root')
  chmodSync(folder, 0o755)
  await must(['sh', '-c', 'cd "$1" && apt-get download -q "$2"', 'sh', folder, name], { timeoutMs: 120_000 })
  const archive = readdirSync(folder).find((file) => file.endsWith('.deb'))
  if (archive === undefined) throw new Error(`apt-get download gave no package ${name}`)
  await must(['dpkg', '-x', join(folder, archive), unpacked], { timeoutMs: 60_000 })
  const version = name.replace('linux-image-', '')
  cpSync(join(unpacked, 'boot', `vmlinuz-${version}`), join(folder, 'vmlinuz'))
  for (const part of ['bin', 'sbin', 'dev', 'proc', 'sys', 'tmp', 'etc', 'run', 'lib/modules'])
    mkdirSync(join(root, part), { recursive: true })
  copyModules(join(unpacked, 'lib/modules', version), join(root, 'lib/modules', version))
  await must(['depmod', '-b', root, version], { timeoutMs: 60_000 })
  for (const program of programs) await copyProgram(program, root)
  // busybox would bring its own `ip` and `modprobe`.
  symlinkSync('dash', join(root, 'bin/sh'))
  for (const tool of ['modprobe', 'insmod', 'lsmod']) symlinkSync('../bin/kmod', join(root, 'sbin', tool))
  for (const tool of [
    'mount',
    'cat',
    'ls',
    'base64',
    'ping',
    'ping6',
    'sleep',
    'grep',
    'mknod',
    'timeout',
    'poweroff',
  ])
    symlinkSync('busybox', join(root, 'bin', tool))
  // The names of protocols in policies.
  cpSync('/etc/protocols', join(root, 'etc/protocols'))
  cpSync(join(import.meta.dirname, 'guest-init.sh'), join(root, 'init'))
  chmodSync(join(root, 'init'), 0o755)
  // Not compressed: unpacking is slow in software emulation.
  await must(
    ['sh', '-c', 'cd "$1" && find . | cpio -o -H newc --quiet > "$2"', 'sh', root, join(folder, 'initramfs')],
    {
      timeoutMs: 60_000,
    },
  )
  for (const part of [unpacked, root, join(folder, archive)]) rmSync(part, { recursive: true, force: true })
}

const copyModules = (from: string, to: string): void => {
  for (const folder of moduleFolders) {
    if (!existsSync(join(from, folder))) continue
    mkdirSync(dirname(join(to, folder)), { recursive: true })
    cpSync(join(from, folder), join(to, folder), { recursive: true })
  }
  for (const file of ['modules.builtin', 'modules.builtin.modinfo', 'modules.order'])
    cpSync(join(from, file), join(to, file))
}

/** With the libraries that it is linked to. */
const copyProgram = async (name: string, root: string): Promise<void> => {
  const path = findProgram(name)
  if (path === undefined) throw new Error(`${name} is not installed`)
  cpSync(path, join(root, 'bin', basename(path)), { dereference: true })
  const { stdout } = await run(['ldd', path])
  for (const [library] of stdout.matchAll(/\/\S+/g)) {
    mkdirSync(join(root, dirname(library)), { recursive: true })
    cpSync(library, join(root, library), { dereference: true })
  }
}
