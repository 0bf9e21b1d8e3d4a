/** Unpredictable bytes from the operating system's generator by way of OpenSSL. */
import { randomFillSync } from 'node:crypto'
import type { Random } from '../../ports.ts'

export const createRandom = (): Random => ({
  bytes: (length) => randomFillSync(new Uint8Array(length)),
})
