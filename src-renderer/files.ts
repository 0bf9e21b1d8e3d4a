/** Files of the person, as the bridge takes them. */

const tooLarge = 4 * 1024 * 1024

/** Bytes as base64, in pieces that fit on the stack. */
function base64Of(bytes: Uint8Array): string {
  let text = ''
  for (let at = 0; at < bytes.length; at += 32_768) {
    text += String.fromCharCode(...bytes.subarray(at, at + 32_768))
  }
  return btoa(text)
}

/** Names and contents; what is larger than any profile is left out. */
export async function filesFrom(
  files: Iterable<File>,
): Promise<readonly { readonly name: string; readonly base64: string }[]> {
  const wanted = [...files].filter(({ size }) => size <= tooLarge).slice(0, 64)
  return Promise.all(
    wanted.map(async (file) => ({
      name: file.name,
      base64: base64Of(new Uint8Array(await file.arrayBuffer())),
    })),
  )
}

/** Lets the person choose files; an empty list when they think better of it. */
export function chooseFiles(accept: string): Promise<readonly File[]> {
  return new Promise((resolve) => {
    const input = document.createElement('input')
    input.type = 'file'
    input.multiple = true
    input.accept = accept
    input.addEventListener('change', () => {
      resolve([...(input.files ?? [])])
    })
    input.addEventListener('cancel', () => {
      resolve([])
    })
    input.click()
  })
}

/** Hands a text to the person as a file. */
export function saveText(name: string, text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type: 'text/plain' }))
  const link = document.createElement('a')
  link.href = url
  link.download = name
  link.click()
  URL.revokeObjectURL(url)
}
