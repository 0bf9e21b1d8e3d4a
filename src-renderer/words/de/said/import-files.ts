/** What importers say of files and how they are written: archives, lists, XML, signatures, Culvert's own formats. `{}` stands for a name or number. */
export const importFiles: Readonly<Record<string, string>> = {
  'it holds more than {} files': 'es enthält mehr als {} Dateien',
  'it is encrypted; unpack it first': 'es ist verschlüsselt; entpacken Sie es zuerst',
  'its files are larger than any profiles together': 'seine Dateien sind größer als alle Profile zusammen',
  'it is damaged ({})': 'es ist beschädigt ({})',
  'it cannot be read ({})': 'es ist nicht lesbar ({})',
  'it cannot be read': 'es ist nicht lesbar',
  'byte {}: {}': 'Byte {}: {}',
  'a number lies outside the file': 'eine Zahl liegt außerhalb der Datei',
  'a number is too large': 'eine Zahl ist zu groß',
  'the file is cut short': 'die Datei ist abgeschnitten',
  'there are more objects than in any profile': 'es sind mehr Objekte als in irgendeinem Profil',
  'the offset table lies outside the file': 'die Tabelle der Stellen liegt außerhalb der Datei',
  'the object {} lies outside the file': 'das Objekt {} liegt außerhalb der Datei',
  'objects refer to each other too often': 'Objekte verweisen zu oft aufeinander',
  'objects are nested deeper than in any profile':
    'Objekte sind tiefer geschachtelt als in irgendeinem Profil',
  'this simple value is not known': 'dieser einfache Wert ist nicht bekannt',
  'this type of object is not known': 'diese Art von Objekt ist nicht bekannt',
  'a number has a strange size': 'eine Zahl hat eine seltsame Größe',
  'this is not a date': 'das ist kein Datum',
  'a count was expected here': 'hier wurde eine Anzahl erwartet',
  'an object reaches beyond the file': 'ein Objekt reicht über die Datei hinaus',
  'a key is not a text': 'ein Schlüssel ist kein Text',
  'the key {} stands twice': 'der Schlüssel {} steht zweimal da',
  'line {}: the property list is empty': 'Zeile {}: die Property List ist leer',
  'line {}: this is not {}': 'Zeile {}: das ist nicht {}',
  'an integer': 'eine ganze Zahl',
  'a date': 'ein Datum',
  base64: 'Base64',
  'line {}: <{}> has no place in a property list': 'Zeile {}: <{}> gehört nicht in eine Property List',
  'line {}: a key was expected here': 'Zeile {}: hier wurde ein Schlüssel erwartet',
  'line {}: the key {} has no value': 'Zeile {}: der Schlüssel {} hat keinen Wert',
  'line {}: the key {} stands twice': 'Zeile {}: der Schlüssel {} steht zweimal da',
  'line {}: {}': 'Zeile {}: {}',
  'line {}, column {}': 'Zeile {}, Spalte {}',
  'line {}, column {}: {}': 'Zeile {}, Spalte {}: {}',
  'line {}': 'Zeile {}',
  '{} line {}': '{} Zeile {}',
  '{} (line {})': '{} (Zeile {})',
  'the whole file': 'die ganze Datei',
  'it declares entities of its own, which no profile needs':
    'es erklärt eigene Entities, die kein Profil braucht',
  'there are more elements than any profile has': 'es sind mehr Elemente, als ein Profil hat',
  'elements are nested deeper than in any profile':
    'Elemente sind tiefer geschachtelt als in irgendeinem Profil',
  'there are too many mistakes in it': 'es sind zu viele Fehler darin',
  'there is no element in it': 'es ist kein Element darin',
  'it is not an X.509 certificate': 'es ist kein X.509-Zertifikat',
  'there is no certificate in it': 'es ist kein Zertifikat darin',
  'it is neither PEM nor base64': 'es ist weder PEM noch Base64',
  'The certificate of {} ended {}': 'Das Zertifikat von {} ist abgelaufen: {}',
  'Ask for a new one; connections with this one fail.':
    'Bitten Sie um ein neues; Verbindungen mit diesem scheitern.',
  'The certificate of {} ends {}': 'Das Zertifikat von {} läuft ab: {}',
  'Ask for a new one in time.': 'Bitten Sie rechtzeitig um ein neues.',
  'The signed file cannot be read: {}': 'Die signierte Datei ist nicht lesbar: {}',
  'The file holds certificates or a signature alone, and no profile':
    'Die Datei enthält nur Zertifikate oder eine Signatur und kein Profil',
  'The signature does not fit: the file was changed after it was signed':
    'Die Signatur passt nicht: Die Datei wurde nach dem Signieren geändert',
  '{} (vouched for by {})': '{} (dafür bürgt {})',
  'The file is signed by {}, whose certificate has ended':
    'Die Datei ist signiert von {}; das Zertifikat dazu ist abgelaufen',
  'Check that the file comes from whom you expect.':
    'Prüfen Sie, ob die Datei von dort kommt, wo Sie sie erwarten.',
  'The file is signed by {}': 'Die Datei ist signiert von {}',
  'The signature fits. Whether that is whom you expect, only you know.':
    'Die Signatur passt. Ob Sie sie von dort erwarten, wissen nur Sie.',
  'The file is signed by {} with an algorithm that can be forged':
    'Die Datei ist signiert von {}, mit einem Verfahren, das sich fälschen lässt',
  'Treat it as unsigned.': 'Behandeln Sie sie wie unsigniert.',
  'The signature by {} cannot be checked': 'Die Signatur von {} lässt sich nicht prüfen',
  'Treat the file as unsigned: check that it comes from whom you expect.':
    'Behandeln Sie die Datei wie unsigniert: Prüfen Sie, ob sie von dort kommt, wo Sie sie erwarten.',
  'The property list cannot be read: {}': 'Die Property List ist nicht lesbar: {}',
  'The file is not text': 'Die Datei ist kein Text',
  'The XML cannot be read: {}': 'Das XML ist nicht lesbar: {}',
  'The property list is damaged: {}': 'Die Property List ist beschädigt: {}',
  'The XML has a mistake, {}': 'Das XML hat einen Fehler, {}',
  'It was read over. Look at what was understood.':
    'Er wurde überlesen. Sehen Sie nach, was verstanden wurde.',
  'The file is not UTF-8; it was read as ISO 8859-1':
    'Die Datei ist nicht UTF-8; sie wurde als ISO 8859-1 gelesen',
  'Look at names with accents and at passwords.': 'Sehen Sie Namen mit Umlauten und Passwörter durch.',
  'Culvert profiles under a password': 'Profile von Culvert unter einem Passwort',
  'The file is protected by a password': 'Die Datei ist durch ein Passwort geschützt',
  'Import it again and give the password.': 'Importieren Sie sie noch einmal, und geben Sie das Passwort an.',
  'The password does not open the file, or the file was changed':
    'Das Passwort öffnet die Datei nicht, oder die Datei wurde geändert',
  'The file is damaged': 'Die Datei ist beschädigt',
  'Try again.': 'Versuchen Sie es noch einmal.',
  'Ask for the file again.': 'Bitten Sie noch einmal um die Datei.',
  'Ask for a corrected file.': 'Bitten Sie um eine berichtigte Datei.',
  'There is no profile in it': 'Es ist kein Profil darin',
  'Culvert profile (JSON)': 'Profil von Culvert (JSON)',
  'Mend the field; docs/profile.md says what belongs there.':
    'Berichtigen Sie das Feld; docs/profile.md sagt, was hineingehört.',
  'The secret itself is not in the file': 'Das Geheimnis selbst ist nicht in der Datei',
  'It is asked for when you connect.': 'Danach wird beim Verbinden gefragt.',
  'The file {} is read whenever you connect': 'Die Datei {} wird bei jedem Verbinden gelesen',
  'Check that this gateway may have what is in it.':
    'Prüfen Sie, ob dieses Gateway haben darf, was darin steht.',
  'Ask for the link again, or for the profile as a file.':
    'Bitten Sie noch einmal um den Link oder um das Profil als Datei.',
  'The link is longer than any profile': 'Der Link ist länger als irgendein Profil',
  'Ask for the profile as a file.': 'Bitten Sie um das Profil als Datei.',
  'This is no link for Culvert': 'Das ist kein Link für Culvert',
  'Culvert does not know "{}"': 'Culvert kennt „{}“ nicht',
  'The link asks to fetch a profile from another place, which Culvert does not do by itself':
    'Der Link will ein Profil von anderswo holen; das tut Culvert nicht von selbst',
  'Download the file yourself from a place that you trust, then import it.':
    'Laden Sie die Datei selbst von einer Stelle, der Sie vertrauen, und importieren Sie sie dann.',
  'The link does not carry one profile': 'Der Link trägt nicht genau ein Profil',
  'The profile in the link is damaged': 'Das Profil im Link ist beschädigt',
  'This is no profile': 'Das ist kein Profil',
  'It is left out.': 'Das bleibt weg.',
  'The connection {} is there twice': 'Die Verbindung {} ist zweimal da',
  'The first one is taken.': 'Die erste wird genommen.',
  'Check that it is the right one.': 'Prüfen Sie, ob es die richtige ist.',
  'Culvert imports .sswan, .mobileconfig, .nmconnection, .pcf, .pbk, .vpn (Shrew), ipsec.conf, swanctl.conf, ProfileXML, FortiClient XML and its own JSON, also as zip or folder.':
    'Culvert importiert .sswan, .mobileconfig, .nmconnection, .pcf, .pbk, .vpn (Shrew), ipsec.conf, swanctl.conf, ProfileXML, FortiClient-XML und sein eigenes JSON, auch als Zip oder Ordner.',
  'Culvert imports .sswan, .mobileconfig, .nmconnection, .pcf, .pbk, .vpn (Shrew), ipsec.conf, swanctl.conf, ProfileXML, FortiClient XML and its own JSON, also as zip or folder. A certificate or key alone is none.':
    'Culvert importiert .sswan, .mobileconfig, .nmconnection, .pcf, .pbk, .vpn (Shrew), ipsec.conf, swanctl.conf, ProfileXML, FortiClient-XML und sein eigenes JSON, auch als Zip oder Ordner. Ein Zertifikat oder Schlüssel allein genügt nicht.',
  'an ipsec.secrets': 'eine ipsec.secrets',
  'a WireGuard configuration, another kind of VPN':
    'eine Konfiguration für WireGuard, eine andere Art von VPN',
  'an OpenVPN configuration, another kind of VPN': 'eine Konfiguration für OpenVPN, eine andere Art von VPN',
  'The file is larger than any profile': 'Die Datei ist größer als irgendein Profil',
  'Check that it is the right file.': 'Prüfen Sie, ob es die richtige Datei ist.',
  'Ask for the file again; it may have been cut or changed on the way.':
    'Bitten Sie noch einmal um die Datei; vielleicht wurde sie unterwegs gekürzt oder geändert.',
  'Ask for the file again; it may have been cut on the way.':
    'Bitten Sie noch einmal um die Datei; vielleicht wurde sie unterwegs gekürzt.',
  'This is {}': 'Das ist {}',
  'The format is not recognised': 'Das Format wird nicht erkannt',
  'The archive cannot be read: {}': 'Das Archiv ist nicht lesbar: {}',
  'Ask for it again, or unpack it and import the folder.':
    'Bitten Sie noch einmal darum, oder entpacken Sie es und importieren Sie den Ordner.',
  'There are more sections than any profile has': 'Es sind mehr Abschnitte, als ein Profil hat',
  'The rest is not read.': 'Der Rest wird nicht gelesen.',
  'This line is neither a section nor a key with a value':
    'Diese Zeile ist weder ein Abschnitt noch ein Schlüssel mit einem Wert',
  'It is ignored. The file may have been damaged.':
    'Sie wird übergangen. Vielleicht ist die Datei beschädigt.',
  'There are more keys than any profile has': 'Es sind mehr Schlüssel, als ein Profil hat',
  '{} more lines are neither sections nor keys': '{} weitere Zeilen sind weder Abschnitte noch Schlüssel',
  'They are ignored. The file may have been damaged.':
    'Sie werden übergangen. Vielleicht ist die Datei beschädigt.',
  'A quoted text does not end': 'Ein Text in Anführungszeichen endet nicht',
  'The file has too many parts': 'Die Datei hat zu viele Teile',
  'What follows is not read. Mend the file, or ask for it again.':
    'Was folgt, wird nicht gelesen. Berichtigen Sie die Datei, oder bitten Sie noch einmal darum.',
  'Sections are nested too deep': 'Abschnitte sind zu tief geschachtelt',
  'A section opened here is not closed': 'Ein Abschnitt, der hier beginnt, endet nicht',
  'A closing brace too many': 'Eine schließende Klammer zu viel',
  '"{}" is not expected here': '„{}“ wird hier nicht erwartet',
  '"include {}" is not followed': '„include {}“ wird nicht befolgt',
  'Put the content of that file into this one, then import again.':
    'Setzen Sie den Inhalt jener Datei hier ein, und importieren Sie noch einmal.',
  '"{}" has neither a value nor a section': '„{}“ hat weder einen Wert noch einen Abschnitt',
  'Inheritance makes the file too large': 'Vererbung macht die Datei zu groß',
  'refers to "{}", which is not there': 'verweist auf „{}“, das nicht da ist',
  'refers to itself': 'verweist auf sich selbst',
  'The section {}': 'Der Abschnitt {}',
  'Mend the file, or ask for it again.': 'Berichtigen Sie die Datei, oder bitten Sie noch einmal darum.',
  'There are more lines than in any profile': 'Es sind mehr Zeilen als in irgendeinem Profil',
  'There are more sections than in any profile': 'Es sind mehr Abschnitte als in irgendeinem Profil',
  'Other files are not read ({})': 'Andere Dateien werden nicht gelesen ({})',
  'Import those files as well, or put their text here.':
    'Importieren Sie jene Dateien auch, oder setzen Sie ihren Text hier ein.',
  'This line is neither a section nor a setting in one':
    'Diese Zeile ist weder ein Abschnitt noch eine Einstellung darin',
  'It is ignored. Settings begin with a space.':
    'Sie wird übergangen. Einstellungen beginnen mit einem Leerzeichen.',
  'The section {} is not in the file': 'Der Abschnitt {} ist nicht in der Datei',
  'The section {} takes itself in': 'Der Abschnitt {} enthält sich selbst',
  'This key already stands in line {}, with another value':
    'Dieser Schlüssel steht schon in Zeile {}, mit einem anderen Wert',
  'The last one counts. Ask which is meant.': 'Der letzte gilt. Fragen Sie, welcher gemeint ist.',
  'Other files are not read': 'Andere Dateien werden nicht gelesen',
  'Put their secrets into this file.': 'Setzen Sie deren Geheimnisse in diese Datei.',
  'This line is no secret': 'Diese Zeile ist kein Geheimnis',
  'This line is no setting': 'Diese Zeile ist keine Einstellung',
  'Secrets of the kind {} are not supported': 'Geheimnisse der Art {} werden nicht unterstützt',
  'Secrets of the kind "{}" are not supported': 'Geheimnisse der Art „{}“ werden nicht unterstützt',
  'A raw key in the file is not supported': 'Ein bloßer Schlüssel in der Datei wird nicht unterstützt',
  '{} was expected here': '{} wurde hier erwartet',
  'The value is ignored. Ask for a corrected file.':
    'Der Wert wird übergangen. Bitten Sie um eine berichtigte Datei.',
  'The value is ignored.': 'Der Wert wird übergangen.',
  'Yes or no': 'Ja oder nein',
  Text: 'Text',
  'A list': 'Eine Liste',
  'A number from {} to {}': 'Eine Zahl von {} bis {}',
  'An object': 'Ein Objekt',
  'This key is not known and is ignored': 'Dieser Schlüssel ist nicht bekannt und wird übergangen',
  'This element is not known and is ignored': 'Dieses Element ist nicht bekannt und wird übergangen',
  '"{}" is neither yes nor no': '„{}“ ist weder ja noch nein',
  'A number from {} to {} was expected here': 'Hier wurde eine Zahl von {} bis {} erwartet',
  'the file {} is not beside the imported one': 'die Datei {} liegt nicht neben der importierten',
  'the file {} is not below the imported one and is not read':
    'die Datei {} liegt nicht unter der importierten und wird nicht gelesen',
  'Put {} beside the imported file, then import again.':
    'Legen Sie {} neben die importierte Datei, und importieren Sie noch einmal.',
  'Put it beside the imported file, then import again.':
    'Legen Sie sie neben die importierte Datei, und importieren Sie noch einmal.',
  'Put it beside the imported file as {}/{}, then import again.':
    'Legen Sie sie als {}/{} neben die importierte Datei, und importieren Sie noch einmal.',
  'This is neither a private key nor a PKCS#12 file':
    'Das ist weder ein privater Schlüssel noch eine PKCS#12-Datei',
  'This is not a PKCS#12 file in base64': 'Das ist keine PKCS#12-Datei in Base64',
  'This is not a PKCS#12 file': 'Das ist keine PKCS#12-Datei',
  'The private key cannot be read: {}': 'Der private Schlüssel ist nicht lesbar: {}',
  'The PKCS#12 file cannot be read: {}': 'Die PKCS#12-Datei ist nicht lesbar: {}',
  'The certificate cannot be read: {}': 'Das Zertifikat ist nicht lesbar: {}',
  'Nothing to do.': 'Es ist nichts zu tun.',
  'Nothing to do if the connection works.': 'Es ist nichts zu tun, wenn die Verbindung geht.',
  'It is ignored.': 'Das wird übergangen.',
  'They are ignored.': 'Sie werden übergangen.',
  'Ask for a complete file.': 'Bitten Sie um eine vollständige Datei.',
  'Mend the file, or ask for a corrected one.':
    'Berichtigen Sie die Datei, oder bitten Sie um eine berichtigte.',
  'It is left out. Mend the file, or ask for a corrected one.':
    'Das bleibt weg. Berichtigen Sie die Datei, oder bitten Sie um eine berichtigte.',
  'It is left out. Ask for a corrected file.': 'Das bleibt weg. Bitten Sie um eine berichtigte Datei.',
  'Split the file.': 'Teilen Sie die Datei auf.',
  'Used by {}': 'Gebraucht von {}',
  'Its private key is not protected, and there is no keyring here that could keep it':
    'Sein privater Schlüssel ist nicht geschützt, und hier ist kein Schlüsselbund, der ihn behalten könnte',
  'Protect the key with a passphrase, or import the file with `culvert import` where its key can stay.':
    'Schützen Sie den Schlüssel mit einer Passphrase, oder importieren Sie die Datei mit „culvert import“ dort, wo ihr Schlüssel bleiben kann.',
}
