/** What `culvert manual` says, and how its SAs look in `culvert status`. */
import type { ManualSaStatus } from '../../src-shared/status.ts'
import type { ManualEvent } from '../app/manual-run.ts'
import { byteWords, countWords, spiWords } from './words.ts'

export function manualEventLine(event: ManualEvent, file: string): string {
  switch (event.event) {
    case 'started':
      return `${file} is in force: ${countWords(event.sas, 'SA')} over ${event.interfaceName}, MTU ${event.mtu}. Ctrl-C ends it.`
    case 'soft-expired':
      return `${event.protocol.toUpperCase()} ${spiWords(event.spi)} nears the end of its ${event.cause}.`
    case 'hard-expired':
      return `${event.protocol.toUpperCase()} ${spiWords(event.spi)} has used up its ${event.cause} and passes nothing any more.`
    case 'stopped':
      return 'Everything is put back.'
  }
}

type Row = readonly [string, string]

export const manualSaRows = (sas: readonly ManualSaStatus[] = []): readonly Row[] => sas.flatMap(saRows)

function saRows(sa: ManualSaStatus): readonly Row[] {
  const { direction, protocol, mode, spi, source, destination, flow, replayWindow, drops } = sa
  const details = [
    `${protocol.toUpperCase()} ${sa.encapsulation === 'udp' ? 'in UDP, ' : ''}${mode} mode`,
    sa.algorithms,
    ...(sa.extendedSequenceNumbers ? ['ESN'] : []),
    ...(sa.requestId === undefined ? [] : [`reqid ${sa.requestId}`]),
    ...(sa.stopped === undefined ? [] : [`stopped: its ${sa.stopped} are used up`]),
  ]
  const counts = [
    `${countWords(flow.packets, 'packet')}, ${byteWords(flow.bytes)}`,
    `number ${flow.highestSequence}`,
    ...(replayWindow === undefined
      ? direction === 'inbound'
        ? ['no anti-replay window']
        : []
      : [`anti-replay window of ${replayWindow.size}`]),
    ...Object.entries(drops).map(([reason, count]) => `${count} dropped: ${reason.replaceAll('-', ' ')}`),
  ]
  return [
    [direction === 'inbound' ? 'SA in' : 'SA out', `${spiWords(spi)}  ${source} → ${destination}`],
    ['', details.join(' · ')],
    ['', counts.join(' · ')],
  ]
}
