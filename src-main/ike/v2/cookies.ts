/**
 * Stateless cookies against floods from forged addresses (RFC 7296 section 2.6):
 *
 *     Cookie = <VersionIDofSecret> | Hash(Ni | IPi | SPIi | <secret>)
 */
import type { IkeSpi, Millis } from '../../../src-shared/brands.ts'
import type { Clock, Crypto, Endpoint, Random } from '../../ports.ts'
import { encode, struct } from '../../wire/codec.ts'
import { u64 } from '../../wire/integers.ts'
import { utf8Bytes } from '../../wire/text.ts'

/** A secret is used for making cookies this long, and for checking them as long again. */
const secretLifeMs = 60_000
const secretLength = 32

/** What a cookie vouches for: that this nonce and SPI came from someone who receives at this address. */
export interface CookieSubject {
  readonly nonce: Uint8Array
  readonly from: Endpoint
  readonly initiatorSpi: IkeSpi
}

export interface Cookies {
  /** 33 bytes. */
  make(subject: CookieSubject): Uint8Array
  isGood(subject: CookieSubject, cookie: Uint8Array): boolean
}

const spiField = struct({ spi: u64 })

interface Secret {
  readonly version: number
  readonly key: Uint8Array
  readonly madeAt: Millis
}

export function createCookies(ports: {
  readonly clock: Pick<Clock, 'monotonic'>
  readonly crypto: Pick<Crypto, 'hmac' | 'equal'>
  readonly random: Random
}): Cookies {
  let current: Secret | undefined
  let previous: Secret | undefined

  const secret = (): Secret => {
    const now = ports.clock.monotonic()
    if (current !== undefined && now - current.madeAt < secretLifeMs) return current
    // The one before stays good for what was handed out with it, but not for ever.
    previous = current !== undefined && now - current.madeAt < 2 * secretLifeMs ? current : undefined
    current = {
      version: ((current?.version ?? 0) + 1) & 0xff,
      key: ports.random.bytes(secretLength),
      madeAt: now,
    }
    return current
  }

  const cookieWith = ({ version, key }: Secret, { nonce, from, initiatorSpi }: CookieSubject): Uint8Array => {
    // HMAC in place of the plain hash of the RFC's example; the port stays out, as there: a NAT may change it.
    const hash = ports.crypto.hmac(
      'sha256',
      key,
      encode(spiField, { spi: initiatorSpi }),
      utf8Bytes(`${from.address} `),
      nonce,
    )
    return Uint8Array.of(version, ...hash)
  }

  return {
    make: (subject) => cookieWith(secret(), subject),
    isGood(subject, cookie) {
      const version = cookie.length === 33 ? cookie[0] : undefined
      const known = [secret(), previous].find((candidate) => candidate?.version === version)
      return known !== undefined && ports.crypto.equal(cookieWith(known, subject), cookie)
    },
  }
}
