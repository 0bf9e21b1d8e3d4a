/** Looks for secrets in everything that a run leaves or shows, in every form in which they could have got there. */

/** A secret in the forms in which programs write bytes down. */
export function formsOf(secret: string): readonly Buffer[] {
  const bytes = Buffer.from(secret)
  const base64 = bytes.toString('base64')
  const texts = [
    secret,
    base64.replace(/=+$/, ''),
    bytes.toString('base64url'),
    bytes.toString('hex'),
    bytes.toString('hex').toUpperCase(),
    encodeURIComponent(secret),
    JSON.stringify(secret).slice(1, -1),
    [...bytes].join(','),
  ]
  return [...new Set(texts)].map((text) => Buffer.from(text)).concat(Buffer.from(secret, 'utf16le'))
}

/** What was gathered: where it is from, and its bytes. */
export type Artefacts = ReadonlyMap<string, Buffer>

/** The places in which one of the secrets is. Secrets by name, so that a finding does not print them. */
export function findSecrets(
  artefacts: Artefacts,
  secrets: Readonly<Record<string, string>>,
): readonly string[] {
  const found: string[] = []
  for (const [name, secret] of Object.entries(secrets)) {
    const forms = formsOf(secret)
    for (const [place, content] of artefacts)
      if (forms.some((form) => content.includes(form))) found.push(`${name} in ${place}`)
  }
  return found
}

/** The bodies of a PEM key, line by line: any of them gives part of the key away. */
export const pemLines = (name: string, pem: string): Readonly<Record<string, string>> =>
  Object.fromEntries(
    pem
      .split('\n')
      .filter((line) => /^[A-Za-z0-9+/=]{24,}$/.test(line))
      .map((line, index) => [`${name}, line ${index + 1}`, line]),
  )
