/**
 * Culvert's engine in a process that goes on living, as the desktop's does: `connect` and `disconnect` on standard input, each
 * answered by a line once done. Arguments: the profile's file, the helper, the file for the log.
 */
import { readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import * as v from 'valibot'
import type { ConnectionLike } from '../../src-main/app/app.ts'
import { createLog } from '../../src-main/app/log.ts'
import { createMachineEngine } from '../../src-main/app/machine-engine.ts'
import { secretsOf } from '../../src-main/app/secrets.ts'
import { Profile } from '../../src-shared/profile.ts'

const [profileFile, helperPath, logFile] = process.argv.slice(2)
if (profileFile === undefined || helperPath === undefined || logFile === undefined)
  throw new Error('usage: running-client PROFILE HELPER LOG')
const profile = v.parse(Profile, JSON.parse(readFileSync(profileFile, 'utf8')))
const log = createLog({ file: logFile })
const engine = createMachineEngine({ helperPath, log: log.log })
const nobody = (): Promise<never> => Promise.reject(new Error('the profile keeps its secrets in files'))
const store = { keep: nobody, fetch: nobody, copy: nobody, drop: nobody, forget: nobody }
let connection: ConnectionLike | undefined

const connect = (): void => {
  const secrets = secretsOf(profile, { store, ask: nobody, log: log.log, baseDirectory: '/' })
  const made = engine.connect(profile, secrets)
  let last = ''
  made.onChange(() => {
    // What a window shows is computed at each change, as in the app.
    const { state } = made.status()
    if (state.kind !== last && (state.kind === 'connected' || state.kind === 'failed'))
      process.stdout.write(`${JSON.stringify(state)}\n`)
    last = state.kind
  })
  connection = made
}

for await (const line of createInterface({ input: process.stdin })) {
  if (line === 'connect') connect()
  else {
    await connection?.disconnect()
    process.stdout.write(`${JSON.stringify({ kind: 'disconnected' })}\n`)
  }
}
await connection?.disconnect()
await engine.close()
log.close()
