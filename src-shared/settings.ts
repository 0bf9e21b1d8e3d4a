/** What the person has chosen for the whole app; kept as JSON beside the profiles. */
import * as v from 'valibot'

export const Settings = v.strictObject({
  /** The profile that is connected when the person logs in; the app is then started by itself. */
  connectAtLogin: v.optional(v.nullable(v.pipe(v.string(), v.uuid())), null),
  /** Make a connection anew by itself after trouble that a retry can mend; a profile may still say no. */
  reconnect: v.optional(v.boolean(), true),
  /** Let nothing leave this machine outside the tunnel, also while it is being made anew. */
  killSwitch: v.optional(v.boolean(), false),
  startMinimised: v.optional(v.boolean(), false),
  theme: v.optional(v.picklist(['system', 'light', 'dark']), 'system'),
  language: v.optional(v.picklist(['system', 'en', 'de']), 'system'),
  notifications: v.optional(v.picklist(['all', 'problems', 'none']), 'all'),
  /** Write the session keys of new connections to a file that Wireshark reads. For this run of the app only; never kept on. */
  keyExport: v.optional(v.boolean(), false),
})
export type Settings = v.InferOutput<typeof Settings>
