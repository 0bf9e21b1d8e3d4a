/** Profiles out of the window, protected ones into it, and the certificates that are kept. */
import { afterEach, describe, expect, it, vi } from 'vitest'
import { encode } from 'uqr'
import { exportChoices, fitsQrCode, passwordProblem } from '../../src-renderer/views/export/formats.ts'
import { daysLeft, dueOf } from '../../src-renderer/views/certificates/validity.ts'
import { someCertificates } from '../../src-renderer/fake/samples-certificates.ts'
import { exportFormats } from '../../src-shared/export.ts'
import { openWindow } from './window.ts'

await Promise.all([
  import('../../src-renderer/views/settings/settings-view.vue'),
  import('../../src-renderer/views/export/export-dialog.vue'),
])

let window: Awaited<ReturnType<typeof openWindow>>
const opened: { close(): void }[] = []
const open = async (...where: Parameters<typeof openWindow>) => {
  window = await openWindow(...where)
  opened.push(window)
}
afterEach(() => {
  for (const one of opened.splice(0)) one.close()
  vi.restoreAllMocks()
})

/** What is saved as a file. */
const saved = () => {
  const names: string[] = []
  vi.spyOn(URL, 'createObjectURL').mockReturnValue('blob:')
  vi.spyOn(URL, 'revokeObjectURL').mockReturnValue()
  vi.spyOn(HTMLAnchorElement.prototype, 'click').mockImplementation(function (this: HTMLAnchorElement) {
    names.push(this.download)
  })
  return names
}

const openExport = async () => {
  await open('disconnected', '/profiles')
  await window.press(window.find('[data-profile] [aria-haspopup="menu"]'), 'Enter')
  await window.click(window.byText('[role="menuitem"]', 'Export'))
}
const choose = async (value: string) => {
  const select = window.find('[role="dialog"] select')
  if (!(select instanceof HTMLSelectElement)) throw new Error('no select')
  select.value = value
  select.dispatchEvent(new Event('change', { bubbles: true }))
  await window.settle()
}

describe('exporting a profile', () => {
  it('offers every format there is, and one with secrets', () => {
    expect(exportChoices.toSorted()).toEqual([...exportFormats, 'bundle'].toSorted())
  })

  it("saves Culvert's own format and says what stays behind", async () => {
    const names = saved()
    await openExport()
    expect(window.text()).toContain('The secret itself is not exported')
    await window.click(window.byText('[role="dialog"] button', 'Save file'))
    expect(names).toEqual(['head-office.culvert'])
  })

  it('says field by field what a format does not hold, and offers the files beside', async () => {
    const names = saved()
    await openExport()
    await choose('swanctl')
    expect(window.callsOf('exportProfile').at(-1)).toMatchObject({ format: 'swanctl' })
    expect(window.text()).toContain('remote.authentication.pin')
    await window.click(window.byText('[role="dialog"] button', 'x509ca/head-office-ca-1.pem'))
    expect(names).toEqual(['head-office-ca-1.pem'])
  })

  it('saves nothing of a format that cannot hold it', async () => {
    await openExport()
    await choose('sswan')
    expect(window.text()).toContain('.sswan has no pre-shared keys')
    expect(window.byText('[role="dialog"] button', 'Save file').hasAttribute('disabled')).toBe(true)
  })

  it('draws the link as a QR code', async () => {
    await openExport()
    await choose('link')
    const path = window.find('[role="dialog"] svg[role="img"] path').getAttribute('d') ?? ''
    expect(path.split('M').length).toBeGreaterThan(1000)
  })

  it('demands a long password twice, and puts it nowhere else', async () => {
    const names = saved()
    await openExport()
    await choose('bundle')
    const [first, second] = window.all('[role="dialog"] input').map((field) => `#${field.id}`)
    if (first === undefined || second === undefined) throw new Error('no fields')
    const submit = () => window.click(window.byText('[role="dialog"] button', 'Save file'))
    await window.type(first, 'short')
    await submit()
    expect(window.text()).toContain('Use at least 8 characters')
    await window.type(first, 'long enough')
    await window.type(second, 'long enouhg')
    expect(window.text()).toContain('The two passwords differ')
    expect(window.callsOf('exportBundle')).toEqual([])
    await window.type(second, 'long enough')
    await submit()
    expect(window.callsOf('exportBundle')).toMatchObject([{ password: 'long enough' }])
    expect(names).toEqual(['head-office.culvert'])
    expect(document.body.innerHTML).not.toContain('long enough')
  })

  it('counts bytes, not letters', () => {
    expect(passwordProblem('äöüß', 'äöüß')).toBeUndefined()
    expect(fitsQrCode('a'.repeat(2953))).toBe(true)
    expect(fitsQrCode('a'.repeat(2954))).toBe(false)
    // As much as the library takes.
    expect(encode('a'.repeat(2953), { ecc: 'L', border: 0 }).size).toBe(177)
  })
})

describe('a file under a password', () => {
  it('is opened with it, also when it came from outside the window', async () => {
    await open('incoming-locked', '/import')
    expect(window.text()).not.toContain('No profile can be made')
    await window.type('main form input', 'wrong')
    await window.click(window.byText('main button', 'Open'))
    expect(window.text()).toContain('That password does not open it')
    await window.type('main form input', 'right')
    await window.click(window.byText('main button', 'Open'))
    expect(window.callsOf('previewAgain')).toEqual([
      { id: 10, password: 'wrong' },
      { id: 10, password: 'right' },
    ])
    expect(window.text()).toContain('Berlin office')
  })
})

describe('kept certificates', () => {
  it('are shown with what is due', async () => {
    await open('disconnected', '/settings')
    const text = window.text()
    expect(text).toContain('2 certificates end soon or have ended')
    expect(text).toContain('ends in 12 days')
    expect(dueOf(someCertificates, Date.now())).toHaveLength(2)
    expect(daysLeft({ notAfter: 1000 }, 0)).toBe(1)
  })

  it('are removed once the person says so', async () => {
    await open('disconnected', '/settings')
    await window.click(window.find('button[aria-label="Remove erika@example.org"]'))
    expect(window.text()).toContain('Its private key is forgotten as well')
    expect(window.callsOf('removeCertificate')).toEqual([])
    await window.click(window.byText('[role="alertdialog"] button', 'Remove'))
    expect(window.callsOf('removeCertificate')).toEqual([{ certificateId: someCertificates[0]?.id }])
    expect(window.all('button[aria-label="Remove erika@example.org"]')).toEqual([])
  })

  it('are chosen in the editor: authorities by name, one’s own instead of files', async () => {
    await open('disconnected', '/profiles/new')
    await window.press(window.byText('main button', 'Choose a kept one'), 'Enter')
    await window.click(window.byText('[role="menuitem"]', 'Example Office Root CA'))
    await window.click(window.find('[role="radio"][value="certificate"]'))
    const select = window.all('main select').find((one) => window.textOf(one).includes('erika@example.org'))
    if (!(select instanceof HTMLSelectElement)) throw new Error('no choice of certificates')
    select.value = someCertificates[0]?.id ?? ''
    select.dispatchEvent(new Event('change', { bubbles: true }))
    await window.settle(1000)
    expect(window.callsOf('checkProfile').at(-1)).toMatchObject({
      draft: {
        local: {
          authentication: {
            method: 'certificate',
            certificates: [],
            key: { from: 'store', id: `certificate:${someCertificates[0]?.id ?? ''}` },
          },
        },
        remote: { authentication: { authorities: [`certificate:${someCertificates[1]?.id ?? ''}`] } },
      },
    })
  })
})
