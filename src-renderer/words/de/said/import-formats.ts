/** What the importers of foreign formats say; `{}` stands for a name or number. */
export const importFormats: Readonly<Record<string, string>> = {
  'strongSwan profile (.sswan)': 'Profil von strongSwan (.sswan)',
  'Apple configuration profile (.mobileconfig)': 'Konfigurationsprofil von Apple (.mobileconfig)',
  'NetworkManager connection (.nmconnection)': 'Verbindung des NetworkManager (.nmconnection)',
  'Cisco VPN profile (.pcf)': 'VPN-Profil von Cisco (.pcf)',
  'Windows VPN profile (ProfileXML)': 'VPN-Profil von Windows (ProfileXML)',
  'FortiClient configuration (XML)': 'Konfiguration von FortiClient (XML)',
  'Shrew Soft VPN profile (.vpn)': 'VPN-Profil von Shrew Soft (.vpn)',

  // FortiClient, Shrew, Cisco
  'sslvpn connection (line {})': 'sslvpn connection (Zeile {})',
  'This is an SSL VPN, another kind of VPN': 'Das ist ein SSL-VPN, eine andere Art von VPN',
  'Ask for the configuration with ipsecvpn/connections.':
    'Bitten Sie um die Konfiguration mit ipsecvpn/connections.',
  'There is no IPsec connection in the file': 'In der Datei ist keine IPsec-Verbindung',
  'This secret is encrypted for the machine that the file comes from':
    'Dieses Geheimnis ist für den Rechner verschlüsselt, von dem die Datei kommt',
  'It is asked for.': 'Danach wird gefragt.',
  'connection {} (line {})': 'Verbindung {} (Zeile {})',
  'The gateway is missing': 'Das Gateway fehlt',
  'Only the first gateway, {}, is used': 'Nur das erste Gateway, {}, wird benutzt',
  'Import the file again with another one first to use that.':
    'Importieren Sie die Datei mit einem anderen an erster Stelle, um jenes zu nutzen.',
  'The certificate and its key lie outside the file ({})':
    'Das Zertifikat und sein Schlüssel liegen außerhalb der Datei ({})',
  'Export them as PKCS#12 and import a folder with that file and this one.':
    'Exportieren Sie beide als PKCS#12, und importieren Sie einen Ordner mit jener Datei und dieser.',
  'Networks outside the tunnel are not supported': 'Netze außerhalb des Tunnels werden nicht unterstützt',
  'Networks outside the tunnel ({}) are not supported':
    'Netze außerhalb des Tunnels ({}) werden nicht unterstützt',
  'They go through the tunnel. Name the networks inside it instead.':
    'Sie gehen durch den Tunnel. Nennen Sie stattdessen die Netze darin.',
  'Culvert never runs scripts from a profile': 'Culvert führt nie Skripte aus einem Profil aus',
  'What the script did must be done another way. Ask the administrator what it is for.':
    'Was das Skript tat, muss anders geschehen. Fragen Sie Ihre Administration, wozu es da ist.',
  'These settings have no meaning here: {}': 'Diese Einstellungen bedeuten hier nichts: {}',
  'Your certificate and key are not in the file': 'Ihr Zertifikat und Ihr Schlüssel sind nicht in der Datei',
  'Ask the administrator for a profile that contains them.':
    'Bitten Sie Ihre Administration um ein Profil, das sie enthält.',
  "Cisco's own IPsec over TCP is not supported": 'Ciscos eigenes IPsec über TCP wird nicht unterstützt',
  'Ask the administrator whether the gateway takes UDP port 4500.':
    'Fragen Sie Ihre Administration, ob das Gateway den UDP-Port 4500 annimmt.',
  'The hidden password is damaged': 'Das verborgene Passwort ist beschädigt',
  'The password is hidden, not encrypted: anybody with the file can read it':
    'Das Passwort ist verborgen, nicht verschlüsselt: Wer die Datei hat, kann es lesen',
  'It is asked for. Ask for the file again.': 'Danach wird gefragt. Bitten Sie noch einmal um die Datei.',
  'Do not pass the file on.': 'Geben Sie die Datei nicht weiter.',
  "Your certificate and key lie in a store of the other program's":
    'Ihr Zertifikat und Ihr Schlüssel liegen in einem Speicher des anderen Programms',
  'Export them there as PKCS#12 and import a folder with that file and this one.':
    'Exportieren Sie beide dort als PKCS#12, und importieren Sie einen Ordner mit jener Datei und dieser.',
  'Other gateways are not tried by themselves: {}': 'Andere Gateways werden nicht von selbst versucht: {}',
  'Import the file again with one of them as Host if you need it.':
    'Importieren Sie die Datei noch einmal mit einem davon als Host, wenn Sie es brauchen.',
  'Culvert starts no programs for a profile': 'Culvert startet für ein Profil keine Programme',
  'Start it yourself if you need it.': 'Starten Sie es selbst, wenn Sie es brauchen.',
  'It has no meaning here': 'Das bedeutet hier nichts',
  'Networks that this machine is in are reached directly anyway':
    'Netze, in denen dieser Rechner ist, werden ohnehin direkt erreicht',
  'Networks that this machine is in are reached directly anyway.':
    'Netze, in denen dieser Rechner ist, werden ohnehin direkt erreicht.',

  // Windows
  'SSTP, then others': 'SSTP, dann andere',
  'number {}': 'Nummer {}',
  'The entry is a connection of the kind {}, which is not supported':
    'Der Eintrag ist eine Verbindung der Art {}; die wird nicht unterstützt',
  'The connection is of the kind {}, which is not supported':
    'Die Verbindung ist von der Art {}; die wird nicht unterstützt',
  'Windows would try other kinds of VPN as well': 'Windows würde auch andere Arten von VPN versuchen',
  'Only IKEv2 is tried; the gateway may not have it.':
    'Nur IKEv2 wird versucht; vielleicht hat das Gateway es nicht.',
  'The gateway (PhoneNumber) is missing': 'Das Gateway (PhoneNumber) fehlt',
  'The gateway (Servers) is missing': 'Das Gateway (Servers) fehlt',
  'The EAP method {} is not supported': 'Die EAP-Methode {} wird nicht unterstützt',
  'of the entry': 'des Eintrags',
  'of the profile': 'des Profils',
  'Ask the administrator for EAP-MSCHAPv2 or a certificate.':
    'Bitten Sie Ihre Administration um EAP-MSCHAPv2 oder ein Zertifikat.',
  "The certificate and its key lie in Windows' own store":
    'Das Zertifikat und sein Schlüssel liegen im Speicher von Windows',
  'Export them there as PKCS#12 (.pfx) and import a folder with that file and this one.':
    'Exportieren Sie beide dort als PKCS#12 (.pfx), und importieren Sie einen Ordner mit jener Datei und dieser.',
  'The choice of algorithms cannot be read': 'Die Wahl der Verfahren ist nicht lesbar',
  'The recommended ones are offered. Ask the administrator what the gateway accepts.':
    'Die empfohlenen werden angeboten. Fragen Sie Ihre Administration, was das Gateway annimmt.',
  'Windows sends only some networks through the tunnel, and the file does not say which':
    'Windows schickt nur manche Netze durch den Tunnel, und die Datei sagt nicht, welche',
  'All traffic goes through it. Name the networks in the profile if you want less.':
    'Aller Verkehr geht hindurch. Nennen Sie die Netze im Profil, wenn Sie weniger wollen.',
  'The entry does not look at the name in the gateway’s certificate':
    'Der Eintrag sieht nicht auf den Namen im Zertifikat des Gateways',
  'Culvert does. Where the name is another, set remote.identity in the profile.':
    'Culvert tut es. Ist der Name ein anderer, setzen Sie remote.identity im Profil.',
  'The entry permits no encryption': 'Der Eintrag erlaubt es, nicht zu verschlüsseln',
  'Culvert always encrypts.': 'Culvert verschlüsselt immer.',
  'Ask the administrator what it is for.': 'Fragen Sie Ihre Administration, wozu es da ist.',
  'These rules of Windows are not read': 'Diese Regeln von Windows werden nicht gelesen',
  'Networks and DNS domains can be named in the profile.':
    'Netze und DNS-Domänen lassen sich im Profil nennen.',
  'A tunnel before anybody logs in is not supported':
    'Ein Tunnel, bevor sich jemand anmeldet, wird nicht unterstützt',
  'Disconnecting in trusted networks is not supported': 'Trennen in vertrauten Netzen wird nicht unterstützt',
  'Disconnect yourself.': 'Trennen Sie selbst.',
  'Limits to programs and ports are not supported':
    'Grenzen auf Programme und Ports werden nicht unterstützt',
  'The whole network is asked for.': 'Das ganze Netz wird erbeten.',
  'Connecting when a program starts is not supported':
    'Verbinden beim Start eines Programms wird nicht unterstützt',
  'Culvert asks where there is no keyring': 'Culvert fragt, wo kein Schlüsselbund ist',
  'Culvert registers no names': 'Culvert meldet keine Namen an',
  'It is for Windows': 'Das ist für Windows',
  'Proof of the state of this device is not given': 'Der Zustand dieses Geräts wird nicht nachgewiesen',
  'The gateway may refuse the connection.': 'Vielleicht lehnt das Gateway die Verbindung ab.',
  'It is for L2TP': 'Das ist für L2TP',
  'Culvert always makes routes of what was agreed on':
    'Culvert macht immer Routen aus dem, was vereinbart wurde',
  'The connection needs the program of a vendor': 'Die Verbindung braucht das Programm eines Herstellers',

  // Apple
  'The profile names no way to log in': 'Das Profil nennt keine Art der Anmeldung',
  'A user name and a password (EAP) are taken.': 'Benutzername und Passwort (EAP) werden genommen.',
  'The method "{}" is not known': 'Die Methode „{}“ ist nicht bekannt',
  'Ask the administrator for a certificate, a shared secret or a password.':
    'Bitten Sie Ihre Administration um ein Zertifikat, ein gemeinsames Geheimnis oder ein Passwort.',
  'The profile brings no authority': 'Das Profil bringt keine Zertifizierungsstelle mit',
  'The authorities of this system are trusted, and the gateway must prove its name.':
    'Den Stellen dieses Systems wird vertraut, und das Gateway muss seinen Namen beweisen.',
  'No certificate of the profile is that of {}': 'Kein Zertifikat des Profils ist das von {}',
  'All authorities of the profile are trusted instead.':
    'Stattdessen wird allen Stellen des Profils vertraut.',
  'The gateway is known by RemoteIdentifier': 'Das Gateway wird an RemoteIdentifier erkannt',
  'Its certificate must name that.': 'Sein Zertifikat muss das nennen.',
  'Ask the administrator for a connection without one.':
    'Bitten Sie Ihre Administration um eine Verbindung ohne.',
  'The connection is made without it if the gateway permits that.':
    'Die Verbindung entsteht ohne, wenn das Gateway es erlaubt.',
  'Additional post-quantum key exchanges (RFC 9370) are not supported':
    'Zusätzlicher Schlüsselaustausch gegen Quantenrechner (RFC 9370) wird nicht unterstützt',
  'The connection is made without them if the gateway permits that.':
    'Die Verbindung entsteht ohne, wenn das Gateway es erlaubt.',
  'Blocking what goes beside the tunnel is not part of a profile':
    'Zu sperren, was neben dem Tunnel geht, gehört zu keinem Profil',
  'Blocking all traffic beside the tunnel is not part of a profile':
    'Allen Verkehr neben dem Tunnel zu sperren gehört zu keinem Profil',
  'Blocking traffic while there is no tunnel is not part of a profile':
    'Verkehr zu sperren, solange kein Tunnel da ist, gehört zu keinem Profil',
  'Turn on the kill switch in the settings.': 'Schalten Sie den Notschalter in den Einstellungen an.',
  'All networks go through the tunnel while it stands.':
    'Alle Netze gehen durch den Tunnel, solange er steht.',
  'Keeping local networks out of the tunnel is not supported':
    'Lokale Netze aus dem Tunnel herauszuhalten wird nicht unterstützt',
  'A rule for connecting by itself is not followed: {}':
    'Eine Regel für selbsttätiges Verbinden wird nicht befolgt: {}',
  'Connect and disconnect yourself.': 'Verbinden und trennen Sie selbst.',
  'It is switched off in the profile, too.': 'Im Profil ist das auch ausgeschaltet.',
  '{} more rules are not followed': '{} weitere Regeln werden nicht befolgt',
  'Connecting by itself is not supported': 'Selbsttätiges Verbinden wird nicht unterstützt',
  'Your certificate and key are not in the profile': 'Ihr Zertifikat und Ihr Schlüssel sind nicht im Profil',
  'Ask the administrator for a profile with a PKCS#12 payload.':
    'Bitten Sie Ihre Administration um ein Profil mit einem PKCS#12-Teil.',
  'Which traffic goes through the tunnel, the gateway decides with what is asked for':
    'Welcher Verkehr durch den Tunnel geht, entscheidet das Gateway nach dem, was erbeten wird',
  'Settings for the app of a vendor have no meaning here':
    'Einstellungen für die App eines Herstellers bedeuten hier nichts',
  'Connect yourself.': 'Verbinden Sie selbst.',
  'Culvert sees from the certificate what it is': 'Culvert sieht dem Zertifikat an, was es ist',
  'It is for EAP-TLS': 'Das ist für EAP-TLS',
  'Networks are agreed on by traffic selectors': 'Netze werden durch Selektoren vereinbart',
  'It belongs to DisconnectOnIdle': 'Das gehört zu DisconnectOnIdle',
  'It is for phones': 'Das ist für Telefone',
  'It is for apps': 'Das ist für Apps',
  "Culvert's routes come before others": 'Die Routen von Culvert gehen anderen vor',
  'It belongs to post-quantum key exchanges': 'Das gehört zum Schlüsselaustausch gegen Quantenrechner',
  'Culvert takes the interface that leads to the gateway':
    'Culvert nimmt die Schnittstelle, die zum Gateway führt',
  'The profile is encrypted for one device': 'Das Profil ist für ein Gerät verschlüsselt',
  'Ask for one that is not, or copy its settings from that device.':
    'Bitten Sie um eines, das es nicht ist, oder übertragen Sie seine Einstellungen von jenem Gerät.',
  'There is no VPN in this profile': 'In diesem Profil ist kein VPN',
  'Ask for the file with the VPN.': 'Bitten Sie um die Datei mit dem VPN.',
  'The administrator does not want the profile removed':
    'Die Administration will nicht, dass das Profil entfernt wird',
  'Culvert lets you remove it.': 'Culvert lässt Sie es entfernen.',
  'The device would fetch its certificate itself (SCEP or ACME), which Culvert does not':
    'Das Gerät würde sein Zertifikat selbst holen (SCEP oder ACME); das tut Culvert nicht',
  'This payload ({}) is not about VPN': 'Dieser Teil ({}) betrifft kein VPN',
  'without a type': 'ohne Art',
  'Ask the administrator for your certificate and key as a file.':
    'Bitten Sie Ihre Administration um Ihr Zertifikat und Ihren Schlüssel als Datei.',
  'Choosing which apps use the tunnel is not supported':
    'Auszuwählen, welche Apps den Tunnel nutzen, wird nicht unterstützt',
  'All programs use it.': 'Alle Programme nutzen ihn.',
  '"{}" is of the kind {}, which is not supported': '„{}“ ist von der Art {}; die wird nicht unterstützt',
  'This VPN': 'Dieses VPN',
  'Ask the administrator for an IKEv2 connection.':
    'Bitten Sie Ihre Administration um eine IKEv2-Verbindung.',
  'A proxy for the traffic in the tunnel is not supported':
    'Ein Proxy für den Verkehr im Tunnel wird nicht unterstützt',
  'Set it in the system if you need it.': 'Stellen Sie ihn im System ein, wenn Sie ihn brauchen.',

  // NetworkManager
  'This connection is no VPN': 'Diese Verbindung ist kein VPN',
  'This is a VPN of the kind {}, which is not IPsec with IKE':
    'Das ist ein VPN der Art {}, kein IPsec mit IKE',
  'Culvert imports those of the plugins strongswan, libreswan and vpnc.':
    'Culvert importiert die der Erweiterungen strongswan, libreswan und vpnc.',
  'Which networks go through the tunnel, the profile says itself':
    'Welche Netze durch den Tunnel gehen, sagt das Profil selbst',
  'Name them in the profile if not all traffic is to go there.':
    'Nennen Sie sie im Profil, wenn nicht aller Verkehr dorthin soll.',
  'Routes and addresses of your own are not supported': 'Eigene Routen und Adressen werden nicht unterstützt',
  'Your certificate "{}" lies in an NSS database, where Culvert does not look':
    'Ihr Zertifikat „{}“ liegt in einer NSS-Datenbank; dort sieht Culvert nicht nach',
  'Export it with `pk12util -o me.p12 -n NAME -d sql:/var/lib/ipsec/nss` and ask for a profile with it.':
    'Exportieren Sie es mit „pk12util -o me.p12 -n NAME -d sql:/var/lib/ipsec/nss“, und bitten Sie um ein Profil damit.',
  'The private key lies with {}, which is not supported':
    'Der private Schlüssel liegt bei: {}; das wird nicht unterstützt',
  'an SSH agent': 'SSH-Agent',
  'a smart card': 'Chipkarte',
  'Ask the administrator for a connection with a certificate in a file, or with a password.':
    'Bitten Sie Ihre Administration um eine Verbindung mit einem Zertifikat in einer Datei oder mit einem Passwort.',
  'The connection names no certificate or no key of yours':
    'Die Verbindung nennt kein Zertifikat oder keinen Schlüssel von Ihnen',
  'The file names no authority': 'Die Datei nennt keine Zertifizierungsstelle',
}
