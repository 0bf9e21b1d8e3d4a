/** One mirror for each slice; the main process owns the values. */
import { defineStore } from 'pinia'
import { mirror } from './mirror.ts'

export const useConnections = defineStore('connections', () => mirror('connections'))
export const useLibrary = defineStore('library', () => mirror('library'))
export const useCertificates = defineStore('certificates', () => mirror('certificates'))
export const useSettings = defineStore('settings', () => mirror('settings'))
export const useSuites = defineStore('suites', () => mirror('suites'))
export const useDemo = defineStore('demo', () => mirror('demo'))
export const useIncomingImport = defineStore('incomingImport', () => mirror('incomingImport'))
export const useAbout = defineStore('about', () => mirror('about'))
export const useNotices = defineStore('notices', () => mirror('notices'))
/** These two are long: nobody hears them before the view that shows them is opened. */
export const useLog = defineStore('log', () => mirror('log'))
export const useExchanges = defineStore('exchanges', () => mirror('exchanges'))
