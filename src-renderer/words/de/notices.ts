export const notices = { label: 'Hinweise', log: 'Protokoll zeigen' }
