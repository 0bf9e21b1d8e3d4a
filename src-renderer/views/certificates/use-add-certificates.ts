/** Adding certificates from files, with the password that opens them and the one that protects a key which has none. */
import { shallowRef } from 'vue'
import { useI18n } from 'vue-i18n'
import type { Failure } from '../../../src-shared/errors.ts'
import { call } from '../../commands.ts'
import { wordsFor } from '../../failures.ts'
import { chooseFiles, filesFrom } from '../../files.ts'
import { showToast } from '../../toasts.ts'

/** What is asked before it can go on. */
export type Asked = 'password' | 'protect'

const askedBy = (failure: Failure): Asked | undefined => {
  if (failure.code === 'secret-missing') return 'password'
  return failure.details['reason'] === 'unprotected-key' ? 'protect' : undefined
}

export function useAddCertificates() {
  const { t } = useI18n()
  const busy = shallowRef(false)
  const asked = shallowRef<Asked>()
  /** The password that was given did not open the files. */
  const isWrong = shallowRef(false)
  let files: Awaited<ReturnType<typeof filesFrom>> = []
  let given: { readonly password?: string; readonly protectWith?: string } = {}

  const add = async () => {
    busy.value = true
    const done = await call('addCertificates', { files, ...given })
    busy.value = false
    if (done.ok) {
      showToast(t('certificates.added', done.value.certificateIds.length), { tone: 'ok' })
      stop()
      return
    }
    const wanted = askedBy(done.error)
    isWrong.value = wanted === 'password' && given.password !== undefined
    asked.value = wanted
    if (wanted !== undefined) return
    const { what } = wordsFor(done.error)
    showToast(what, { tone: 'bad' })
    stop()
  }
  const stop = () => {
    files = []
    given = {}
    asked.value = undefined
    isWrong.value = false
  }

  return {
    busy,
    asked,
    isWrong,
    async choose() {
      files = await filesFrom(await chooseFiles('.pem,.crt,.cer,.der,.p12,.pfx,.p7b,.p7c,.key'))
      given = {}
      if (files.length > 0) await add()
    },
    async answer(secret: string) {
      given = asked.value === 'protect' ? { ...given, protectWith: secret } : { ...given, password: secret }
      await add()
    },
    stop,
  }
}

export type AddCertificates = ReturnType<typeof useAddCertificates>
