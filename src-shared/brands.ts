/** Numbers that must not be mixed. Each brand is made here and nowhere else. */

declare const brand: unique symbol
type Brand<Base, Name extends string> = Base & { readonly [brand]: Name }

/** A length of time, or a point on a monotonic clock, in milliseconds. */
export type Millis = Brand<number, 'Millis'>
/** Milliseconds since 1970-01-01T00:00:00Z. */
export type EpochMillis = Brand<number, 'EpochMillis'>
/** An ESP or AH security parameter index: 32 bits, 1–255 are reserved (RFC 4303 section 2.1). */
export type EspSpi = Brand<number, 'EspSpi'>
/** An IKE SA's SPI: 64 bits, zero only in the first request (RFC 7296 section 3.1). */
export type IkeSpi = Brand<bigint, 'IkeSpi'>
/** An IKE message ID: 32 bits (RFC 7296 section 2.2). */
export type MessageId = Brand<number, 'MessageId'>
/** A security association inside a data plane; unlike an SPI never given twice. */
export type SaId = Brand<number, 'SaId'>
/** A way to a peer inside a data plane. */
export type PathId = Brand<number, 'PathId'>

export const millis = (value: number) => value as Millis
export const epochMillis = (value: number) => value as EpochMillis
export const espSpi = (value: number) => (value >>> 0) as EspSpi
export const ikeSpi = (value: bigint) => BigInt.asUintN(64, value) as IkeSpi
export const messageId = (value: number) => (value >>> 0) as MessageId
export const saId = (value: number) => value as SaId
export const pathId = (value: number) => value as PathId
