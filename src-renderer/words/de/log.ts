export const log = {
  title: 'Protokoll',
  level: 'Wie viel',
  levels: { warn: 'Probleme', info: 'Normal', debug: 'Alles' },
  word: { error: 'Fehler', warn: 'Warnung', info: 'Info', debug: 'Detail' },
  report: 'Bericht speichern',
  copied: '{count} Zeile kopiert | {count} Zeilen kopiert',
  empty: 'Noch ist nichts geschehen',
  emptyText: 'Was Culvert tut, steht hier, ohne Geheimnisse.',
  otherText: 'Zeigen Sie alles, oder suchen Sie etwas anderes.',
}
