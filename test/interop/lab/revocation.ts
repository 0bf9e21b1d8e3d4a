/** The root's answers about revocation, given by OpenSSL: an OCSP responder, and a list on a web server, both at the router. */
import { X509Certificate } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Issued } from './certificates.ts'
import type { Lab } from './lab.ts'
import { addresses } from './network.ts'
import { listPort, ocspPort } from './pki.ts'
import type { CertificateName } from './pki.ts'
import { must, start, until } from './processes.ts'
import { startProgram } from './programs.ts'

const configuration = `[ca]
default_ca = own
[own]
database = index.txt
crlnumber = crlnumber
default_md = sha256
default_crl_days = 1
`

/** `YYMMDDHHMMSSZ`, as OpenSSL's index of certificates has it. */
const indexTime = (at: number): string => `${new Date(at).toISOString().replace(/[-:T]/g, '').slice(2, 14)}Z`

const day = 86_400_000

const indexLine = ({ pem }: Issued, isRevoked: boolean): string => {
  const { serialNumber } = new X509Certificate(pem)
  const words = isRevoked
    ? ['R', indexTime(Date.now() + day), `${indexTime(Date.now() - day)},keyCompromise`]
    : ['V', indexTime(Date.now() + day), '']
  return [...words, serialNumber, 'unknown', `/CN=${serialNumber}`].join('\t')
}

export interface RevocationAnswers {
  close(): Promise<void>
}

/** Starts both; certificates of neither list are unknown to the responder. */
export const startRevocationAnswers = async (
  lab: Lab,
  good: readonly CertificateName[],
  revoked: readonly CertificateName[],
): Promise<RevocationAnswers> => {
  const folder = join(lab.folder, 'revocation')
  mkdirSync(folder, { recursive: true })
  const file = (name: string, content: string): string => {
    writeFileSync(join(folder, name), content)
    return join(folder, name)
  }
  const root = await lab.pki.get('root')
  const lines = [
    ...(await Promise.all(good.map(async (name) => indexLine(await lab.pki.get(name), false)))),
    ...(await Promise.all(revoked.map(async (name) => indexLine(await lab.pki.get(name), true)))),
  ]
  const [certificate, key] = [file('root.pem', root.pem), file('root.key', root.keyPem)]
  const index = file('index.txt', `${lines.join('\n')}\n`)
  file('crlnumber', '01\n')
  const own = file(
    'ca.cnf',
    configuration.replace('index.txt', index).replace('= crlnumber', `= ${join(folder, 'crlnumber')}`),
  )
  const list = join(folder, 'list.crl')
  await must([
    'openssl',
    'ca',
    '-config',
    own,
    '-cert',
    certificate,
    '-keyfile',
    key,
    '-gencrl',
    '-out',
    join(folder, 'list.pem'),
  ])
  await must(['openssl', 'crl', '-in', join(folder, 'list.pem'), '-outform', 'DER', '-out', list])
  const signer = ['-CA', certificate, '-rsigner', certificate, '-rkey', key, '-ndays', '1']
  const responder = start(
    ['openssl', 'ocsp', '-index', index, ...signer, '-port', String(ocspPort), '-ignore_err'],
    { namespace: lab.network.router },
  )
  await until('the OCSP responder to listen', async () =>
    (await must(['ss', '-Hltn'], { namespace: lab.network.router })).includes(`:${ocspPort} `)
      ? true
      : undefined,
  )
  const web = await startProgram(
    lab.network.router,
    'file.mjs',
    JSON.stringify({ address: addresses.router.ipv4, port: listPort, file: list }),
  )
  return {
    async close() {
      await web.stop()
      await responder.stop()
    },
  }
}
