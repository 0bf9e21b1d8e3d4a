/** What each direction's loop gives the worker that runs it. */
import type { EspSpi } from '../../../src-shared/brands.ts'
import type { SocketCommand, TakeCommand } from './commands.ts'
import type { WorkerSocket, WorkerState } from './worker-state.ts'

export interface WorkerLoop {
  readonly state: WorkerState
  openSocket(socket: SocketCommand): WorkerSocket
  useTun(descriptor: number, udpSegments: boolean): void
  leaveTun(): void
  /** A datagram that the engine's thread has read. */
  take(datagram: TakeCommand): void
  /** An inbound SA is there. */
  installed(spi: EspSpi): void
  /** After commands were done. */
  changed(): void
  /** Does what there is to do, for a limited while; true when there is more. */
  turn(): boolean
  /** What wakes it. */
  descriptors(): readonly number[]
}
