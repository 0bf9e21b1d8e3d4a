/** What the engine says of IKE messages in one line, and what it asks; RFC terms keep their form. `{}` stands for a name or number. */
export const messages: Readonly<Record<string, string>> = {
  'Offer of suites and key exchange': 'Angebot von Suiten und Schlüsselaustausch',
  'Offer of suites and key exchange, with the cookie':
    'Angebot von Suiten und Schlüsselaustausch, mit dem Cookie',
  'Choice of suite and key exchange': 'Wahl der Suite und Schlüsselaustausch',
  'Asks for the request again with a cookie': 'Bittet um dieselbe Anfrage mit einem Cookie',
  'Asks for another group: {}': 'Bittet um eine andere Gruppe: {}',
  Answer: 'Antwort',
  'Refusal: {}': 'Ablehnung: {}',
  'EAP packet': 'EAP-Paket',
  identity: 'Identität',
  'proof of identity': 'Nachweis der Identität',
  'Child SA agreed': 'Child SA vereinbart',
  'request for a Child SA': 'Bitte um eine Child SA',
  Authentication: 'Authentisierung',
  'New IKE SA agreed': 'Neue IKE SA vereinbart',
  'New Child SA agreed': 'Neue Child SA vereinbart',
  'New Child SA': 'Neue Child SA',
  'Rekey IKE SA': 'IKE SA erneuern',
  'Rekey Child SA {}': 'Child SA {} erneuern',
  'Delete IKE SA': 'IKE SA löschen',
  'Delete Child SA {}': 'Child SA {} löschen',
  'Liveness check': 'Lebenszeichen erbeten',
  Acknowledgement: 'Bestätigung',
  Information: 'Mitteilung',
  // IKEv1
  'offer of suites': 'Angebot von Suiten',
  'choice of suite': 'Wahl der Suite',
  'key exchange': 'Schlüsselaustausch',
  'XAUTH: asks for user and password': 'XAUTH: fragt nach Benutzer und Passwort',
  'XAUTH: user and password': 'XAUTH: Benutzer und Passwort',
  'Asks for an address and what goes with it': 'Bittet um eine Adresse und was dazugehört',
  'Address and what goes with it': 'Adresse und was dazugehört',

  // Questions while connecting
  'Pre-shared key for {}': 'Gemeinsamer Schlüssel für {}',
  'Password of {} for {}': 'Passwort von {} für {}',
  'Password for {}': 'Passwort für {}',
  'Password of the certificate file for {}': 'Passwort der Zertifikatsdatei für {}',
  'Passphrase of the private key for {}': 'Passphrase des privaten Schlüssels für {}',
  'One-time code of {} for {}': 'Einmalcode von {} für {}',
  'One-time code for {}': 'Einmalcode für {}',
  'The private key of {}': 'Der private Schlüssel von {}',
  'What is in the file {}': 'Was in der Datei {} steht',

  // The demo office
  Starting: 'Wird gestartet',
  'Making three networks': 'Drei Netze entstehen',
  'Making certificates': 'Zertifikate entstehen',
  'Starting the office and its gateway': 'Büro und Gateway starten',
  Connecting: 'Verbindet',
  'Fetching a page through the tunnel': 'Eine Seite kommt durch den Tunnel',
  'This installation comes without the demo office.': 'Diese Installation kommt ohne das Demo-Büro.',
  'Install Culvert anew, or import a profile.':
    'Installieren Sie Culvert neu, oder importieren Sie ein Profil.',
  'The demonstration needs Linux: its networks are network namespaces.':
    'Die Demo braucht Linux: Ihre Netze sind Netznamensräume.',
  'Run it in a virtual machine.': 'Starten Sie sie in einer virtuellen Maschine.',
  'The program {} is missing.': 'Das Programm {} fehlt.',
  'Install it: apt-get install {}': 'Installieren Sie es: apt-get install {}',
  '/dev/net/tun is missing: there is no TUN device.': '/dev/net/tun fehlt: Es gibt kein TUN-Gerät.',
  'Load it (modprobe tun); for a container, start it with --device /dev/net/tun.':
    'Laden Sie es (modprobe tun); einen Container starten Sie mit --device /dev/net/tun.',
  '/dev/net/tun may not be opened by this user.':
    '/dev/net/tun darf von diesem Benutzer nicht geöffnet werden.',
  'Run the demonstration as root, or chmod 666 /dev/net/tun.':
    'Starten Sie die Demo als root, oder setzen Sie chmod 666 /dev/net/tun.',
  'Namespaces are denied here: {}.': 'Namensräume sind hier verwehrt: {}.',
  'Namespaces are denied here: {}. AppArmor restricts user namespaces (Ubuntu 23.10 and later).':
    'Namensräume sind hier verwehrt: {}. AppArmor beschränkt Benutzernamensräume (Ubuntu ab 23.10).',
  'Run it as root (sudo npm run demo), or allow them until the next boot: sudo sysctl kernel.apparmor_restrict_unprivileged_userns=0':
    'Starten Sie sie als root (sudo npm run demo), oder erlauben Sie sie bis zum nächsten Neustart: sudo sysctl kernel.apparmor_restrict_unprivileged_userns=0',
  'Run it as root, or allow them: {}': 'Starten Sie sie als root, oder erlauben Sie sie: {}',
  'In a container, start it with {}.': 'In einem Container: Starten Sie ihn mit {}.',
  'Run it as root; in a container, start it with {}.':
    'Starten Sie sie als root; in einem Container starten Sie diesen mit {}.',

  // Looking at this machine and its network
  'no answer': 'keine Antwort',
  'there is no route': 'es gibt keine Route',
  '{} cannot be opened: {}': '{} lässt sich nicht öffnen: {}',
  'Load the module with "modprobe tun"; in a container, give it the device /dev/net/tun.':
    'Laden Sie das Modul mit „modprobe tun“; einem Container geben Sie das Gerät /dev/net/tun.',
  'Load the module with "modprobe tun".': 'Laden Sie das Modul mit „modprobe tun“.',
  'Give your user read and write access to /dev/net/tun (it is 0666 on most systems).':
    'Geben Sie Ihrem Benutzer Lese- und Schreibrecht an /dev/net/tun (auf den meisten Systemen 0666).',
  'Look at the permissions of /dev/net/tun and at the kernel log.':
    'Sehen Sie nach den Rechten an /dev/net/tun und ins Protokoll des Kernels.',
  'nft is missing; the kill switch needs it': 'nft fehlt; der Notschalter braucht es',
  'Install nftables ("apt install nftables") to use the kill switch.':
    'Installieren Sie nftables („apt install nftables“), um den Notschalter zu nutzen.',
  'root, but without CAP_NET_ADMIN': 'root, aber ohne CAP_NET_ADMIN',
  'Start the container with --cap-add=NET_ADMIN.': 'Starten Sie den Container mit --cap-add=NET_ADMIN.',
  'neither root nor polkit': 'weder root noch polkit',
  'Install polkit ("apt install pkexec"), or run as root.':
    'Installieren Sie polkit („apt install pkexec“), oder starten Sie als root.',
  'the program "ip" is missing': 'das Programm „ip“ fehlt',
  'Install iproute2 ("apt install iproute2").': 'Installieren Sie iproute2 („apt install iproute2“).',
  'Without it programs find no names outside a tunnel.':
    'Ohne sie finden Programme außerhalb eines Tunnels keine Namen.',
  '{} lies before this program was made': '{} liegt vor der Entstehung dieses Programms',
  'Set the clock ("timedatectl set-ntp true"): certificates would seem not yet valid.':
    'Stellen Sie die Uhr („timedatectl set-ntp true“): Zertifikate wirken sonst noch nicht gültig.',
  'switched off on this machine': 'auf diesem Rechner ausgeschaltet',
  'A tunnel’s IPv6 addresses and routes are left out. Set {}':
    'IPv6-Adressen und -Routen eines Tunnels bleiben weg. Setzen Sie {}',

  // What carries packets
  'the fast one where a connection fits it': 'die schnelle, wo eine Verbindung zu ihr passt',
  'portable: the fast one is not installed': 'die tragbare: Die schnelle ist nicht installiert',
}
