/** strongSwan's marks on identities: `@#` for a key ID in hexadecimal digits, `@` for a name; profiles write `keyid:` and the name. */

export const fromStrongswanIdentity = (text: string): string =>
  text.replace(/^@#/, 'keyid:').replace(/^@(?=[^@])/, '')

export const toStrongswanIdentity = (identity: string): string => identity.replace(/^keyid:#?/, '@#')
