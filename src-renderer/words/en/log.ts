export const log = {
  title: 'Log',
  level: 'How much',
  levels: { warn: 'Problems', info: 'Normal', debug: 'Everything' },
  word: { error: 'error', warn: 'warning', info: 'info', debug: 'debug' },
  report: 'Save a report',
  copied: '{count} line copied | {count} lines copied',
  empty: 'Nothing has happened yet',
  emptyText: 'What Culvert does is written here, without secrets.',
  otherText: 'Show everything, or search for something else.',
}
