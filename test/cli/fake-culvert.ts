/** The real command with a pretended engine, for what only whole processes show. The password is `hunter2`; FAKE_HANGS never disconnects, FAKE_NEVER never connects. */
import { runProgram } from '../../src-main/cli/program.ts'
import { realWorld } from '../../src-main/cli/real-world.ts'
import { connectAfterAsking, fakeEngine } from '../app/fake-engine.ts'

const hangs = process.env['FAKE_HANGS'] === 'true'
const never = process.env['FAKE_NEVER'] === 'true'
const engine = fakeEngine(
  never
    ? (connection) => connection.become({ kind: 'connecting', phase: 'resolving' })
    : connectAfterAsking('password', 'hunter2'),
)
const world = realWorld(import.meta.url)
process.exitCode = await runProgram(
  {
    ...world,
    createEngine: () =>
      Promise.resolve({
        connect(profile, secrets) {
          const connection = engine.connect(profile, secrets)
          return hangs ? { ...connection, disconnect: () => new Promise(() => undefined) } : connection
        },
        close: () => engine.close(),
      }),
  },
  '0.0.0',
  process.argv.slice(2),
)
