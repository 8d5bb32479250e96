import { describe, expect, it } from 'vitest'
import { CIDR_FORM, cidrFault, IP_FORM, ipFault } from './legacyAddresses.js'

const ZEROS = 'must not have leading 0s'
const RANGE_ZEROS = 'must not have leading 0s in IP or prefix length'
const MAPPED = 'must not be an IPv4-mapped IPv6 address'
const RANGE_MAPPED = 'must not have an IPv4-mapped IPv6 address'
const BITS = 'must not have bits set beyond the prefix length'

const ADDRESSES: readonly (readonly [string, string | undefined])[] = [
  ['1.2.3.4', undefined],
  ['0.0.0.0', undefined],
  ['1234::abcd', undefined],
  ['::', undefined],
  ['0:0:0:0:0:0:0:0', undefined],
  ['0001:002:03:4::', undefined],
  ['1234::ABCD', undefined],
  ['1.1.1.01', ZEROS],
  ['010.96.0.1', ZEROS],
  ['10.00.0.1', ZEROS],
  ['64:ff9b::1.2.3.04', ZEROS],
  ['64:ff9b::1.2.3.4', undefined],
  ['::ffff:1.1.1.1', MAPPED],
  ['::ffff:101:101', MAPPED],
  ['', IP_FORM],
  ['1.2.3.0/24', IP_FORM],
  ['1.2.3.400', IP_FORM],
  ['1.2.3.4:80', IP_FORM],
  ['[2001:db8::1]', IP_FORM],
  ['1234::abcd%eth0', IP_FORM],
]

const RANGES: readonly (readonly [string, string | undefined])[] = [
  ['1.0.0.0/8', undefined],
  ['0.0.0.0/0', undefined],
  ['1.1.1.1/32', undefined],
  ['2001:DB8::/64', undefined],
  ['::/0', undefined],
  ['1.1.01.0/24', RANGE_ZEROS],
  ['192.168.0.0/016', RANGE_ZEROS],
  ['::ffff:1.1.1.0/120', RANGE_MAPPED],
  ['::ffff:1.1.1.0/24', RANGE_MAPPED],
  ['1.2.3.4/24', BITS],
  ['2001:db8::1/64', BITS],
  ['1.2.3.4', CIDR_FORM],
  ['192.168.0.1/healthz', CIDR_FORM],
  ['192.168.0.1/0/99', CIDR_FORM],
  ['192.168.0.0/-16', CIDR_FORM],
  ['192.168.0.0/+16', CIDR_FORM],
]

/** Source: apimachinery pkg/util/validation/ip_test.go */
describe('addresses in fields that once took any spelling', () => {
  it.each(ADDRESSES)('[LA1] %s', (text, fault) => {
    expect(ipFault(text)).toBe(fault)
    expect(ipFault(text, [text])).toBeUndefined()
  })

  it.each(RANGES)('[LA2] %s', (text, fault) => {
    expect(cidrFault(text)).toBe(fault)
    expect(cidrFault(text, [text])).toBeUndefined()
  })
})
