import { readdirSync, readFileSync } from 'node:fs'
import { builtinModules } from 'node:module'
import { dirname, join, normalize, relative } from 'node:path'
import { describe, expect, it } from 'vitest'

/** The table of docs/architecture.md: which part may import which. A part is a folder or a file, the longest match counts. */
const allowed: Readonly<Record<string, readonly string[]>> = {
  'src-shared': ['src-shared', 'npm:valibot'],
  'src-main/ports.ts': ['src-shared'],
  'src-main/wire': ['src-main/wire', 'src-main/ports.ts', 'src-shared'],
  'src-main/ip': ['src-main/ip', 'src-main/ports.ts', 'src-shared'],
  'src-main/ike': ['src-main/ike', 'src-main/wire', 'src-main/ip', 'src-main/ports.ts', 'src-shared'],
  'src-main/ipsec': ['src-main/ipsec', 'src-main/wire', 'src-main/ip', 'src-main/ports.ts', 'src-shared'],
  'src-main/engine': [
    'src-main/engine',
    'src-main/ike',
    'src-main/ipsec',
    'src-main/wire',
    'src-main/ip',
    'src-main/ports.ts',
    'src-shared',
  ],
  'src-main/gateway': [
    'src-main/gateway',
    'src-main/engine',
    'src-main/ike',
    'src-main/ipsec',
    'src-main/wire',
    'src-main/ip',
    'src-main/ports.ts',
    'src-shared',
    'npm:valibot',
  ],
  // What its threads do to a packet is the portable plane's own code.
  'src-main/host/fast': [
    'src-main/host',
    'src-main/ipsec',
    'src-main/ip',
    'src-main/ports.ts',
    'src-shared',
    'node',
    'npm',
  ],
  'src-main/host': ['src-main/host', 'src-main/ip', 'src-main/ports.ts', 'src-shared', 'node', 'npm'],
  'src-main/pki': [
    'src-main/pki',
    'src-main/host/crypto',
    'src-main/ike/identity.ts',
    'src-main/ike/distinguished-name.ts',
    'src-main/ike/auth/signature-algorithms.ts',
    'src-main/ip',
    'src-main/ports.ts',
    'src-main/wire',
    'src-shared',
    'node',
    'npm',
  ],
  'src-main/profiles': [
    'src-main/profiles',
    'src-main/ike/proposals.ts',
    'src-main/ike/proposal-text.ts',
    'src-main/ike/suites.ts',
    'src-main/ike/identity.ts',
    'src-main/pki',
    'src-main/ip',
    'src-main/ports.ts',
    'src-shared',
    'node',
    'npm',
  ],
  'src-main/app': ['src-main', 'src-shared', 'node', 'npm'],
  'src-main/cli': ['src-main', 'src-shared', 'node', 'npm'],
  'src-main/demo': ['src-main', 'src-shared', 'node', 'npm'],
  'src-main/desktop': ['src-main', 'src-shared', 'node', 'npm'],
  'src-main/desktop.ts': ['src-main/desktop'],
  'src-main/cli.ts': ['src-main', 'src-shared', 'node', 'npm'],
  'src-main/helper.ts': ['src-main/host', 'src-main/ports.ts', 'src-shared', 'node'],
  'src-main/demo.ts': ['src-main', 'src-shared', 'node', 'npm'],
  'tun-tap/src': ['tun-tap/src', 'node', 'npm:koffi'],
  'src-renderer': ['src-renderer', 'src-shared', 'npm'],
}

const entries = [
  'src-main/host/fast/worker.ts',
  'src-main/cli.ts',
  'src-main/helper.ts',
  'src-main/demo.ts',
  'src-main/desktop.ts',
]
const root = join(import.meta.dirname, '..')

const filesIn = (folder: string): string[] =>
  readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = `${folder}/${entry.name}`
    if (entry.isDirectory()) return filesIn(path)
    return path.endsWith('.ts') || path.endsWith('.vue') ? [path] : []
  })

const importPattern =
  /(?:^|\n)\s*(?:import|export)\b[^'"\n;]*?(?:\n[^'";]*?)?from\s+['"]([^'"]+)['"]|import\(\s*['"]([^'"]+)['"]\s*\)/g

/** What a file imports: paths from the root for our own files, `node` or `npm:name` for others. */
function importsOf(file: string): string[] {
  const text = readFileSync(join(root, file), 'utf8')
  return [...text.matchAll(importPattern)].map(([, from, dynamic]) => {
    const specifier = from ?? dynamic ?? ''
    if (specifier.startsWith('.')) return normalize(join(dirname(file), specifier))
    if (specifier.startsWith('node:') || builtinModules.includes(specifier)) return 'node'
    return `npm:${specifier}`
  })
}

const files = ['src-main', 'src-renderer', 'src-shared', 'tun-tap/src'].flatMap(filesIn)
const imports = new Map(files.map((file) => [file, importsOf(file)]))

const partOf = (file: string): string | undefined =>
  Object.keys(allowed)
    .filter((part) => file === part || file.startsWith(`${part}/`))
    .sort((a, b) => b.length - a.length)[0]

const fits = (imported: string, rule: string): boolean =>
  imported === rule || imported.startsWith(`${rule}/`) || (rule === 'npm' && imported.startsWith('npm:'))

describe('the architecture', () => {
  it('has a rule for every file', () => {
    expect(files.filter((file) => partOf(file) === undefined)).toEqual([])
  })

  it('lets each part import only what its row of the table allows', () => {
    const broken = [...imports].flatMap(([file, targets]) => {
      const rules = allowed[partOf(file) ?? ''] ?? []
      return targets
        .filter((target) => !rules.some((rule) => fits(target, rule)))
        .map((target) => `${file} → ${target}`)
    })
    expect(broken).toEqual([])
  })

  it('keeps the two protocol cores and the two IKE versions apart', () => {
    const crossing = [...imports].flatMap(([file, targets]) =>
      targets
        .filter((target) => file.startsWith('src-main/ike/v2/') && target.startsWith('src-main/ike/v1/'))
        .map((target) => `${file} → ${target}`),
    )
    expect(crossing).toEqual([])
  })

  it('lets the desktop folder alone know Electron', () => {
    const others = [...imports].filter(
      ([file, targets]) => targets.includes('npm:electron') && !file.startsWith('src-main/desktop/'),
    )
    expect(others.map(([file]) => file)).toEqual([])
  })

  it('imports entries from nowhere', () => {
    const importers = [...imports].filter(([, targets]) => targets.some((target) => entries.includes(target)))
    expect(importers.map(([file]) => file)).toEqual([])
  })

  it('has no cycle between files', () => {
    const done = new Set<string>()
    const cycles: string[] = []
    const visit = (file: string, trail: readonly string[]): void => {
      const at = trail.indexOf(file)
      if (at >= 0) {
        cycles.push([...trail.slice(at), file].join(' → '))
        return
      }
      if (done.has(file)) return
      for (const target of imports.get(file) ?? []) if (imports.has(target)) visit(target, [...trail, file])
      done.add(file)
    }
    for (const file of files) visit(file, [])
    expect(cycles).toEqual([])
  })

  it('has no file that only passes on others', () => {
    const barrels = files.filter((file) => {
      const text = readFileSync(join(root, file), 'utf8').replace(/\/\*[\s\S]*?\*\//g, '')
      const lines = text.split('\n').filter((line) => line.trim() !== '' && !line.trim().startsWith('//'))
      return (
        lines.length > 0 &&
        lines.every((line) => /^export .* from /.test(line)) &&
        file !== 'tun-tap/src/index.ts'
      )
    })
    expect(barrels).toEqual([])
  })

  it('reads its import lines right', () => {
    expect(imports.get('src-main/engine/engine.ts')).toContain('src-main/engine/connection.ts')
    expect(relative(root, import.meta.filename)).toBe('test/architecture.test.ts')
  })
})
