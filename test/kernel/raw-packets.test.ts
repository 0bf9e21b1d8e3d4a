import { afterAll, beforeAll, describe } from 'vitest'
import { createRawPackets } from '../../src-main/host/linux/raw-ip.ts'
import { rawPacketsContract } from '../contracts/raw-packets.contract.ts'
import { enterNamespace } from '../electron/lab/namespace.ts'
import { must, mustNow, onExit } from '../interop/lab/processes.ts'
import { whyNot } from './lab/machine.ts'

const reason = whyNot()
const namespace = `culvert-raw-${process.pid}`

describe.skipIf(reason !== undefined)(
  `raw IP sockets on Linux${reason === undefined ? '' : ` (${reason})`}`,
  () => {
    const remove = () => void mustNow(['ip', 'netns', 'del', namespace])
    let forget: () => void = () => undefined
    let leave: () => void = () => undefined
    beforeAll(async () => {
      await must(['ip', 'netns', 'add', namespace])
      forget = onExit(remove)
      const lines = ['link set lo up', 'addr add 198.51.100.1/32 dev lo', 'addr add fd00::1/128 dev lo nodad']
      await must(['ip', '-batch', '-'], { namespace, input: `${lines.join('\n')}\n` })
      leave = enterNamespace(namespace)
    })
    afterAll(() => {
      leave()
      forget()
      remove()
    })
    rawPacketsContract(() => ({
      raw: createRawPackets({ mark: 7 }),
      address: { 4: '198.51.100.1', 6: 'fd00::1' },
    }))
  },
)
