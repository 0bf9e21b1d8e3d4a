import type { ExportFormat, ExportedProfile } from '../../src-shared/export.ts'

const link = `culvert://import?name=head-office.json&data=${'eyJ2ZXJzaW9uIjoxLCJpZCI6Ij'.repeat(30)}`

export function sampleExport(format: ExportFormat): ExportedProfile {
  if (format === 'sswan') return { kind: 'impossible', problem: '.sswan has no pre-shared keys' }
  const file = {
    name: `head-office.${format}`,
    text: format === 'link' ? `${link}\n` : '{\n  "version": 1\n}\n',
  }
  return {
    kind: 'made',
    file,
    beside:
      format === 'swanctl'
        ? [{ name: 'x509ca/head-office-ca-1.pem', text: '-----BEGIN CERTIFICATE-----\n' }]
        : [],
    lost:
      format === 'culvert' || format === 'link'
        ? [{ where: 'local.authentication.secret', problem: 'The secret itself is not exported' }]
        : [
            { where: 'mtu', problem: 'The format has no place for it' },
            { where: 'remote.authentication.pin', problem: 'The format has no place for it' },
          ],
  }
}
