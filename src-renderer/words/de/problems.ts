/** What the check of a profile says, in German; the main process says it in English. */
export const problems: Readonly<Record<string, string>> = {
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
  'Name at least one network, such as 0.0.0.0/0': 'Nennen Sie mindestens ein Netz, etwa 0.0.0.0/0',
  'With %any, name the authorities yourself or pin the key: the system authorities vouch for everybody':
    'Nennen Sie bei %any die Stellen selbst, oder legen Sie den Schlüssel fest: Die Stellen des Systems bürgen für jeden',
  'This field is missing': 'Dieses Feld fehlt',
  'This field is not known': 'Dieses Feld ist nicht bekannt',
  'The value is not valid': 'Der Wert ist nicht gültig',
  'No encryption algorithm': 'Kein Verschlüsselungsverfahren',
  'no encryption algorithm': 'Kein Verschlüsselungsverfahren',
  'combined-mode and other encryption together': 'Verfahren mit und ohne eigene Integrität zusammen',
  'no integrity algorithm': 'Kein Integritätsverfahren',
  'no pseudo-random function': 'Keine Pseudozufallsfunktion (PRF)',
  'no key exchange group': 'Keine Gruppe für den Schlüsselaustausch',
  'extended sequence numbers in an IKE proposal': 'Erweiterte Sequenznummern in einem IKE-Vorschlag',
}
