import { describe, expect, it } from 'vitest'
import { createCrypto } from '../../../../src-main/host/crypto/node-crypto.ts'
import {
  mschapv2Values,
  readFailureText,
  readSuccessText,
  successText,
  withoutDomain,
} from '../../../../src-main/ike/auth/eap/mschapv2.ts'
import { textOf, utf16LittleEndian } from '../../../../src-main/ike/auth/eap/text.ts'

const crypto = createCrypto()
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex')
const values = (username: string, password: string | Uint8Array = 'clientPass') =>
  mschapv2Values(crypto, {
    authenticatorChallenge: Buffer.from('5b5d7c7d7b3f2f3e3c2c602132262628', 'hex'),
    peerChallenge: Buffer.from('21402324255e262a28295f2b3a337c7e', 'hex'),
    username,
    password: Buffer.from(password),
  })

describe('the computations of MSCHAPv2', () => {
  it('give the example of RFC 2759 section 9.2', () => {
    const { ntResponse, authenticatorResponse } = values('User')
    expect(hex(ntResponse)).toBe('82309ecd8d708b5ea08faa3981cd83544233114a3d85d6df')
    expect(hex(authenticatorResponse)).toBe('407a5589115fd0d6209f510fe9c04566932cda56')
  })

  it('give the send key of RFC 3079 section 3.5.3 where the MSK has it', () => {
    const { msk } = values('User')
    expect(msk.length).toBe(64)
    // SendStartKey128 of the server is the second half: MSK = MasterReceiveKey + MasterSendKey + zeros ([MS-CHAP] 3.1.5.1).
    expect(hex(msk.subarray(16, 32))).toBe('8b7cdc149b993a1ba118cb153f56dccb')
    expect(hex(msk.subarray(32))).toBe('00'.repeat(32))
  })

  it('leave the domain out of the hash', () => {
    expect(withoutDomain('EXAMPLE\\User')).toBe('User')
    expect(withoutDomain('user@example.org')).toBe('user@example.org')
    expect(hex(values('EXAMPLE\\User').ntResponse)).toBe(hex(values('User').ntResponse))
    expect(hex(values('user').ntResponse)).not.toBe(hex(values('User').ntResponse))
  })

  it('do not touch the password they are given', () => {
    const password = Buffer.from('clientPass')
    values('User', password)
    expect(password.toString()).toBe('clientPass')
  })
})

describe('text', () => {
  it('turns UTF-8 into UTF-16 as the platform does', () => {
    for (const text of ['', 'clientPass', 'Grüße', '密碼', '🔑 key', 'a\u0000b']) {
      expect(hex(utf16LittleEndian(Buffer.from(text)))).toBe(Buffer.from(text, 'utf16le').toString('hex'))
    }
  })

  it('reads bytes that are not UTF-8 as Latin-1', () => {
    expect(hex(utf16LittleEndian(Buffer.from('fc62', 'hex')))).toBe('fc006200')
    // Overlong, surrogates and beyond Unicode are not UTF-8.
    for (const bytes of ['c080', 'eda080', 'f4908080', 'e282']) {
      expect(utf16LittleEndian(Buffer.from(bytes, 'hex')).length).toBe(bytes.length)
    }
    expect(textOf(Buffer.from('fc62', 'hex'))).toBe('üb')
  })
})

describe('the messages of MSCHAPv2', () => {
  const proof = Buffer.from('407a5589115fd0d6209f510fe9c04566932cda56', 'hex')
  const read = (text: string) => {
    const found = readSuccessText(Buffer.from(text))
    return found && hex(found)
  }

  it('have the authenticator response in the form of RFC 2759 section 5', () => {
    expect(Buffer.from(successText(proof)).toString()).toBe(
      'S=407A5589115FD0D6209F510FE9C04566932CDA56 M=Welcome',
    )
    expect(read(`S=${hex(proof)}`)).toBe(hex(proof))
    expect(read(`S=${hex(proof).toUpperCase()} M=Welcome\0`)).toBe(hex(proof))
  })

  it.each([
    '',
    'S=',
    'S=407A5589115FD0D6209F510FE9C04566932CDA5',
    'S=407A5589115FD0D6209F510FE9C04566932CDA567 M=x',
    ' S=407A5589115FD0D6209F510FE9C04566932CDA56',
    's=407A5589115FD0D6209F510FE9C04566932CDA56',
    'M=x S=407A5589115FD0D6209F510FE9C04566932CDA56',
    'S=407A5589115FD0D6209F510FE9C04566932CDAZZ',
  ])('are no success when they are %j', (text) => {
    expect(read(text)).toBeUndefined()
  })

  it('have an error number', () => {
    expect(readFailureText(Buffer.from('E=691 R=1 C=00 V=3 M=no'))).toBe(691)
    expect(readFailureText(Buffer.from('E=691'))).toBe(691)
    for (const text of ['', 'E', 'E=', 'E=x', 'R=1 E=691', 'E=12345678901', 'E=-1']) {
      expect(readFailureText(Buffer.from(text))).toBeUndefined()
    }
  })
})
