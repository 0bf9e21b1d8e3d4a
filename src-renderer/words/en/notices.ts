export const notices = { label: 'Notices', log: 'Show the log' }
