/**
 * The functions of a PKCS#11 module (OASIS PKCS #11 version 2.40), called through the platform's ABI: unsigned long is 8 bytes and
 * structures are not packed, as on every 64-bit Linux. Modules that export their functions by name are taken (OpenSC, SoftHSM, Yubico).
 */
import { createPacketArena, loadLibrary } from 'tun-tap'
import type { NativeFunction, PacketArena } from 'tun-tap'

const ULONG = 8
/** CK_ATTRIBUTE and CK_MECHANISM: unsigned long, pointer, unsigned long. */
const TRIPLE = 3 * ULONG
const MEMORY = 262_144

const declarations = {
  initialize: 'unsigned long C_Initialize(uintptr_t arguments)',
  slots: 'unsigned long C_GetSlotList(uint8_t present, uintptr_t list, uintptr_t count)',
  tokenInfo: 'unsigned long C_GetTokenInfo(unsigned long slot, uintptr_t info)',
  openSession:
    'unsigned long C_OpenSession(unsigned long slot, unsigned long flags, uintptr_t application, uintptr_t notify, uintptr_t session)',
  closeSession: 'unsigned long C_CloseSession(unsigned long session)',
  login:
    'unsigned long C_Login(unsigned long session, unsigned long user, uintptr_t pin, unsigned long length)',
  findInit: 'unsigned long C_FindObjectsInit(unsigned long session, uintptr_t template, unsigned long count)',
  find: 'unsigned long C_FindObjects(unsigned long session, uintptr_t objects, unsigned long most, uintptr_t count)',
  findFinal: 'unsigned long C_FindObjectsFinal(unsigned long session)',
  attributes:
    'unsigned long C_GetAttributeValue(unsigned long session, unsigned long object, uintptr_t template, unsigned long count)',
  signInit: 'unsigned long C_SignInit(unsigned long session, uintptr_t mechanism, unsigned long key)',
  sign: 'unsigned long C_Sign(unsigned long session, uintptr_t data, unsigned long length, uintptr_t signature, uintptr_t signature_length)',
} as const

/** CKR_…: what a function gave. */
export const Rv = {
  OK: 0,
  PIN_INCORRECT: 0xa0,
  PIN_LOCKED: 0xa4,
  USER_ALREADY_LOGGED_IN: 0x100,
  ALREADY_INITIALIZED: 0x191,
} as const

/** CKA_… */
export const Attribute = { CLASS: 0x0, LABEL: 0x3, VALUE: 0x11, ID: 0x102 } as const
/** CKO_… */
export const ObjectClass = { CERTIFICATE: 1, PRIVATE_KEY: 3 } as const

/** A function that did not do it; `rv` is its CKR_ number. Holds nothing of what it was given. */
export class TokenError extends Error {
  readonly rv: number
  constructor(step: string, rv: number) {
    super(`PKCS#11: ${step} gave 0x${rv.toString(16)}`)
    this.name = 'TokenError'
    this.rv = rv
  }
}

export type Template = readonly { readonly type: number; readonly value: Uint8Array }[]

export interface Mechanism {
  readonly type: number
  readonly parameter?: Uint8Array
}

/** All throw TokenError. */
export interface Module {
  /** Slots with a token in them. */
  slots(): readonly number[]
  tokenLabel(slot: number): string
  openSession(slot: number): number
  closeSession(session: number): void
  /** `pin`: UTF-8; the copy made for the call is wiped. */
  login(session: number, pin: Uint8Array): void
  find(session: number, template: Template): readonly number[]
  attribute(session: number, object: number, type: number): Uint8Array
  sign(session: number, key: number, mechanism: Mechanism, data: Uint8Array): Uint8Array
}

export const ulongBytes = (...values: readonly number[]): Uint8Array => {
  const bytes = new Uint8Array(values.length * ULONG)
  const view = new DataView(bytes.buffer)
  for (const [index, value] of values.entries()) view.setBigUint64(index * ULONG, BigInt(value), true)
  return bytes
}

/** Places in memory for one call, one behind the other. */
function createCall(arena: PacketArena, start: number) {
  let free = start
  const take = (length: number): number => {
    const offset = free
    free += Math.ceil(Math.max(length, 1) / ULONG) * ULONG
    return offset
  }
  const put = (bytes: Uint8Array): number => {
    const offset = take(bytes.length)
    arena.bytes.set(bytes, offset)
    return offset
  }
  return {
    take,
    put,
    address: (offset: number, length: number) => arena.at(offset, length),
    ulong: (offset: number) => Number(arena.view.getBigUint64(offset, true)),
    copy: (offset: number, length: number) => arena.bytes.slice(offset, offset + length),
    triple(type: number, value: number, length: number): Uint8Array {
      return ulongBytes(type, length === 0 ? 0 : arena.at(value, length), length)
    },
    /** What was put here may have been a PIN. */
    wipe: () => arena.bytes.fill(0, start, free),
  }
}

const MOST_SLOTS = 32
const MOST_OBJECTS = 64
const MOST_VALUE = 65_536
const TOKEN_INFO = 256
const LABEL_LENGTH = 32
const SERIAL_SESSION = 4
const NORMAL_USER = 1
const MOST_SIGNATURE = 2048

/** Throws TunTapError when the file is no such library, TokenError when it cannot begin. */
export function openModule(file: string): Module {
  const load = loadLibrary(file, { deep: false })
  const functions = Object.fromEntries(
    Object.entries(declarations).map(([name, declaration]) => [name, load(declaration)]),
  )
  const arena = createPacketArena(MEMORY)
  const start = arena.region(MEMORY - 128)
  const invoke = (name: keyof typeof declarations, ...values: readonly number[]): number => {
    const called: NativeFunction | undefined = functions[name]
    return called === undefined ? -1 : called(...values)
  }
  const must = (name: keyof typeof declarations, ...values: readonly number[]): void => {
    const rv = invoke(name, ...values)
    if (rv !== Rv.OK) throw new TokenError(name, rv)
  }
  const within = <Value>(task: (call: ReturnType<typeof createCall>) => Value): Value => {
    const call = createCall(arena, start)
    try {
      return task(call)
    } finally {
      call.wipe()
    }
  }
  const begun = invoke('initialize', 0)
  if (begun !== Rv.OK && begun !== Rv.ALREADY_INITIALIZED) throw new TokenError('initialize', begun)

  return {
    slots: () =>
      within((call) => {
        const list = call.take(MOST_SLOTS * ULONG)
        const count = call.put(ulongBytes(MOST_SLOTS))
        must('slots', 1, call.address(list, MOST_SLOTS * ULONG), call.address(count, ULONG))
        return Array.from({ length: call.ulong(count) }, (_, index) => call.ulong(list + index * ULONG))
      }),
    tokenLabel: (slot) =>
      within((call) => {
        const info = call.take(TOKEN_INFO)
        must('tokenInfo', slot, call.address(info, TOKEN_INFO))
        return new TextDecoder().decode(call.copy(info, LABEL_LENGTH)).trimEnd()
      }),
    openSession: (slot) =>
      within((call) => {
        const session = call.take(ULONG)
        must('openSession', slot, SERIAL_SESSION, 0, 0, call.address(session, ULONG))
        return call.ulong(session)
      }),
    closeSession: (session) => {
      invoke('closeSession', session)
    },
    login: (session, pin) =>
      within((call) => {
        const at = call.put(pin)
        const rv = invoke('login', session, NORMAL_USER, call.address(at, pin.length), pin.length)
        if (rv !== Rv.OK && rv !== Rv.USER_ALREADY_LOGGED_IN) throw new TokenError('login', rv)
      }),
    find: (session, template) =>
      within((call) => {
        const parts = template.map(({ type, value }) => call.triple(type, call.put(value), value.length))
        const at = call.put(Buffer.concat(parts))
        must('findInit', session, call.address(at, parts.length * TRIPLE), parts.length)
        const objects = call.take(MOST_OBJECTS * ULONG)
        const count = call.take(ULONG)
        try {
          must(
            'find',
            session,
            call.address(objects, MOST_OBJECTS * ULONG),
            MOST_OBJECTS,
            call.address(count, ULONG),
          )
        } finally {
          invoke('findFinal', session)
        }
        return Array.from({ length: call.ulong(count) }, (_, index) => call.ulong(objects + index * ULONG))
      }),
    attribute: (session, object, type) =>
      within((call) => {
        const value = call.take(MOST_VALUE)
        const at = call.put(call.triple(type, value, MOST_VALUE))
        must('attributes', session, object, call.address(at, TRIPLE), 1)
        const length = call.ulong(at + 2 * ULONG)
        // CK_UNAVAILABLE_INFORMATION is all ones.
        if (!(length <= MOST_VALUE)) throw new TokenError('attributes', Rv.OK)
        return call.copy(value, length)
      }),
    sign: (session, key, { type, parameter = new Uint8Array(0) }, data) =>
      within((call) => {
        const mechanism = call.put(call.triple(type, call.put(parameter), parameter.length))
        must('signInit', session, call.address(mechanism, TRIPLE), key)
        const input = call.put(data)
        const signature = call.take(MOST_SIGNATURE)
        const length = call.put(ulongBytes(MOST_SIGNATURE))
        must(
          'sign',
          session,
          call.address(input, data.length),
          data.length,
          call.address(signature, MOST_SIGNATURE),
          call.address(length, ULONG),
        )
        return call.copy(signature, call.ulong(length))
      }),
  }
}
