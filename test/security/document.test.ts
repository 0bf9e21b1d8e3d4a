import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'

const root = join(import.meta.dirname, '../..')
const text = readFileSync(join(root, 'docs/security.md'), 'utf8')
const references = [...text.matchAll(/`(test\/[^`]+)`(?: \*([^*]+)\*)?/g)].map(([, file = '', title]) => ({
  file,
  title,
}))

it('docs/security.md names tests that exist', () => {
  expect(references.length).toBeGreaterThan(50)
  const missing = references.filter(({ file, title }) => {
    if (!existsSync(join(root, file))) return true
    return (
      title !== undefined && !readFileSync(join(root, file), 'utf8').replaceAll("\\'", "'").includes(title)
    )
  })
  expect(missing).toEqual([])
})
