/** Text as XML wants it inside elements. */
export const xmlText = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')

/** An element on a line of its own. */
export const element = (indent: string, name: string, text: string | number): string =>
  `${indent}<${name}>${xmlText(String(text))}</${name}>\n`
