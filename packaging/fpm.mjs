#!/usr/bin/env node
/**
 * Stands in for fpm, which Debian does not package, as far as electron-builder calls it for a .deb: stages the files and lets
 * dpkg-deb pack them. Used where fpm cannot be downloaded; `npm run package` sets CUSTOM_FPM_PATH.
 */
import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  cpSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'

const flags = new Set(['--force', '--debug'])
const repeated = new Set(['-d', '--deb-recommends'])
const known = new Set([
  ...[
    '-s',
    '-t',
    '--architecture',
    '--after-install',
    '--after-remove',
    '--description',
    '--version',
    '--package',
    '--name',
  ],
  ...[
    '--maintainer',
    '--vendor',
    '--url',
    '--category',
    '--deb-priority',
    '--deb-compression',
    '--license',
    '--iteration',
    '--log',
  ],
])

/** `{ options, lists, mappings }` of fpm's command line; what is not known is refused rather than left out. */
const parse = (argv) => {
  const options = {}
  const lists = {}
  const mappings = []
  for (let at = 0; at < argv.length; at++) {
    const argument = argv[at]
    if (flags.has(argument)) continue
    if (repeated.has(argument)) (lists[argument] ??= []).push(argv[++at])
    else if (known.has(argument)) options[argument] = argv[++at]
    else if (argument.startsWith('-')) throw new Error(`the stand-in for fpm does not know ${argument}`)
    else {
      const [from, to] = argument.split('=')
      if (from === undefined || to === undefined) throw new Error(`no mapping: ${argument}`)
      mappings.push({ from, to })
    }
  }
  return { options, lists, mappings }
}

const stage = (folder, { from, to }) => {
  // As fpm does: a trailing slash means the content of the folder.
  const target = join(folder, to)
  mkdirSync(from.endsWith('/') ? target : dirname(target), { recursive: true })
  cpSync(resolve(from), target, { recursive: true, verbatimSymlinks: true, preserveTimestamps: true })
}

/** Nobody but root writes there, everybody may read; what was executable stays so. */
const settle = (path) => {
  const found = lstatSync(path)
  if (found.isSymbolicLink()) return
  if (found.isDirectory()) {
    chmodSync(path, 0o755)
    for (const name of readdirSync(path)) settle(join(path, name))
  } else chmodSync(path, (found.mode & 0o111) === 0 ? 0o644 : 0o755)
}

const kibibytes = (path) => {
  const found = lstatSync(path)
  if (!found.isDirectory()) return Math.ceil(found.size / 1024)
  return readdirSync(path).reduce((sum, name) => sum + kibibytes(join(path, name)), 1)
}

const { options, lists, mappings } = parse(process.argv.slice(2))
if (options['-t'] !== 'deb') throw new Error(`the stand-in for fpm makes no ${options['-t']}; install fpm`)

const work = mkdtempSync(join(tmpdir(), 'culvert-deb-'))
try {
  const folder = join(work, 'package')
  mkdirSync(folder)
  for (const mapping of mappings) stage(folder, mapping)
  settle(folder)
  const [synopsis = '', ...long] = options['--description'].split('\n').map((line) => line.trim())
  const control = {
    Package: options['--name'],
    Version: options['--version'],
    Architecture: options['--architecture'],
    Maintainer: options['--maintainer'],
    'Installed-Size': kibibytes(folder),
    Depends: (lists['-d'] ?? []).join(', '),
    Recommends: (lists['--deb-recommends'] ?? []).join(', '),
    Section: options['--category'] ?? 'net',
    Priority: options['--deb-priority'] ?? 'optional',
    Homepage: options['--url'],
    Description: [synopsis, ...long.filter((line) => line !== '')].join('\n '),
  }
  const meta = join(folder, 'DEBIAN')
  mkdirSync(meta, { mode: 0o755 })
  const fields = Object.entries(control).filter(([, value]) => value !== undefined && value !== '')
  writeFileSync(join(meta, 'control'), fields.map(([name, value]) => `${name}: ${value}\n`).join(''))
  for (const [option, name] of [
    ['--after-install', 'postinst'],
    ['--after-remove', 'postrm'],
  ]) {
    if (options[option] === undefined) continue
    writeFileSync(join(meta, name), readFileSync(options[option]))
    chmodSync(join(meta, name), 0o755)
  }
  mkdirSync(dirname(options['--package']), { recursive: true })
  // gzip where it is only built to be tried.
  const quick = process.env.ELECTRON_BUILDER_COMPRESSION_LEVEL === '1'
  const packing = quick ? ['-Zgzip', '-z1'] : ['-Zxz']
  execFileSync('dpkg-deb', ['--root-owner-group', ...packing, '--build', folder, options['--package']], {
    stdio: 'inherit',
  })
  statSync(options['--package'])
} finally {
  rmSync(work, { recursive: true, force: true })
}
