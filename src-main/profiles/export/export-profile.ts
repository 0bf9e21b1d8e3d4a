/** Exports a profile into any format that is known. Secrets never leave this way; profiles/bundle.ts takes them along under a password. */
import { fail } from '../../../src-shared/result.ts'
import type { Result } from '../../../src-shared/result.ts'
import type { Profile } from '../../../src-shared/profile.ts'
import { culvertExport, linkExport } from './culvert-export.ts'
import type { Exported, Exporter } from './exporter.ts'
import { mobileconfigExport } from './mobileconfig-export.ts'
import { networkmanagerExport } from './networkmanager-export.ts'
import { powershellExport } from './powershell-export.ts'
import { profileXmlExport } from './profile-xml-export.ts'
import { sswanExport } from './sswan-export.ts'
import { swanctlExport } from './swanctl-export.ts'

/** By the name that `--format` takes. */
export const exporters = {
  culvert: culvertExport,
  sswan: sswanExport,
  mobileconfig: mobileconfigExport,
  swanctl: swanctlExport,
  nmconnection: networkmanagerExport,
  profilexml: profileXmlExport,
  powershell: powershellExport,
  link: linkExport,
} as const satisfies Readonly<Record<string, Exporter>>

export type ExportFormat = keyof typeof exporters

export const isExportFormat = (text: string): text is ExportFormat => Object.hasOwn(exporters, text)

/** Fails with a sentence when the format cannot hold such a connection. */
export function exportProfile(profile: Profile, format: ExportFormat): Result<Exported, string> {
  const exported = exporters[format].write(profile)
  return exported.ok ? exported : fail(`${exporters[format].label}: ${exported.error}`)
}
