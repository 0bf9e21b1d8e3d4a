/**
 * Puts this thread, and with it the connections that Playwright makes to the app, into a network namespace: the app's debugging ports
 * are on the loopback interface of the namespace it runs in. setns(2) counts for the calling thread and those it starts.
 */
import { closeSync, openSync } from 'node:fs'
import koffi from 'koffi'

const CLONE_NEWNET = 0x40000000
const setns = koffi.load('libc.so.6').func('int setns(int fd, int type)')

const enter = (path: string): void => {
  const descriptor = openSync(path, 'r')
  const status: unknown = setns(descriptor, CLONE_NEWNET)
  closeSync(descriptor)
  if (status !== 0) throw new Error(`cannot enter ${path}`)
}

const home = '/proc/self/ns/net'
let homeDescriptor: number | undefined

/** Gives the way back. */
export const enterNamespace = (name: string): (() => void) => {
  // /proc/self names the main thread's, which is ours; held open, it stays the one we came from.
  homeDescriptor ??= openSync(home, 'r')
  enter(`/run/netns/${name}`)
  const back = homeDescriptor
  return () => enter(`/proc/self/fd/${back}`)
}
