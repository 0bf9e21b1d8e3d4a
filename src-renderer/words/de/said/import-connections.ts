/** What importers say of connections and proposals, whatever the format, and of strongSwan's own files; `{}` stands for a name or number. */
export const importConnections: Readonly<Record<string, string>> = {
  'Only the first {} connections are read': 'Nur die ersten {} Verbindungen werden gelesen',
  'This connection is in the file twice': 'Diese Verbindung ist zweimal in der Datei',
  'Aggressive mode with a shared key lets anybody on the way try passwords at home':
    'Der Aggressive Mode mit gemeinsamem Schlüssel lässt jeden unterwegs zu Hause Passwörter durchprobieren',
  'Aggressive mode shows who you are to everybody on the way':
    'Der Aggressive Mode zeigt jedem unterwegs, wer Sie sind',
  'Aggressive mode shows who you are, and lets a shared key be guessed at home':
    'Der Aggressive Mode zeigt, wer Sie sind, und lässt einen gemeinsamen Schlüssel zu Hause erraten',
  'Ask the administrator for IKEv2, whatever client you use.':
    'Bitten Sie Ihre Administration um IKEv2, welchen Client Sie auch nutzen.',
  'The connection uses IKEv1': 'Die Verbindung nutzt IKEv1',
  'Ask the administrator whether the gateway has IKEv2.':
    'Fragen Sie Ihre Administration, ob das Gateway IKEv2 hat.',
  'A certificate and a password one after the other (XAUTH) are not supported':
    'Ein Zertifikat und danach ein Passwort (XAUTH) werden nicht unterstützt',
  'Ask the administrator for a connection with one of them.':
    'Bitten Sie Ihre Administration um eine Verbindung mit einem von beiden.',
  'Ask the administrator for a profile with one of them.':
    'Bitten Sie Ihre Administration um ein Profil mit einem von beiden.',
  '{} is not supported': '{} wird nicht unterstützt',
  'Ask the administrator for a connection with a certificate or with EAP-MSCHAPv2.':
    'Bitten Sie Ihre Administration um eine Verbindung mit Zertifikat oder mit EAP-MSCHAPv2.',
  'EAP-MD5 is weak and protects nothing but the password itself':
    'EAP-MD5 ist schwach und schützt nichts als das Passwort selbst',
  'Ask the administrator for EAP-MSCHAPv2 or certificates.':
    'Bitten Sie Ihre Administration um EAP-MSCHAPv2 oder Zertifikate.',
  'The file names no user': 'Die Datei nennt keinen Benutzer',
  'The profile names no user': 'Das Profil nennt keinen Benutzer',
  'The connection names no user': 'Die Verbindung nennt keinen Benutzer',
  'Import it with your name: --username NAME.': 'Importieren Sie sie mit Ihrem Namen: --username NAME.',
  'Of several rounds of authentication (RFC 4739), only a password behind a certificate or a shared key is supported':
    'Von mehreren Runden der Anmeldung (RFC 4739) wird nur ein Passwort nach einem Zertifikat oder gemeinsamen Schlüssel unterstützt',
  'Ask the administrator for a connection with one round.':
    'Bitten Sie Ihre Administration um eine Verbindung mit einer Runde.',
  'EAP-TLS needs a certificate and its key, which are not in the file':
    'EAP-TLS braucht ein Zertifikat und seinen Schlüssel; sie sind nicht in der Datei',
  'Export them as PKCS#12 (.p12, .pfx) and import a folder with that file and this one.':
    'Exportieren Sie sie als PKCS#12 (.p12, .pfx) und importieren Sie einen Ordner mit jener Datei und dieser.',
  'The server of the log-in may have several names': 'Der Anmeldeserver darf mehrere Namen haben',
  'Set its one name as "server" in the profile; until then it must have the name of the gateway.':
    'Setzen Sie seinen einen Namen im Profil; bis dahin muss er den Namen des Gateways tragen.',
  'Several rounds of authentication are not supported':
    'Mehrere Runden der Anmeldung werden nicht unterstützt',
  'One round is made.': 'Es bleibt bei einer Runde.',
  'Ask the administrator for a connection with one.':
    'Bitten Sie Ihre Administration um eine Verbindung mit einer.',
  'The method "{}" is not supported': 'Die Methode „{}“ wird nicht unterstützt',
  'Ask the administrator for a certificate, a pre-shared key or EAP-MSCHAPv2.':
    'Bitten Sie Ihre Administration um ein Zertifikat, einen gemeinsamen Schlüssel oder EAP-MSCHAPv2.',
  'The gateway would prove itself by "{}", which is not supported':
    'Das Gateway würde sich durch „{}“ ausweisen; das wird nicht unterstützt',
  'Ask the administrator for a certificate or a pre-shared key.':
    'Bitten Sie Ihre Administration um ein Zertifikat oder einen gemeinsamen Schlüssel.',
  'No authority is named': 'Keine Zertifizierungsstelle ist genannt',
  "The system's authorities are trusted, and the gateway must prove its name. Where its own authority is meant, put it into cacerts/ beside the file and import the folder.":
    'Den Stellen des Systems wird vertraut, und das Gateway muss seinen Namen beweisen. Ist seine eigene Stelle gemeint, legen Sie sie in cacerts/ neben die Datei, und importieren Sie den Ordner.',
  "The system's authorities are trusted, and the gateway must prove its name. Where its own authority is meant, name it with cacerts and put it beside the file.":
    'Den Stellen des Systems wird vertraut, und das Gateway muss seinen Namen beweisen. Ist seine eigene Stelle gemeint, nennen Sie sie mit cacerts, und legen Sie sie neben die Datei.',
  'The connection names no certificate of yours': 'Die Verbindung nennt kein Zertifikat von Ihnen',
  'Export it with `pk12util -o me.p12 -n NAME -d sql:/etc/ipsec.d` and name it in ipsec.secrets (: P12 me.p12).':
    'Exportieren Sie es mit „pk12util -o me.p12 -n NAME -d sql:/etc/ipsec.d“, und nennen Sie es in ipsec.secrets (: P12 me.p12).',
  'The private key for your certificate was not found':
    'Der private Schlüssel zu Ihrem Zertifikat wurde nicht gefunden',
  'Name it in ipsec.secrets (: RSA me.key) and put both beside the imported file.':
    'Nennen Sie ihn in ipsec.secrets (: RSA me.key), und legen Sie beides neben die importierte Datei.',
  'Name it in the section secrets (private { file = … }) and put it beside the imported file as private/….':
    'Nennen Sie ihn im Abschnitt secrets (private { file = … }), und legen Sie ihn als private/… neben die importierte Datei.',
  'The connection names no gateway to call': 'Die Verbindung nennt kein Gateway, das zu rufen wäre',
  'It is for the gateway itself, or right= is missing.': 'Sie ist für das Gateway selbst, oder right= fehlt.',
  'It is for the gateway itself, or remote_addrs is missing.':
    'Sie ist für das Gateway selbst, oder remote_addrs fehlt.',
  'This is no tunnel but a rule for other traffic':
    'Das ist kein Tunnel, sondern eine Regel für anderen Verkehr',
  'AH is not supported': 'AH wird nicht unterstützt',
  'A post-quantum pre-shared key is required and not supported':
    'Ein gemeinsamer Schlüssel gegen Quantenrechner wird verlangt und nicht unterstützt',
  'The mode "{}" is not supported': 'Der Modus „{}“ wird nicht unterstützt',
  'The mode "{}"': 'Der Modus „{}“',
  'Ask the administrator for ESP in tunnel mode.': 'Bitten Sie Ihre Administration um ESP im Tunnelmodus.',
  '"{}" is not a time': '„{}“ ist keine Zeit',
  'The limit {} to protocols and ports is not supported':
    'Die Grenze {} auf Protokolle und Ports wird nicht unterstützt',
  'The limit to a protocol and a port is not supported':
    'Die Grenze auf ein Protokoll und einen Port wird nicht unterstützt',
  'The whole network is asked for; the gateway may narrow it.':
    'Das ganze Netz wird erbeten; das Gateway darf es einengen.',
  'The connection reaches only the gateway itself': 'Die Verbindung erreicht nur das Gateway selbst',
  'Everything is asked for, and the gateway narrows it.': 'Alles wird erbeten, und das Gateway engt es ein.',
  'A certain address ({}) cannot be asked for': 'Eine bestimmte Adresse ({}) lässt sich nicht erbitten',
  'The gateway chooses the address.': 'Das Gateway wählt die Adresse.',
  'Import the file with the sections conn; certificates may lie in {}.':
    'Importieren Sie die Datei mit den Abschnitten conn; Zertifikate dürfen in {} liegen.',
  'Import the file with the section connections.': 'Importieren Sie die Datei mit dem Abschnitt connections.',
  'There is no connection in the file': 'In der Datei ist keine Verbindung',
  'Settings of the daemon have no meaning here: {}': 'Einstellungen des Dienstes bedeuten hier nichts: {}',
  'Use a certificate.': 'Nehmen Sie ein Zertifikat.',

  // Settings that are not followed
  'It has no meaning for a userspace tunnel': 'Das bedeutet für einen Tunnel im Userspace nichts',
  '`culvert up` starts the connection': '„culvert up“ beginnt die Verbindung',
  'Culvert reconnects by itself when the network changes':
    'Culvert verbindet von selbst neu, wenn sich das Netz ändert',
  'The profile says "reconnect" for that': 'Das Profil sagt dafür „reconnect“',
  'Keys are always renewed': 'Schlüssel werden immer erneuert',
  'Culvert reauthenticates when the gateway asks for it':
    'Culvert meldet sich neu an, wenn das Gateway darum bittet',
  'Culvert chooses the margins of its rekeying': 'Culvert wählt den Spielraum beim Erneuern der Schlüssel',
  'Culvert renews keys in time by itself': 'Culvert erneuert Schlüssel rechtzeitig von selbst',
  'It has no meaning with IKEv2': 'Das bedeutet mit IKEv2 nichts',
  'Ending idle connections is not supported': 'Untätige Verbindungen zu beenden wird nicht unterstützt',
  'It is for gateways': 'Das ist für Gateways',
  'The gateway itself must prove who it is.': 'Das Gateway selbst muss sich ausweisen.',
  'Compression is not supported': 'Kompression wird nicht unterstützt',
  'The connection is made without it.': 'Die Verbindung entsteht ohne.',
  'Padding against traffic analysis is not supported':
    'Auffüllen gegen Verkehrsanalyse wird nicht unterstützt',
  'Post-quantum pre-shared keys are not supported':
    'Gemeinsame Schlüssel gegen Quantenrechner werden nicht unterstützt',
  'The connection is made without one if the gateway permits it.':
    'Die Verbindung entsteht ohne, wenn das Gateway es erlaubt.',
  'Additional key exchanges (RFC 9370) are not supported':
    'Zusätzlicher Schlüsselaustausch (RFC 9370) wird nicht unterstützt',
  'The connection is made without them if the gateway permits it.':
    'Die Verbindung entsteht ohne, wenn das Gateway es erlaubt.',
  'IKE and ESP over TCP are not supported': 'IKE und ESP über TCP werden nicht unterstützt',
  'The connection is made over UDP.': 'Die Verbindung entsteht über UDP.',
  'The truncated SHA-256 of old kernels is not supported':
    'Das gekürzte SHA-256 alter Kernel wird nicht unterstützt',
  'A gateway that insists on it refuses all traffic.':
    'Ein Gateway, das darauf besteht, verwirft allen Verkehr.',
  'Security labels are not supported': 'Security Labels werden nicht unterstützt',
  'The gateway may always narrow': 'Das Gateway darf immer einengen',
  'Culvert offers what the profile names, and nothing else':
    'Culvert bietet an, was das Profil nennt, und sonst nichts',
  'The certificate must name the gateway': 'Das Zertifikat muss das Gateway nennen',
  'Set DNS servers in the profile to use those instead':
    'Nennen Sie DNS-Server im Profil, um stattdessen jene zu nutzen',
  'Aggregation and fragmentation of ESP (RFC 9347) is not supported':
    'Bündeln und Zerteilen von ESP (RFC 9347) wird nicht unterstützt',
  'Culvert asks for signs of life itself': 'Culvert fragt selbst nach Lebenszeichen',
  'Culvert follows no redirects': 'Culvert folgt keinen Umleitungen',
  'Culvert says it itself': 'Culvert sagt es von selbst',
  'It has no consequence': 'Das hat keine Folge',
  'The proposals say whether numbers are extended': 'Die Vorschläge sagen, ob Nummern erweitert sind',
  'Culvert takes the family of the address': 'Culvert richtet sich nach der Adresse',
  'Culvert takes the family of the networks': 'Culvert richtet sich nach den Netzen',
  'It is for another program': 'Das ist für ein anderes Programm',
  'XAUTH belongs to IKEv1': 'XAUTH gehört zu IKEv1',
  'Culvert takes the way that leads to the gateway': 'Culvert nimmt den Weg, der zum Gateway führt',
  'Culvert takes a free port': 'Culvert nimmt einen freien Port',
  'Culvert sends its certificate when it is used': 'Culvert sendet sein Zertifikat, wenn es gebraucht wird',
  'Group membership is not checked': 'Die Zugehörigkeit zu Gruppen wird nicht geprüft',
  'Group membership of the gateway is not checked':
    'Die Zugehörigkeit des Gateways zu Gruppen wird nicht geprüft',
  'Certificate policies are not checked': 'Zertifikatsrichtlinien werden nicht geprüft',
  'These DNS servers are not taken': 'Diese DNS-Server werden nicht übernommen',
  'Name them in the profile if you need them.': 'Nennen Sie sie im Profil, wenn Sie sie brauchen.',
  'The authority is not checked by its name': 'Die Stelle wird nicht an ihrem Namen geprüft',
  'Its certificate is what counts.': 'Ihr Zertifikat zählt.',
  'The key comes from the certificate': 'Der Schlüssel kommt aus dem Zertifikat',
  'Kernel marks and interface IDs have no meaning for a userspace tunnel':
    'Marken und Schnittstellennummern des Kernels bedeuten für einen Tunnel im Userspace nichts',
  'Mediation is not supported': 'Vermittlung wird nicht unterstützt',
  'The gateway must be reachable directly.': 'Das Gateway muss direkt erreichbar sein.',
  'Culvert takes the address that leads to the gateway': 'Culvert nimmt die Adresse, die zum Gateway führt',
  'Culvert asks for certificates of the authorities it trusts':
    'Culvert bittet um Zertifikate der Stellen, denen es vertraut',
  'Pools are for gateways': 'Adressvorräte sind für Gateways',
  'Culvert is the client here; it asks for an address with vips.':
    'Culvert ist hier der Client; mit vips bittet es um eine Adresse.',
  'A DSCP mark for IKE is not supported': 'Eine DSCP-Marke für IKE wird nicht unterstützt',
  'OCSP within IKE (RFC 4806) is not supported': 'OCSP innerhalb von IKE (RFC 4806) wird nicht unterstützt',
  'The responder that the certificate names is asked.': 'Der Dienst, den das Zertifikat nennt, wird gefragt.',
  'Childless initiation is not supported': 'Beginnen ohne Child SA wird nicht unterstützt',
  'The usual way is taken.': 'Der übliche Weg wird genommen.',
  'There is one round': 'Es gibt eine Runde',
  'Name its certificate with cacerts instead.': 'Nennen Sie stattdessen sein Zertifikat mit cacerts.',
  'It is for updown scripts': 'Das ist für Updown-Skripte',
  'Culvert always holds traffic against its policies': 'Culvert hält Verkehr immer gegen seine Regeln',
  'It is for the kernel': 'Das ist für den Kernel',
  'Culvert handles it as RFC 4301 section 8.1 says': 'Culvert verfährt damit nach RFC 4301 Abschnitt 8.1',
  'Culvert copies it': 'Culvert übernimmt es',
  'Culvert copies it outward': 'Culvert übernimmt es nach außen',
  'Culvert handles it': 'Culvert kümmert sich darum',
  'Only the places that certificates name are asked about revocation':
    'Nach Widerrufen werden nur Stellen gefragt, die Zertifikate nennen',
  'Culvert does not fetch certificates by hash': 'Culvert holt keine Zertifikate nach Hash',
  'Raw public keys are not supported': 'Bloße öffentliche Schlüssel werden nicht unterstützt',
  'Ask for a certificate.': 'Bitten Sie um ein Zertifikat.',

  // swanctl.conf, .sswan
  'The connection has no section "{}"': 'Die Verbindung hat keinen Abschnitt „{}“',
  'A gateway passes although its authority cannot be reached':
    'Ein Gateway kommt durch, obwohl seine Stelle nicht erreichbar ist',
  'Set "revocation" to "strict" in the profile if its certificate says where to ask.':
    'Setzen Sie „revocation“ im Profil auf „strict“, wenn sein Zertifikat sagt, wo zu fragen ist.',
  'Ask the administrator for EAP-MSCHAPv2.': 'Bitten Sie Ihre Administration um EAP-MSCHAPv2.',
  'Ask the administrator for a connection without it.':
    'Bitten Sie Ihre Administration um eine Verbindung ohne.',
  'This is not a port': 'Das ist kein Port',
  'The usual one is used.': 'Der übliche wird benutzt.',
  'The usual time is used.': 'Die übliche Zeit wird benutzt.',
  'The connection has no child, so nothing would go through it':
    'Die Verbindung hat kein Child, also ginge nichts hindurch',
  'Only the first child, {}, is used': 'Nur das erste Child, {}, wird benutzt',
  "Add this one's networks to the profile if you need them.":
    'Fügen Sie dessen Netze dem Profil hinzu, wenn Sie sie brauchen.',
  'Replayed packets are always refused': 'Wiederholte Pakete werden immer abgewiesen',
  'A window of 32 packets is used.': 'Ein Fenster von 32 Paketen wird benutzt.',
  '{} is no network': '{} ist kein Netz',
  '"{}" is not a number with a unit': '„{}“ ist keine Zahl mit Einheit',
  'The profile has no valid id': 'Das Profil hat keine gültige Kennung',
  'One is made from its name and gateway.': 'Sie wird aus Namen und Gateway gemacht.',
  'The gateway may ask for proof of the state of this device (TNC), which Culvert does not give':
    'Vielleicht verlangt das Gateway einen Nachweis über den Zustand dieses Geräts (TNC); den gibt Culvert nicht',
  'Ask the administrator for a profile without it if the connection is refused.':
    'Bitten Sie Ihre Administration um ein Profil ohne, wenn die Verbindung abgelehnt wird.',
  'EAP-TLS is not supported': 'EAP-TLS wird nicht unterstützt',
  'Ask the administrator for a profile of type ikev2-cert.':
    'Bitten Sie Ihre Administration um ein Profil der Art ikev2-cert.',
  'The type {} is not known': 'Die Art {} ist nicht bekannt',
  'Ask the administrator for a profile of type ikev2-eap or ikev2-cert.':
    'Bitten Sie Ihre Administration um ein Profil der Art ikev2-eap oder ikev2-cert.',
  'Culvert chooses the signature scheme from what the gateway announces':
    'Culvert wählt das Signaturverfahren nach dem, was das Gateway ankündigt',
  'Culvert uses IPv6 towards the gateway by itself': 'Culvert nutzt IPv6 zum Gateway von selbst',
  'Choosing which apps do not use the tunnel is not supported':
    'Auszuwählen, welche Apps den Tunnel nicht nutzen, wird nicht unterstützt',
  'Blocking a whole IP version is not supported': 'Eine ganze IP-Version zu sperren wird nicht unterstützt',
  'What the gateway does not carry goes its usual way.':
    'Was das Gateway nicht trägt, geht seinen üblichen Weg.',

  // Proposals
  'Ask the administrator for SHA-256 or better; it still works meanwhile.':
    'Bitten Sie Ihre Administration um SHA-256 oder besser; bis dahin geht es.',
  'It is no longer safe, and used only because this profile names it. Ask the administrator what else the gateway accepts.':
    'Es ist nicht mehr sicher und wird nur benutzt, weil dieses Profil es nennt. Fragen Sie Ihre Administration, was das Gateway sonst annimmt.',
  'The algorithm {} is too weak': 'Das Verfahren {} ist zu schwach',
  'It is no longer safe. Ask the administrator what else the gateway accepts.':
    'Es ist nicht mehr sicher. Fragen Sie Ihre Administration, was das Gateway sonst annimmt.',
  'Culvert does not have it. The rest of the proposal is offered.':
    'Culvert hat es nicht. Der Rest des Vorschlags wird angeboten.',
  'The algorithm {} is not supported': 'Das Verfahren {} wird nicht unterstützt',
  'The algorithm {} is too weak and is not offered':
    'Das Verfahren {} ist zu schwach und wird nicht angeboten',
  '{} has no meaning for IKE': '{} bedeutet für IKE nichts',
  'The algorithm {} is weak': 'Das Verfahren {} ist schwach',
  'The proposal {} cannot be offered': 'Der Vorschlag {} lässt sich nicht anbieten',
  'Too little of it is left without what is unsupported or weak, or it mixes combined modes with others.':
    'Ohne das, was fehlt oder schwach ist, bleibt zu wenig übrig, oder er mischt Verfahren mit und ohne eigene Integrität.',
  'None of these proposals can be offered': 'Keiner dieser Vorschläge lässt sich anbieten',
  'The recommended ones are offered instead, which the gateway may refuse. Ask the administrator what else it accepts.':
    'Stattdessen werden die empfohlenen angeboten; vielleicht lehnt das Gateway sie ab. Fragen Sie Ihre Administration, was es sonst annimmt.',
  'The file permits weak or no encryption': 'Die Datei erlaubt schwache oder keine Verschlüsselung',
  'Culvert does not offer that. Ask the administrator what else the gateway accepts.':
    'Das bietet Culvert nicht an. Fragen Sie Ihre Administration, was das Gateway sonst annimmt.',
}
