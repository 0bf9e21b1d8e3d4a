/** What is said of Apple's VPN keys that Culvert knows and does not follow. */
import type { Unfollowed } from './swanctl-section.ts'

const ours = (problem: string): Unfollowed => ['note', problem, 'Nothing to do.']
const missing = (problem: string, advice: string): Unfollowed => ['warning', problem, advice]

export const unfollowedInVpn: Readonly<Record<string, Unfollowed>> = {
  IPv4: ours('Which traffic goes through the tunnel, the gateway decides with what is asked for'),
  VendorConfig: missing('Settings for the app of a vendor have no meaning here', 'They are ignored.'),
  OnDemandMatchAppEnabled: missing('Connecting by itself is not supported', 'Connect yourself.'),
}

export const unfollowedInIkev2: Readonly<Record<string, Unfollowed>> = {
  CertificateType: ours('Culvert sees from the certificate what it is'),
  TLSMinimumVersion: ours('It is for EAP-TLS'),
  TLSMaximumVersion: ours('It is for EAP-TLS'),
  UseConfigurationAttributeInternalIPSubnet: ours('Networks are agreed on by traffic selectors'),
  DisableMOBIKE: ours('Culvert reconnects by itself when the network changes'),
  DisableRedirect: ours('Culvert follows no redirects'),
  DisconnectOnIdleTimer: ours('It belongs to DisconnectOnIdle'),
  NATKeepAliveOffloadEnable: ours('It is for phones'),
  EnableFallback: ours('It is for phones'),
  ProviderType: ours('It is for apps'),
  EnforceRoutes: ours("Culvert's routes come before others"),
  ExcludeCellularServices: ours('It is for phones'),
  ExcludeAPNs: ours('It is for phones'),
  ExcludeDeviceCommunication: ours('It is for phones'),
  EnforceStrictAlgorithmSelection: ours('Culvert offers what the profile names, and nothing else'),
  AllowPostQuantumKeyExchangeFallback: ours('It belongs to post-quantum key exchanges'),
  Interfaces: ours('Culvert takes the interface that leads to the gateway'),
}
