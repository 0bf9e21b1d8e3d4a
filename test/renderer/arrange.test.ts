import { describe, expect, it } from 'vitest'
import {
  changed,
  folderChanged,
  found,
  moved,
  placesOf,
  sections,
  standing,
  stepped,
  withFolder,
} from '../../src-renderer/views/profiles/arrange.ts'
import type { Library } from '../../src-shared/library.ts'
import * as v from 'valibot'
import { Profile } from '../../src-shared/profile.ts'

const profile = (id: string, name: string): Profile => ({
  ...v.parse(Profile, {
    version: 1,
    id: '6f1b2c3d-0000-4000-8000-000000000001',
    name,
    gateway: { address: `${name.toLowerCase()}.example.org` },
    ikeVersion: 2,
    local: { authentication: { method: 'eap', username: 'maria', password: { from: 'prompt' } } },
    remote: { authentication: { method: 'certificate', authorities: [] } },
  }),
  id,
})

const entry = (id: string, name: string, over: { folder?: string; favourite?: boolean } = {}) => ({
  profile: profile(id, name),
  favourite: false,
  secrets: {},
  ...over,
})

const library: Library = {
  entries: [
    entry('a', 'Anna'),
    entry('b', 'Berlin', { folder: 'Work' }),
    entry('c', 'Cafe', { favourite: true, folder: 'Work' }),
    entry('d', 'Dock', { folder: 'Work' }),
    entry('e', 'Else'),
  ],
  folders: ['Work', 'Lab'],
  unreadable: [],
  keepsSecrets: { yes: true },
}

const shown = (search = '') =>
  sections(library, search).map(({ kind, folder, entries }) => [
    folder === '' ? kind : folder,
    entries.map(({ profile: { id } }) => id).join(''),
  ])
const order = (places: readonly { profileId: string }[]) => places.map(({ profileId }) => profileId).join('')

describe('the profile list', () => {
  it('shows favourites, then the top, then folders, also empty ones', () => {
    expect(shown()).toEqual([
      ['favourites', 'c'],
      ['top', 'ae'],
      ['Work', 'bd'],
      ['Lab', ''],
    ])
  })

  it('finds by every word of the search, in name, gateway, user and folder', () => {
    expect(shown('work dock')).toEqual([['Work', 'd']])
    expect(shown('MARIA anna')).toEqual([['top', 'a']])
    expect(shown('nothing')).toEqual([])
    expect(library.entries.every((one) => found(one, '  '))).toBe(true)
  })

  it('moves into another section and takes its folder', () => {
    const work = sections(library, '').find(({ folder }) => folder === 'Work')
    if (work === undefined) throw new Error('no such section')
    const places = moved(library, 'a', { section: work, before: 'd' })
    expect(order(places)).toBe('cebad')
    expect(places.find(({ profileId }) => profileId === 'a')).toEqual({
      profileId: 'a',
      favourite: false,
      folder: 'Work',
    })
    expect(order(moved(library, 'a', { section: work }))).toBe('cebda')
  })

  it('keeps the folder of what becomes a favourite', () => {
    const favourites = sections(library, '')[0]
    if (favourites === undefined) throw new Error('no such section')
    expect(moved(library, 'b', { section: favourites }).find(({ profileId }) => profileId === 'b')).toEqual({
      profileId: 'b',
      favourite: true,
      folder: 'Work',
    })
  })

  it('steps up and down inside its section, and stays at the ends', () => {
    expect(order(stepped(library, 'e', -1))).toBe('ceabd')
    expect(order(stepped(library, 'a', 1))).toBe('ceabd')
    expect(stepped(library, 'a', -1)).toEqual(placesOf(library))
    expect(stepped(library, 'd', 1)).toEqual(placesOf(library))
  })

  it('changes nothing but the one profile', () => {
    const places = changed(library, 'b', (place) => withFolder(place, undefined))
    expect(order(places)).toBe('abcde')
    expect(places[1]).toEqual({ profileId: 'b', favourite: false })
  })
})

describe('folders', () => {
  it('take all their profiles along when they are renamed or dissolved', () => {
    expect(folderChanged(library, 'Work', 'Office').map(({ folder }) => folder)).toEqual([
      undefined,
      'Office',
      'Office',
      'Office',
      undefined,
    ])
    expect(folderChanged(library, 'Work', undefined).every(({ folder }) => folder === undefined)).toBe(true)
  })

  it('are told as a place that is counted from one', () => {
    expect(standing(library, 'd')).toMatchObject({ place: 2, section: { folder: 'Work' } })
    expect(standing(library, 'x')).toBeUndefined()
  })
})
