/** A program that opens a fast data plane and ends without closing it: `leave.ts WORKER HOW`. */
import { createClock } from '../../../src-main/host/clock.ts'
import { openFastDataPlane } from '../../../src-main/host/fast/fast-data-plane.ts'

const [workerPath = '', how] = process.argv.slice(2)
const nothing = (): void => undefined
openFastDataPlane({
  workerPath,
  providers: ['node'],
  clock: createClock(),
  log: nothing,
  onIke: nothing,
  onEvent: nothing,
})
  .then(() => {
    process.stdout.write('open\n')
    if (how === 'exit') process.exit(0)
    if (how === 'throw') throw new Error('a fault')
  })
  .catch((error: unknown) => {
    setImmediate(() => {
      throw error
    })
  })
