import { own } from '../../core/own.js'
import { number } from './values.js'
import { RuleError } from './words.js'

/** A value of the field of service, and which of its bits count. */
export interface ServiceField {
  readonly value: number
  readonly mask: number
}

/** Names of TOS values. Source: iptables tos_values.c tos_symbol_names */
const TOS_NAMES: Readonly<Record<string, number>> = {
  'minimize-delay': 0x10,
  'maximize-throughput': 0x08,
  'maximize-reliability': 0x04,
  'minimize-cost': 0x02,
  'normal-service': 0x00,
}
/** The bits that those names are about. */
const NAMED_BITS = 0x3f

/** `0x10`, `0x10/0x3f`, `Minimize-Delay`. */
export function parseTos(text: string): ServiceField {
  const named = own(TOS_NAMES, text.toLowerCase())
  if (named !== undefined) return { value: named, mask: NAMED_BITS }
  const [value = '', mask] = text.split('/')
  return { value: octet(value, '--tos'), mask: mask === undefined ? 0xff : octet(mask, '--tos') }
}

/** `0x2e`, `EF`, `CS1`, `AF21`: the upper six bits, the lower two belong to congestion. Source: iptables dscp_helper.c ds_classes */
export function parseDscp(text: string, option: string): ServiceField {
  return { value: dscpValue(text, option) << 2, mask: 0xfc }
}

function dscpValue(text: string, option: string): number {
  if (!option.endsWith('-class')) {
    const value = number(text, option)
    if (value > 0x3f) throw new RuleError(`bad value for ${option}: "${text}"`)
    return value
  }
  const name = text.toUpperCase()
  const [, kind, first, second] = /^(CS|AF)([0-7])([1-3])?$/.exec(name) ?? []
  if (name === 'EF') return 0x2e
  if (name === 'BE') return 0
  if (kind === 'CS' && second === undefined) return Number(first) * 8
  if (kind === 'AF' && second !== undefined && Number(first) >= 1 && Number(first) <= 4)
    return Number(first) * 8 + Number(second) * 2
  throw new RuleError(`Invalid DSCP value \`${text}'`)
}

function octet(text: string, option: string): number {
  const value = number(text, option)
  if (value > 0xff) throw new RuleError(`bad value for ${option}: "${text}"`)
  return value
}

/** `0x08`: two digits, as the tools print it. */
export function hexOctet(value: number): string {
  return `0x${value.toString(16).padStart(2, '0')}`
}
