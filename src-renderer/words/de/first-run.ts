export const firstRun = {
  title: 'Mit welchem Gateway verbinden Sie sich?',
  text: 'Culvert braucht ein Profil: wer das Gateway ist und wie Sie beweisen, wer Sie sind.',
  import: {
    title: 'Datei importieren',
    text: 'Von Ihrer Administration oder einem anderen VPN-Programm. Sie können sie auch hierher ziehen.',
  },
  write: {
    title: 'Profil schreiben',
    text: 'Mit der Adresse des Gateways und dem, was Ihre Administration Ihnen gab.',
  },
  demo: {
    title: 'Demo-Büro ausprobieren',
    text: 'Startet ein Gateway auf diesem Rechner und verbindet sich durch einen echten Tunnel.',
  },
}
