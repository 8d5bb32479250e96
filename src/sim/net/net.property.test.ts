import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { digestOf } from '../core/digest.js'
import { canonicalAddress, formatIPv6, parseIPv6, parsePrefix, prefixHolds } from './address.js'
import { parseRule } from './rules/parseRule.js'
import { exploreTo, load, sendTo, testNet } from './testNet.js'

const PODS = ['10.244.1.10', '10.244.1.11', '10.244.2.10', '10.244.2.11']
const FROM = ['pod/default/a1', 'pod/default/b1', 'pod/default/a2', 'node1', 'node2', 'client/203.0.113.7']

const probability = fc.double({ min: 0.01, max: 1, noNaN: true }).map((value) => value.toFixed(11))

/** A Service as rules: a virtual address with random endpoints, masqueraded or not. */
const service = fc.record({
  endpoints: fc.array(fc.record({ ip: fc.constantFrom(...PODS), chance: probability }), { minLength: 1, maxLength: 6 }),
  masquerade: fc.boolean(),
  fully: fc.boolean(),
})

function rulesOf({
  endpoints,
  masquerade,
  fully,
}: {
  endpoints: readonly { ip: string; chance: string }[]
  masquerade: boolean
  fully: boolean
}): string {
  const lines: string[] = []
  for (const chain of ['PREROUTING', 'OUTPUT']) {
    for (const [index, { ip, chance }] of endpoints.entries()) {
      const draw = index === endpoints.length - 1 ? '' : `-m statistic --mode random --probability ${chance} `
      lines.push(`nat ${chain}: -d 172.18.0.11 -p tcp -m tcp --dport 80 ${draw}-j DNAT --to-destination ${ip}:8080`)
    }
  }
  if (masquerade) lines.push(`nat POSTROUTING: -m conntrack --ctstate DNAT -j MASQUERADE${fully ? ' --random-fully' : ''}`)
  return lines.join('\n')
}

describe('properties of the network', () => {
  it('[P1] the probabilities of all outcomes add up to 1, and exploring leaves no trace', () => {
    fc.assert(
      fc.property(service, fc.constantFrom(...FROM), (rules, from) => {
        const net = testNet()
        load(net, 'node1', rulesOf(rules))
        const before = digestOf(net)
        const outcomes = exploreTo(net, from, '172.18.0.11', 80)
        expect(outcomes.reduce((sum, each) => sum + each.probability, 0)).toBeCloseTo(1, 9)
        expect(digestOf(net)).toBe(before)
      }),
      { numRuns: 60 },
    )
  })

  it('[P2] where everything is masqueraded, every answer comes back from the address asked, whatever was rewritten', () => {
    fc.assert(
      fc.property(service, fc.constantFrom(...FROM), (rules, from) => {
        const net = testNet()
        load(net, 'node1', rulesOf({ ...rules, masquerade: true }))
        for (const { value } of exploreTo(net, from, '172.18.0.11', 80)) {
          expect(value.ending.verdict).toBe('delivered')
          expect(PODS).toContain(value.ending.to.ip)
          const undone = value.entries.filter((entry) => entry.kind === 'rewrite' && entry.facts.direction === 'reply')
          const done = value.entries.filter((entry) => entry.kind === 'rewrite' && entry.facts.direction === 'request')
          expect(undone.length).toBe(done.length)
        }
      }),
      { numRuns: 60 },
    )
  })

  it('[P3] two connections never share a line of conntrack: a clash of ports gets another port', () => {
    const net = testNet()
    load(net, 'node1', 'nat POSTROUTING: -o eth0 -j MASQUERADE')
    const first = sendTo(net, 'pod/default/a1', '10.244.2.10', 8080, { live: true, sport: 5_000 })
    const second = sendTo(net, 'pod/default/b1', '10.244.2.10', 8080, { live: true, sport: 5_000 })
    expect([first.ending.sourcePortKept, second.ending.sourcePortKept]).toEqual([true, false])
    expect([first.ending.verdict, second.ending.verdict]).toEqual(['delivered', 'delivered'])
  })

  it('[P4] printing and parsing a rule again gives the same text', () => {
    const ip = fc
      .tuple(fc.nat(255), fc.nat(255), fc.nat(255), fc.nat(255), fc.nat(32))
      .map(([a, b, c, d, n]) => `${a}.${b}.${c}.${d}/${n}`)
    const part = fc.oneof(
      ip.map((each) => `-s ${each}`),
      ip.map((each) => `! -d ${each}`),
      fc.constantFrom(
        '-i eth0',
        '! -o cni+',
        '-p tcp',
        '-p udp --dport 53',
        '-p tcp -m tcp --sport 1:99 ! --dport 80',
        '-m mark --mark 0x4000/0x4000',
      ),
      fc
        .string({ minLength: 1, maxLength: 20, unit: 'binary' })
        .map((text) => `-m comment --comment "${text.replace(/[\p{C}\p{Z}]/gu, '_').replace(/["\\]/g, '\\$&')}"`),
      probability.map((each) => `-m statistic --mode random --probability ${each}`),
      fc.constantFrom(
        '-m conntrack --ctstate NEW,DNAT',
        '-m addrtype --dst-type LOCAL',
        '-m recent --set --name X',
        '-m limit --limit 5/min --limit-burst 7',
      ),
    )
    const target = fc.constantFrom(
      '-j ACCEPT',
      '-j KUBE-X',
      '-g Y',
      '-j REJECT',
      '-j MARK --or-mark 0x10',
      '-j DNAT --to-destination 1.2.3.4:5',
      '-j MASQUERADE --random-fully',
      '-j LOG --log-prefix "a b"',
      '',
    )
    fc.assert(
      fc.property(fc.array(part, { maxLength: 4 }), target, (parts, last) => {
        const parsed = parseRule(['-A X', ...parts, last].join(' '))
        if (!parsed.ok) return
        const again = parseRule(parsed.value.text)
        expect(again).toEqual(parsed)
      }),
    )
  })

  it('[P5] no text makes the reader of rules fail', () => {
    fc.assert(fc.property(fc.string({ maxLength: 80 }), (text) => void parseRule(`-A X ${text}`)))
  })

  it('[P6] an IPv6 address has one canonical text', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: (1n << 128n) - 1n }), (value) => {
        const text = formatIPv6(value)
        expect(parseIPv6(text)).toBe(value)
        expect(canonicalAddress(text)).toBe(text)
      }),
    )
    const prefix = parsePrefix('fd00:10:244::/48')
    expect(prefix !== undefined && prefixHolds(prefix, 'fd00:10:244:1::5')).toBe(true)
    expect(prefix !== undefined && prefixHolds(prefix, 'fd00:10:245::5')).toBe(false)
  })
})
