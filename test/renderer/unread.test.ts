/** Each view when the main process refuses what it asks for: the view says so, and shows it after another try. */
import { afterEach, describe, expect, it } from 'vitest'
import { openWindow } from './window.ts'

const title = 'This can’t be shown right now'
let window: Awaited<ReturnType<typeof openWindow>>
afterEach(() => {
  window.close()
})

describe('a view whose slice cannot be read', () => {
  it.each([
    ['/', 'Head office'],
    ['/profiles', 'Head office'],
    ['/profiles/00000000-0000-4000-8000-000000000001/edit', 'Save'],
    ['/status', 'No tunnel to look at'],
    ['/exchange', 'IKE_SA_INIT'],
    ['/log', 'info'],
    ['/settings', 'Reconnect'],
  ])('%s says so, and is there after another try', async (path, after) => {
    window = await openWindow('unanswered', path)
    expect(window.text()).toContain(title)
    expect(window.text()).toContain('EIO: i/o error, read')
    expect(window.find('[role="alert"]').textContent).toContain(title)
    expect(window.all('main [role="status"]')).toEqual([])
    // About, further below in the settings, has one of its own.
    for (let tries = 0; tries < 3 && window.text().includes(title); tries += 1)
      await window.click(window.byText('main button', 'Try again'))
    expect(window.text()).not.toContain(title)
    expect(window.text().toLowerCase()).toContain(after.toLowerCase())
  })

  it('says so in German', async () => {
    window = await openWindow('unanswered', '/profiles', 'de')
    expect(window.text()).toContain('Das lässt sich gerade nicht zeigen')
  })
})
