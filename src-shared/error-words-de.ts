/** Every failure in German, for the window and the desktop's notifications. */
import { because, words, type Detail, type ErrorTable } from './error-words.ts'

const gatewayName = (d: Detail) => d('gateway', d('host', 'dem Gateway'))
const inBrackets = (value: string) => (value === '' ? '' : ` (${value})`)

export const errorTable: ErrorTable = {
  usage: (d) =>
    words(
      'culvert',
      d('problem', 'Culvert wurde um etwas gebeten, das es nicht versteht.'),
      'Das ist ein Fehler in Culvert. Bitte melden Sie ihn zusammen mit dem Protokoll.',
      'Melden',
    ),
  'profile-invalid': (d) => {
    const name = d('profile', d('file', ''))
    const where = d('where', '')
    return words(
      'you',
      `Das Profil ${name === '' ? '' : `${name} `}kann nicht benutzt werden: ${where === '' ? '' : `${where}: `}${d('problem', 'ein Feld fehlt oder ist falsch')}.`,
      d('advice', 'Berichtigen Sie das Feld, oder importieren Sie das Profil noch einmal.'),
      'Profil bearbeiten',
    )
  },
  'profile-not-found': (d) =>
    words(
      'you',
      d('file', '') === ''
        ? `Es gibt kein Profil namens ${d('profile', '–')}.`
        : `Die Datei ${d('file', '')} ist nicht lesbar: ${d('problem', 'es gibt sie nicht')}.`,
      'Wählen Sie ein anderes Profil, oder importieren Sie es noch einmal.',
      'Profile zeigen',
    ),
  'secret-missing': (d) =>
    words(
      'you',
      `Ein Passwort oder Schlüssel wird gebraucht und wurde nicht angegeben${inBrackets(d('what', ''))}.`,
      'Verbinden Sie erneut und geben Sie ihn ein, wenn danach gefragt wird.',
      'Erneut versuchen',
    ),
  'gateway-not-found': (d) =>
    words(
      'you',
      `Der Name ${d('gateway', d('host', 'des Gateways'))} führt zu keiner Adresse.`,
      'Prüfen Sie die Schreibweise im Profil und ob dieser Rechner online ist.',
      'Netz prüfen',
    ),
  'gateway-unreachable': (d) =>
    d('reason', '') === 'no route'
      ? words(
          'you',
          `Dieser Rechner hat keinen Weg zu ${gatewayName(d)}.`,
          'Er ist nicht online oder hat keine Route zu dieser Adresse. Verbinden Sie ihn mit einem Netz und versuchen Sie es erneut.',
          'Netz prüfen',
        )
      : words(
          'network',
          `Keine Antwort von ${gatewayName(d)}.`,
          'Die Adresse ist vielleicht falsch, oder dieses Netz sperrt VPNs (UDP 500 und 4500).',
          'Netz prüfen',
        ),
  'gateway-gave-up': (d) =>
    words(
      'administrator',
      `${d('gateway', 'Das Gateway')} hat zuerst geantwortet und ist dann verstummt.`,
      'Versuchen Sie es erneut. Bleibt es so, fragen Sie Ihre Administration, was im Protokoll des Gateways steht.',
      'Erneut versuchen',
    ),
  'no-common-proposal': (d) =>
    words(
      'administrator',
      'Sie und das Gateway haben keine Verschlüsselung gemeinsam, die es erlaubt.',
      `Es hat ${d('offered', '') === '' ? 'alles abgelehnt, was dieses Profil anbietet' : `abgelehnt, was angeboten wurde: ${d('offered', '')}`}. Fragen Sie, was es annimmt, oder lassen Sie die Vorschläge des Profils leer, um die empfohlenen anzubieten.`,
      'Angebot zeigen',
    ),
  'no-common-traffic': () =>
    words(
      'administrator',
      'Das Gateway erlaubt nichts von dem Verkehr, den dieses Profil durch den Tunnel schicken will.',
      'Fragen Sie Ihre Administration, welche Netze Sie erreichen dürfen, und tragen Sie diese als entfernte Netze ein.',
      'Profil bearbeiten',
    ),
  'credentials-refused': (d) =>
    words(
      'you',
      `Das Gateway hat dieses Passwort${d('user', '') === '' ? '' : ` für ${d('user', '')}`} nicht angenommen.`,
      'Prüfen Sie es und versuchen Sie es erneut, oder fragen Sie Ihre Administration.',
      'Erneut versuchen',
    ),
  'authentication-refused': () =>
    words(
      'you',
      'Das Gateway hat nicht angenommen, wer Sie zu sein angeben.',
      'Prüfen Sie Schlüssel oder Zertifikat und die eigene Identität im Profil, oder fragen Sie Ihre Administration, was erwartet wird.',
      'Profil bearbeiten',
    ),
  'gateway-not-authenticated': (d) =>
    words(
      'administrator',
      `Das Gateway konnte nicht beweisen, wer es ist${because(d)}.`,
      'Verbinden Sie sich nicht, bevor Ihre Administration es bestätigt. Bei einem vereinbarten Schlüssel: prüfen Sie, ob beide Seiten denselben haben.',
      'Einzelheiten zeigen',
    ),
  'certificate-untrusted': (d) =>
    words(
      'administrator',
      `Das Zertifikat des Gateways stammt von einer Stelle, der Sie nicht vertrauen${inBrackets(d('certificate', ''))}.`,
      'Verbinden Sie sich nicht, bevor Ihre Administration es bestätigt; fügen Sie dann das Zertifikat der Stelle dem Profil hinzu.',
      'Zertifikat zeigen',
    ),
  'certificate-wrong-name': (d) =>
    words(
      'administrator',
      `Das Zertifikat dieses Gateways gilt nicht für ${d('identity', d('gateway', d('host', 'dieses Gateway')))}.`,
      `Es gilt für ${d('names', d('certificate', 'einen anderen Namen'))}. Verbinden Sie sich nicht, bevor Ihre Administration es bestätigt.`,
      'Zertifikat zeigen',
    ),
  'certificate-expired': (d) =>
    words(
      'administrator',
      `Das Zertifikat des Gateways ist heute nicht gültig${because(d)}.`,
      'Prüfen Sie die Uhr dieses Rechners; geht sie richtig, muss Ihre Administration das Zertifikat erneuern.',
      'Zertifikat zeigen',
    ),
  'certificate-unsuitable': (d) =>
    words(
      'administrator',
      `Das Zertifikat des Gateways darf hierfür nicht benutzt werden${because(d)}.`,
      'Ihre Administration muss eines ausstellen, das die Anmeldung eines Servers erlaubt.',
      'Zertifikat zeigen',
    ),
  'certificate-pin-mismatch': () =>
    words(
      'administrator',
      'Der Schlüssel des Gateways ist nicht der, den dieses Profil erwartet.',
      'Verbinden Sie sich nicht, bevor Ihre Administration bestätigt, dass der Schlüssel gewechselt wurde; ändern Sie dann den Fingerabdruck im Profil.',
      'Zertifikat zeigen',
    ),
  'certificate-revoked': (d) =>
    words(
      'administrator',
      `Die ausstellende Stelle hat ein Zertifikat dieses Gateways widerrufen${because(d)}: ${d('certificate', 'es ist nicht genannt')}.`,
      'Verbinden Sie sich nicht: jemand anders kann seinen Schlüssel haben. Ihre Administration muss dem Gateway ein neues Zertifikat geben.',
      'Zertifikat zeigen',
    ),
  'certificate-revocation-unknown': (d) =>
    words(
      'network',
      `Niemand konnte sagen, ob ${d('certificate', 'das Zertifikat des Gateways')} widerrufen ist${because(d)}.`,
      'Versuchen Sie es noch einmal oder aus einem anderen Netz. Auch ein Notschalter, der hält, lässt die Frage nicht hinaus. Wenn Ihre Administration zustimmt, stellen Sie die Widerrufsprüfung des Profils auf „wenn erreichbar“.',
      'Erneut versuchen',
    ),
  'eap-method-refused': (d) =>
    words(
      'administrator',
      `Das Gateway verlangt eine Anmeldung, die dieses Profil nicht erlaubt${inBrackets(d('method', ''))}.`,
      'Fragen Sie Ihre Administration, welches Verfahren richtig ist; vertrauen Sie ihm, so erlauben Sie es im Profil.',
      'Profil bearbeiten',
    ),
  'no-address': () =>
    words(
      'administrator',
      'Das Gateway hat Ihnen keine Adresse in seinem Netz gegeben.',
      'Vielleicht sind alle vergeben. Versuchen Sie es später, oder fragen Sie Ihre Administration.',
      'Erneut versuchen',
    ),
  'gateway-internal': (d) =>
    words(
      'administrator',
      `Das Gateway meldet eine Störung bei sich selbst${because(d)}.`,
      'Versuchen Sie es später. Bleibt es so, nennen Sie Ihrer Administration die Uhrzeit und diese Meldung.',
      'Erneut versuchen',
    ),
  'protocol-violation': (d) =>
    words(
      'administrator',
      `Die Antwort des Gateways verletzt das Protokoll${because(d)}.`,
      'Die Verbindung wurde zur Sicherheit beendet. Speichern Sie einen Bericht und schicken Sie ihn Ihrer Administration.',
      'Protokoll zeigen',
    ),
  'no-tun': (d) =>
    words(
      'you',
      `Dieser Rechner hat kein TUN-Gerät für den Netzadapter${because(d)}.`,
      'Wer diesen Rechner betreut, muss das Kernelmodul „tun“ laden.',
      'Erneut versuchen',
    ),
  'no-privilege': (d) =>
    words(
      'you',
      `Culvert braucht einmal die Erlaubnis, den Netzadapter einzurichten${inBrackets(d('step', ''))}.`,
      'Erlauben Sie es, wenn Ihr System danach fragt.',
      'Erlauben',
    ),
  'port-busy': (d) =>
    words(
      'you',
      `Ein anderes Programm benutzt den UDP-Port ${d('port', '500 oder 4500')}.`,
      'Beenden Sie das andere VPN-Programm und versuchen Sie es erneut.',
      'Erneut versuchen',
    ),
  'host-step-failed': (d) =>
    words(
      'you',
      `Dieser Rechner hat einen Schritt verweigert: ${d('step', 'eine Netzeinstellung ließ sich nicht ändern')}${because(d)}.`,
      'Alles wurde zurückgestellt. Das Protokoll sagt mehr.',
      'Protokoll zeigen',
    ),
  'already-running': (d) =>
    words(
      'you',
      `${d('profile', 'Dieses Profil')} ist schon verbunden oder verbindet gerade.`,
      'Der Status zeigt es; trennen Sie es dort oder hier.',
      'Status zeigen',
    ),
  'not-running': (d) =>
    words(
      'you',
      d('profile', '') === '' ? 'Nichts ist verbunden.' : `${d('profile', '')} ist nicht verbunden.`,
      'Verbinden Sie es, wenn Sie es brauchen.',
      'Verbinden',
    ),
  cancelled: () =>
    words(
      'you',
      'Sie haben es beendet, bevor es fertig war.',
      'Beginnen Sie erneut, wann Sie möchten.',
      'Erneut versuchen',
    ),
  internal: (d) =>
    words(
      'culvert',
      `In Culvert selbst ist etwas schiefgegangen${d('problem', '') === '' ? '' : `: ${d('problem', '')}`}.`,
      'Das ist ein Fehler in Culvert. Speichern Sie im Protokoll einen Bericht und schicken Sie ihn uns.',
      'Protokoll zeigen',
    ),
}
