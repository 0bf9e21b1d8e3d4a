import { describe } from 'vitest'
import { rawPacketsContract } from '../contracts/raw-packets.contract.ts'
import { createFakeRawPackets } from '../fakes/fake-raw-packets.ts'

// The real one needs root and a network of its own: test/kernel/raw-packets.test.ts.
describe('the fake of raw IP', () => {
  rawPacketsContract(() => ({
    raw: createFakeRawPackets(),
    address: { 4: '198.51.100.1', 6: 'fd00::1' },
  }))
})
