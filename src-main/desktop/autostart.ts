/** Starting with the session: a file in the XDG autostart directory (Desktop Application Autostart Specification). */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

const FILE = join('autostart', 'culvert.desktop')

/** Desktop Entry Specification, "The Exec key": what quoting must escape, and `%` doubled. */
const quoted = (argument: string): string =>
  `"${argument.replaceAll(/["`$\\]/g, (character) => `\\${character}`).replaceAll('%', '%%')}"`

export function autostartEntry(command: readonly string[]): string {
  return [
    '[Desktop Entry]',
    'Type=Application',
    'Name=Culvert',
    'Comment=Connects to the chosen network at login',
    // Backslashes are escaped once more as in any string of the file.
    `Exec=${command.map(quoted).join(' ').replaceAll('\\', '\\\\')}`,
    'Icon=culvert',
    'Terminal=false',
    'X-GNOME-Autostart-enabled=true',
    '',
  ].join('\n')
}

/** `configHome`: XDG_CONFIG_HOME. Writes only when something changes. */
export function setAutostart(configHome: string, command: readonly string[] | undefined): void {
  const file = join(configHome, FILE)
  if (command === undefined) {
    rmSync(file, { force: true })
    return
  }
  const entry = autostartEntry(command)
  if (contentOf(file) === entry) return
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
  writeFileSync(file, entry, { mode: 0o644 })
}

function contentOf(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return undefined
  }
}
