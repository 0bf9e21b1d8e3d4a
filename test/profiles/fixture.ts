/** Fixtures as their producers write them, with `{{NAME}}` filled in by what a test makes. */
import { readFileSync } from 'node:fs'

export const fixture = (name: string): Uint8Array =>
  new Uint8Array(readFileSync(new URL(`fixtures/${name}`, import.meta.url)))

export const fixtureText = (name: string, values: Readonly<Record<string, Uint8Array>> = {}): string =>
  Object.entries(values).reduce(
    (text, [key, bytes]) => text.replaceAll(`{{${key}}}`, Buffer.from(bytes).toString('base64')),
    Buffer.from(fixture(name)).toString('utf8'),
  )
