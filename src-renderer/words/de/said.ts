/** What the main process says in English sentences, in German: problems of a field, why an algorithm is weak, why a policy is there. */
import { importConnections } from './said/import-connections.ts'
import { importFiles } from './said/import-files.ts'
import { importFormats } from './said/import-formats.ts'
import { messages } from './said/messages.ts'
import { reasons } from './said/reasons.ts'

export const said: Readonly<Record<string, string>> = {
  ...importConnections,
  ...importFiles,
  ...importFormats,
  ...messages,
  ...reasons,
  'Must not be empty': 'Darf nicht leer sein',
  'Must be one line without control characters': 'Muss eine Zeile ohne Steuerzeichen sein',
  'Must be an IP address such as 10.0.0.1 or fd00::1':
    'Muss eine IP-Adresse sein, etwa 10.0.0.1 oder fd00::1',
  'Must be an address prefix such as 10.0.0.0/8 or fd00::/8':
    'Muss ein Netz sein, etwa 10.0.0.0/8 oder fd00::/8',
  'Must be a host name or an IP address, without scheme or port':
    'Muss ein Hostname oder eine IP-Adresse sein, ohne Schema und Port',
  'Must be a domain such as corp.example': 'Muss eine Domäne sein, etwa corp.example',
  'Must be a proposal such as aes256gcm16-prfsha384-ecp384':
    'Muss ein Vorschlag sein, etwa aes256gcm16-prfsha384-ecp384',
  'Must be 32 bytes in base64': 'Muss 32 Bytes in Base64 sein',
  'Must be 1 or 2': 'Muss 1 oder 2 sein',
  'Only EAP-TLS, EAP-TTLS and PEAP prove the gateway; allow no other method with this':
    'Nur EAP-TLS, EAP-TTLS und PEAP weisen das Gateway aus; erlauben Sie damit keine andere Methode',
  'A second round stands behind a certificate or a pre-shared key':
    'Eine zweite Runde steht hinter einem Zertifikat oder gemeinsamen Schlüssel',
  'EAP within TLS is for IKEv2': 'EAP in TLS gibt es mit IKEv2',
  'Public-key encryption is for version 1, with an identity of yours, and without a certificate of yours':
    'Verschlüsselung mit öffentlichen Schlüsseln gibt es mit Version 1, mit einer eigenen Identität und ohne eigenes Zertifikat',
  'Must be a public key in PEM': 'Ein öffentlicher Schlüssel in PEM',
  'PEAP has no PAP inside; choose EAP-TTLS for it': 'In PEAP gibt es kein PAP; wählen Sie dafür EAP-TTLS',
  'Must be a name, an address, user@domain, a distinguished name (CN=…) or keyid:hex':
    'Muss ein Name, eine Adresse, benutzer@domäne, ein Distinguished Name (CN=…) oder keyid:hex sein',
  'Name at least one network, such as 0.0.0.0/0': 'Nennen Sie mindestens ein Netz, etwa 0.0.0.0/0',
  'With %any, name the authorities yourself or pin the key: the system authorities vouch for everybody':
    'Nennen Sie bei %any die Stellen selbst, oder legen Sie den Schlüssel fest: Die Stellen des Systems bürgen für jeden',
  'This field is missing': 'Dieses Feld fehlt',
  'This field is not known': 'Dieses Feld ist nicht bekannt',
  'The value is not valid': 'Der Wert ist nicht gültig',
  'Give the profile a name': 'Geben Sie dem Profil einen Namen',
  "Give the gateway's name or address, such as vpn.example.org":
    'Geben Sie Namen oder Adresse des Gateways an, etwa vpn.example.org',
  'Give your user name': 'Geben Sie Ihren Benutzernamen an',
  'Choose how you prove who you are': 'Wählen Sie, wie Sie sich anmelden',
  'Choose how the gateway proves who it is': 'Wählen Sie, wie sich das Gateway ausweist',
  'it holds no certificate in PEM or DER': 'es enthält kein Zertifikat in PEM oder DER',
  'its base64 is damaged': 'sein Base64 ist beschädigt',
  'it is too large': 'es ist zu groß',

  'The keyring of this desktop is locked, so passwords are asked for each time. Unlock it and start Culvert again.':
    'Der Schlüsselbund dieses Desktops ist gesperrt, deshalb wird jedes Mal nach Passwörtern gefragt. Entsperren Sie ihn, und starten Sie Culvert neu.',
  'This desktop has no keyring (Secret Service), so passwords are asked for each time.':
    'Dieser Desktop hat keinen Schlüsselbund (Secret Service), deshalb wird jedes Mal nach Passwörtern gefragt.',

  'Write a proposal such as aes256gcm16-prfsha384-ecp384':
    'Schreiben Sie einen Vorschlag, etwa aes256gcm16-prfsha384-ecp384',
  'These are several proposals; give them one at a time':
    'Das sind mehrere Vorschläge; geben Sie sie einzeln an',
  'No encryption algorithm': 'Kein Verschlüsselungsverfahren',
  'Combined-mode and other encryption together': 'Verfahren mit und ohne eigene Integrität zusammen',
  'No integrity algorithm': 'Kein Integritätsverfahren',
  'No pseudo-random function': 'Keine Pseudozufallsfunktion (PRF)',
  'No key exchange group': 'Keine Gruppe für den Schlüsselaustausch',
  'Extended sequence numbers in an IKE proposal': 'Erweiterte Sequenznummern in einem IKE-Vorschlag',

  Recommended: 'Empfohlen',
  '64-bit sequence numbers (extended)': 'Sequenznummern mit 64 Bit (erweitert)',
  '32-bit sequence numbers': 'Sequenznummern mit 32 Bit',
  "This computer's crypto library does not have it": 'Die Kryptobibliothek dieses Rechners hat es nicht',
  'This version of Culvert does not have it yet': 'Diese Version von Culvert hat es noch nicht',
  'its 64-bit blocks repeat after a few gigabytes (RFC 8221 section 5)':
    'seine 64-Bit-Blöcke wiederholen sich nach wenigen Gigabytes (RFC 8221 Abschnitt 5)',
  'its 56-bit key is found in hours (RFC 8221 section 5)':
    'sein 56-Bit-Schlüssel ist in Stunden gefunden (RFC 8221 Abschnitt 5)',
  'SHA-1 is being retired (RFC 8247 section 2.2)': 'SHA-1 wird abgelöst (RFC 8247 Abschnitt 2.2)',
  'SHA-1 is being retired (RFC 8247 section 2.3)': 'SHA-1 wird abgelöst (RFC 8247 Abschnitt 2.3)',
  'MD5 is broken (RFC 8247 section 2.2)': 'MD5 ist gebrochen (RFC 8247 Abschnitt 2.2)',
  'MD5 is broken (RFC 8247 section 2.3)': 'MD5 ist gebrochen (RFC 8247 Abschnitt 2.3)',
  '1536 bits are too few (RFC 8247 section 2.4)': '1536 Bit sind zu wenige (RFC 8247 Abschnitt 2.4)',
  '1024 bits are within reach of states (RFC 8247 section 2.4)':
    '1024 Bit sind für Staaten erreichbar (RFC 8247 Abschnitt 2.4)',
  '768 bits have been broken in public (RFC 8247 section 2.4)':
    '768 Bit sind öffentlich gebrochen (RFC 8247 Abschnitt 2.4)',
  'it does not encrypt': 'es verschlüsselt nicht',

  'IKE, and ESP in UDP, to the gateway': 'IKE und ESP in UDP zum Gateway',
  'IKE, and ESP in UDP, from the gateway': 'IKE und ESP in UDP vom Gateway',
  'agreed with the gateway': 'mit dem Gateway vereinbart',
  'comes through the tunnel, and no Child SA allows it':
    'kommt durch den Tunnel, und keine Child SA erlaubt es',
  'is not routed into the tunnel: leaves as without Culvert':
    'wird nicht in den Tunnel geleitet: geht hinaus wie ohne Culvert',
  'the kill switch is on': 'der Notschalter ist an',
}

/** Sentences with a name or number in them. */
export const saidWith: readonly (readonly [RegExp, string])[] = [
  [/^(RFC \d+) section (.+)$/, '$1 Abschnitt $2'],
  [/^unknown algorithm "(.*)"$/i, 'Unbekanntes Verfahren „$1“'],
  [/^is routed to (.+), and no Child SA carries it$/, 'wird zu $1 geleitet, und keine Child SA trägt es'],
  [
    /^AES-(\d+)-GMAC \(integrity without encryption\)(.*)$/,
    'AES-$1-GMAC (Integrität ohne Verschlüsselung)$2',
  ],
]
