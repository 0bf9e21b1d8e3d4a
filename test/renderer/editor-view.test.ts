import { afterEach, describe, expect, it } from 'vitest'
import * as v from 'valibot'
import { router } from '../../src-renderer/router.ts'
import { Profile } from '../../src-shared/profile.ts'
import { openWindow } from './window.ts'

const office = '/profiles/00000000-0000-4000-8000-000000000001/edit'
let window: Awaited<ReturnType<typeof openWindow>>
afterEach(() => {
  window.close()
})

const errors = () => window.all('[id$="-error"]').map(window.textOf)
const save = () => window.click(window.find('button[type="submit"]'))

describe('the editor', () => {
  it('leaves an untouched new profile in peace, and names every field when it is to be saved', async () => {
    window = await openWindow('disconnected', '/profiles/new')
    expect(errors()).toEqual([])
    await save()
    expect(errors()).toEqual(['Fill this in', 'Fill this in', 'Fill this in'])
    expect(window.text()).toContain('3 fields need your attention')
    expect(document.activeElement).toBe(window.find('[data-field="name"] input'))
    expect(window.callsOf('saveProfile')).toEqual([])
  })

  it('checks a field as it is typed', async () => {
    window = await openWindow('disconnected', '/profiles/new')
    await window.type('[data-field="gateway.address"] input', 'https://vpn.example.org')
    expect(errors()).toEqual(['Must be a host name or an IP address, without scheme or port'])
    await window.type('[data-field="gateway.address"] input', 'vpn.example.org')
    expect(errors()).toEqual([])
  })

  it('says problems in German too, with the line', async () => {
    window = await openWindow('disconnected', office, 'de')
    await window.click(window.find('[role="radio"][value="networks"]'))
    await window.type('[data-field="traffic.remote"] textarea', '10.0.0.0/8\n10.0.0.0/99')
    expect(errors()).toEqual(['Zeile 2: Muss ein Netz sein, etwa 10.0.0.0/8 oder fd00::/8'])
  })

  it('says what a number should look like, and opens the part for experts where it is', async () => {
    window = await openWindow('disconnected', office)
    await window.type('[data-field="lifetimes.ikeSeconds"] input', 'soon')
    expect(errors()).toEqual(['Write a time, such as 4 h or 30 min'])
    expect(window.find('main button[aria-expanded]:not([aria-haspopup])').getAttribute('aria-expanded')).toBe(
      'true',
    )
    await window.type('[data-field="replayWindow"] input', '8')
    await window.type('[data-field="lifetimes.ikeSeconds"] input', '2 h')
    expect(errors()).toEqual(['Must be at least 32'])
  })

  it('saves a whole profile, and its password apart from it', async () => {
    window = await openWindow('disconnected', '/profiles/new')
    await window.type('[data-field="name"] input', ' Lab ')
    await window.type('[data-field="gateway.address"] input', '203.0.113.20')
    await window.type('[data-field="local.authentication.username"] input', 'erika')
    await window.click(window.find('[role="radio"][value="keep"]'))
    await window.type('input[type="password"]', 'correct horse')
    await save()
    const [saved] = window.callsOf('saveProfile')
    const { profile, secrets } = v.parse(v.object({ profile: Profile, secrets: v.array(v.unknown()) }), saved)
    expect(profile).toMatchObject({
      name: 'Lab',
      gateway: { address: '203.0.113.20', port: 500 },
      ikeVersion: 2,
    })
    expect(secrets).toEqual([{ kind: 'password', secret: 'correct horse' }])
    expect(JSON.stringify(profile)).not.toContain('correct horse')
    expect(window.path()).toBe('/profiles')
  })

  it('asks before changes are lost, and not when there are none', async () => {
    window = await openWindow('disconnected', office)
    await router.push('/status')
    expect(window.path()).toBe('/status')
    await router.push(office)
    await window.settle()
    await window.type('[data-field="name"] input', 'Renamed')
    const leaving = router.push('/status')
    await window.settle()
    expect(window.text()).toContain('Leave without saving?')
    await window.click(window.byText('[role="alertdialog"] button', 'Cancel'))
    await leaving
    expect(window.path()).toBe(office)
    const leavingNow = router.push('/status')
    await window.settle()
    await window.click(window.byText('[role="alertdialog"] button', 'Leave without saving'))
    await leavingNow
    expect(window.path()).toBe('/status')
  })

  it('tells that the profile is in use', async () => {
    window = await openWindow('connected', office)
    expect(window.text()).toContain('Changes apply from the next connection')
  })

  it('says that a profile is gone', async () => {
    window = await openWindow('disconnected', '/profiles/none/edit')
    expect(window.text()).toContain('This profile is gone')
  })

  it('says why nothing can be kept where there is no keyring', async () => {
    window = await openWindow('no-keyring', office)
    // The same scenario brings an import, which comes first.
    await router.push(office)
    await window.settle()
    expect(window.text()).toContain('Culvert cannot keep it: This desktop has no keyring.')
    expect(window.find('[role="radio"][value="keep"]').hasAttribute('disabled')).toBe(true)
  })
})

describe('the proposal editor', () => {
  const openIt = async () => {
    window = await openWindow('disconnected', office)
    await window.click(window.find('button:has(svg.lucide-sliders-horizontal)'))
  }
  const use = () => window.click(window.byText('[role="dialog"] button', 'Use this'))
  const inDialog = () => window.textOf(window.find('[role="dialog"]'))

  it('shows what a named suite means for each purpose, and what is weak about it', async () => {
    await openIt()
    await window.click(window.find('[role="radio"][value="gmac-256"]'))
    const rows = window.all('[role="dialog"] tbody tr').map(window.textOf)
    expect(window.all('[role="dialog"] tbody th').map(window.textOf)).toEqual([
      'ESP encryption',
      'ESP integrity',
      'ESP DH group',
      'ESP sequence numbers',
      'IKE encryption',
      'IKE PRF',
      'IKE integrity',
      'IKE DH group',
    ])
    expect(rows[0]).toContain('Weak: It does not encrypt')
    await use()
    expect(window.text()).toContain('From the suite Suite-B-GMAC-256')
    await save()
    expect(window.callsOf('saveProfile')).toMatchObject([
      { profile: { proposals: { ike: ['aes256-sha384-ecp384'], esp: ['aes256gmac'] } } },
    ])
  })

  it('takes what an administrator pastes, and says what is wrong with it', async () => {
    await openIt()
    await window.click(window.find('[role="radio"][value="own"]'))
    await window.type('[role="dialog"] input[placeholder^="aes256gcm16-"]', 'AES256GCM16-rot13')
    expect(inDialog()).toContain('Unknown algorithm "rot13"')
    await use()
    expect(inDialog()).toContain('This cannot be used yet')
    await window.type(
      '[role="dialog"] input[placeholder^="aes256gcm16-"]',
      'ike=aes256gcm16-prfsha384-ecp384, aes128-sha256-modp2048',
    )
    expect(inDialog()).toContain('Proposal 3')
    expect(inDialog()).not.toContain('rot13')
  })

  it('marks what this machine cannot do and lets nobody choose it', async () => {
    await openIt()
    expect(window.find('[role="radio"][value="vpn-a"]').hasAttribute('disabled')).toBe(true)
    expect(inDialog()).toContain("3DES-CBC: this computer's crypto library does not have it")
    await window.click(window.find('[role="radio"][value="own"]'))
    await window.click(window.byText('[role="dialog"] button', 'Show weak and unavailable ones'))
    const box = window.byText('label', '3DES-CBC').closest('div')?.parentElement?.querySelector('input')
    expect(box?.disabled).toBe(true)
  })

  it('changes nothing when it is cancelled', async () => {
    await openIt()
    await window.click(window.find('[role="radio"][value="gcm-128"]'))
    await window.click(window.byText('[role="dialog"] button', 'Cancel'))
    expect(window.text()).toContain('Recommended by Culvert')
  })
})

describe('proposals that a profile brought', () => {
  it('can be had again after another suite was looked at', async () => {
    window = await openWindow('disconnected', office)
    const choose = (id: string) => window.click(window.find(`[role="radio"][value="${id}"]`))
    const openIt = () => window.click(window.find('button:has(svg.lucide-sliders-horizontal)'))
    const use = () => window.click(window.byText('[role="dialog"] button', 'Use this'))
    await openIt()
    expect(window.all('[role="radio"][value="brought"]')).toEqual([])
    await choose('own')
    await window.type('[role="dialog"] input[placeholder^="aes256gcm16-"]', 'aes256gcm16-prfsha512-ecp521')
    await use()
    expect(window.text()).toContain('Your own choice')
    await openIt()
    await choose('gcm-256')
    await choose('brought')
    await use()
    expect(window.text()).toContain('aes256gcm16-prfsha512-ecp521')
  })
})
