'use strict'
/**
 * Draws the mark in every size: `npm run icons`. Chromium draws the SVG on a
 * canvas of the wanted size, so that what is committed looks as the window's own mark does.
 *
 * The mark is a culvert: an arch that carries a stream under a road, seen from the front. On a grid of 24.
 */
const { app, BrowserWindow } = require('electron')
const { mkdirSync, writeFileSync } = require('node:fs')
const { join } = require('node:path')

const assets = join(__dirname, '..', '..', 'assets')
const TEAL = '#0e7c86'
const DEEP = '#0a5a66'

/** The opening: a half-round arch on straight walls, from wall to wall `2 * r` wide. */
const opening = (r, top, bottom) =>
  `M${12 - r} ${bottom} V${top + r} A${r} ${r} 0 0 1 ${12 + r} ${top + r} V${bottom}`
const svg = (body, size = 24) =>
  `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${size} ${size}" width="${size}" height="${size}">${body}</svg>\n`

/** The app's icon: the solid block with the arch cut out, and the stream in it. */
const appIcon = () =>
  svg(
    `<defs><linearGradient id="block" x1="0" y1="0" x2="0" y2="1"><stop offset="0" stop-color="#14929c"/><stop offset="1" stop-color="${DEEP}"/></linearGradient></defs>` +
      `<rect x="1" y="1" width="22" height="22" rx="5" fill="url(#block)"/>` +
      `<path d="${opening(6, 6.25, 23)} Z" fill="#04262c"/>` +
      `<path d="M6 17.6 q1.5 -1.3 3 0 t3 0 t3 0 t3 0 V23 H6 Z" fill="#5fd3d8"/>` +
      `<path d="M7.2 20.3 q1.2 -1.1 2.4 0 t2.4 0 t2.4 0 t2.4 0" fill="none" stroke="#d9f7f6" stroke-width="0.9" stroke-linecap="round"/>`,
  )

/** The tray's: one colour, drawn on the pixel grid of 16 so that it stays legible there. */
const block = 'M1.5 14.5 V3.5 A2 2 0 0 1 3.5 1.5 H12.5 A2 2 0 0 1 14.5 3.5 V14.5'
const arch = 'M4.5 14.5 V9 A3.5 3.5 0 0 1 11.5 9 V14.5'
const line = (path, colour, extra = '') =>
  `<path d="${path}" fill="none" stroke="${colour}" stroke-width="1.5" stroke-linejoin="round" stroke-linecap="round" ${extra}/>`
const outline = (colour, opacity = 1) =>
  `<g opacity="${opacity}">${line(`${block} H11.5 V9 A3.5 3.5 0 0 0 4.5 9 V14.5 Z`, colour)}</g>`
const solid = (colour) =>
  `<path fill="${colour}" d="M0.75 15.25 V3.5 A2.75 2.75 0 0 1 3.5 0.75 H12.5 A2.75 2.75 0 0 1 15.25 3.5 V15.25 H12 V9 A4 4 0 0 0 4 9 V15.25 Z"/>`

const trayMarks = {
  off: (colour) => outline(colour),
  // The segment over the arch is on its way; the rest waits.
  connecting: (colour) =>
    outline(colour, 0.55) +
    line(
      'M4.5 14.5 V9 A3.5 3.5 0 0 1 11.5 9 V14.5',
      colour,
      'stroke-dasharray="9 40" stroke-dashoffset="-3"',
    ),
  connected: (colour) => solid(colour),
  failed: (colour) =>
    `<mask id="cut"><rect width="16" height="16" fill="#fff"/><path d="M1 15 L15 1" stroke="#000" stroke-width="4.4"/></mask>` +
    `<g mask="url(#cut)">${outline(colour)}</g>` +
    `<path d="M1.6 14.4 L14.4 1.6" stroke="${colour}" stroke-width="1.9" stroke-linecap="round"/>`,
  blocked: (colour) =>
    `<mask id="room"><rect width="16" height="16" fill="#fff"/><rect x="5.6" y="5.4" width="10.4" height="10.6" rx="2.4" fill="#000"/></mask>` +
    `<g mask="url(#room)">${outline(colour)}</g>` +
    `<rect x="6.9" y="10" width="8.1" height="5.4" rx="1.1" fill="${colour}"/>` +
    `<path d="M8.75 10 V8.6 a2.2 2.2 0 0 1 4.4 0 V10" fill="none" stroke="${colour}" stroke-width="1.5"/>`,
}
/** For dark and for light panels. */
const inks = { dark: '#f2f6f6', light: '#1c2526' }

const draw = (page, source, pixels) =>
  page.executeJavaScript(
    `new Promise((resolve, reject) => {
      const image = new Image()
      image.onload = () => {
        const canvas = document.createElement('canvas')
        canvas.width = canvas.height = ${pixels}
        canvas.getContext('2d').drawImage(image, 0, 0, ${pixels}, ${pixels})
        resolve(canvas.toDataURL('image/png').split(',')[1])
      }
      image.onerror = () => reject(new Error('not drawn'))
      image.src = 'data:image/svg+xml;base64,${Buffer.from(source).toString('base64')}'
    })`,
  )

const work = async () => {
  await app.whenReady()
  const window = new BrowserWindow({ show: false })
  await window.loadURL('data:text/html,<meta charset=utf-8>')
  const save = async (folder, name, source, sizes) => {
    mkdirSync(join(assets, folder), { recursive: true })
    for (const [file, pixels] of sizes(name))
      writeFileSync(
        join(assets, folder, file),
        Buffer.from(await draw(window.webContents, source, pixels), 'base64'),
      )
  }
  const icon = appIcon()
  writeFileSync(join(assets, 'icon.svg'), icon)
  await save('icons', 'icon', icon, () =>
    [16, 22, 24, 32, 48, 64, 128, 256, 512].map((n) => [`${n}x${n}.png`, n]),
  )
  for (const [state, mark] of Object.entries(trayMarks))
    for (const [panel, ink] of Object.entries(inks))
      await save('tray', `${state}-${panel}`, svg(mark(ink), 16), (name) => [
        [`${name}-16.png`, 16],
        [`${name}-22.png`, 22],
        [`${name}-32.png`, 32],
      ])
}

work().then(
  () => app.exit(0),
  (error) => {
    process.stderr.write(`${error.stack}\n`)
    app.exit(1)
  },
)
