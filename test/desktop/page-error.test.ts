import { describe, expect, it } from 'vitest'
import { pageError } from '../../src-main/desktop/page-error.ts'

describe('an error on the console of the page', () => {
  it('is heard as Electron tells it since version 35, and before', () => {
    expect(pageError({ level: 'error', message: 'Error: torn' }, [])).toBe('Error: torn')
    expect(pageError({}, [3, 'Error: torn', 12, 'app://culvert/main.js'])).toBe('Error: torn')
  })

  it('is nothing less than an error', () => {
    expect(pageError({ level: 'warning', message: 'hm' }, [])).toBeUndefined()
    // The old arguments are still there beside the new ones.
    expect(pageError({ level: 'info', message: 'hm' }, [3, 'hm'])).toBeUndefined()
    expect(pageError({}, [2, 'hm'])).toBeUndefined()
  })

  it('is cut where it is longer than any stack', () => {
    expect(pageError({ level: 'error', message: 'x'.repeat(9000) }, [])).toHaveLength(4000)
  })
})
