import { describe, expect, it } from 'vitest'
import { exploreTo, load, sendTo, testNet } from '../testNet.js'
import { explainMisses } from './explain.js'
import { parseRule } from './parseRule.js'

const TO = '10.244.2.10'

/** Whether a DROP rule in FORWARD of node1 with this condition takes a packet from Pod a1 to Pod a2, port 8080. */
function takes(condition: string, proto: 'tcp' | 'udp' = 'tcp'): boolean {
  const net = testNet()
  load(net, 'node1', `filter FORWARD: ${condition} -j DROP`)
  return sendTo(net, 'pod/default/a1', TO, 8080, { proto }).ending.verdict === 'dropped'
}

describe('[NF2] matches', () => {
  it.each([
    ['-s 10.244.1.10/32', true],
    ['! -s 10.244.1.10/32', false],
    ['-s 10.244.0.0/16', true],
    ['-s 10.244.0.0/255.255.0.0', true],
    ['! -s 10.244.0.0/16', false],
    ['-d 10.244.2.10', true],
    ['-d 10.244.2.11/32', false],
    ['-d 10.244.3.0/24', false],
    ['-d 0.0.0.0/0', true],
    ['-i cni0', true],
    ['-i cni+', true],
    ['-i eth0', false],
    ['! -i eth0', true],
    ['-o eth0', true],
    ['! -o eth+', false],
    ['-p tcp', true],
    ['-p udp', false],
    ['! -p udp', true],
    ['-p tcp --dport 8080', true],
    ['-p tcp -m tcp --dport 80', false],
    ['-p tcp -m tcp ! --dport 80', true],
    ['-p tcp -m tcp --dport 8000:9000', true],
    ['-p tcp -m tcp --dport :8079', false],
    ['-p tcp -m tcp --sport 40000', true],
    ['-p tcp -m tcp --sport 1:1023 --dport 8080', false],
    ['-p udp -m udp --dport 8080', false],
    ['-p tcp -m tcp --syn', true],
    ['-p tcp -m tcp ! --syn', false],
    ['-p tcp -m tcp --tcp-flags SYN,ACK SYN,ACK', false],
    ['-p icmp', false],
    ['-m comment --comment "all"', true],
    ['-m conntrack --ctstate NEW', true],
    ['-m conntrack --ctstate ESTABLISHED,RELATED', false],
    ['-m conntrack ! --ctstate ESTABLISHED', true],
    ['-m state --state NEW', true],
    ['-m conntrack --ctstate DNAT', false],
    ['-m conntrack --ctorigdst 10.244.2.10', true],
    ['-m conntrack --ctorigdstport 80', false],
    ['-m conntrack --ctproto tcp --ctdir ORIGINAL', true],
    ['-m conntrack --ctdir REPLY', false],
    ['-m mark --mark 0x0/0x4000', true],
    ['-m mark --mark 0x4000/0x4000', false],
    ['-m mark ! --mark 0x4000/0x4000', true],
    ['-m addrtype --dst-type LOCAL', false],
    ['-m addrtype --dst-type UNICAST', true],
    ['-m addrtype ! --src-type LOCAL', true],
    ['-p tcp -m multiport --dports 80,8080', true],
    ['-p tcp -m multiport --dports 80,443', false],
    ['-p tcp -m multiport ! --dports 80,443', true],
    ['-p tcp -m multiport --sports 30000:50000', true],
    ['-p tcp -m multiport --ports 40000', true],
    ['-m physdev --physdev-is-bridged', false],
    ['-m nfacct --nfacct-name x', true],
    ['-m recent --rcheck --name never --rsource', false],
    ['-m recent ! --rcheck --name never --rsource', true],
    ['-m recent --set --name list --rsource', true],
    ['-f', false],
  ])('%s: %s', (condition, expected) => {
    expect(takes(condition)).toBe(expected)
  })

  it('lifts bridged packets into FORWARD with the ports as physical devices', () => {
    const net = testNet()
    load(net, 'node1', 'filter FORWARD: -m physdev --physdev-is-bridged --physdev-in veth+ --physdev-out veth+ -j DROP')
    expect(sendTo(net, 'pod/default/a1', '10.244.1.11', 8080).ending.verdict).toBe('dropped')
    expect(sendTo(net, 'pod/default/a1', TO, 8080).ending.verdict).toBe('delivered')
  })

  it('counts nth packets', () => {
    const net = testNet()
    load(net, 'node1', 'filter FORWARD: -m statistic --mode nth --every 3 --packet 0 -m conntrack --ctstate NEW -j DROP')
    const verdicts = [1, 2, 3, 4, 5, 6].map((n) => {
      load(net, 'node2', '')
      return sendTo(net, 'pod/default/a1', TO, 8080, { live: true, sport: 40_000 + n }).ending.verdict
    })
    // Answers cross FORWARD too and are counted: the rule asks for the number before it asks for the state.
    expect(verdicts).toEqual(['dropped', 'delivered', 'dropped', 'delivered', 'dropped', 'delivered'])
  })

  it('remembers addresses for as long as it is asked to', () => {
    const net = testNet()
    load(
      net,
      'node1',
      'filter FORWARD: -m recent --rcheck --seconds 10 --reap --name seen --rsource -j DROP\n filter FORWARD: -s 10.244.1.10 -m recent --set --name seen --rsource',
    )
    const at = (seconds: number, sport: number) =>
      sendTo(net, 'pod/default/a1', TO, 8080, { live: true, sport, now: seconds * 1_000_000 }).ending.verdict
    expect([at(0, 1), at(5, 2), at(11, 3), at(15, 4)]).toEqual(['delivered', 'dropped', 'delivered', 'dropped'])
  })
})

describe('[NF3] targets', () => {
  const verdict = (rules: string, from = 'pod/default/a1', ip = TO, port = 8080) => {
    const net = testNet()
    load(net, 'node1', rules)
    return sendTo(net, from, ip, port).ending
  }

  it.each([
    ['filter FORWARD: -j ACCEPT', 'delivered', undefined],
    ['filter FORWARD: -j DROP', 'dropped', undefined],
    ['filter FORWARD: -j REJECT', 'rejected', 'icmp-port-unreachable'],
    ['filter FORWARD: -j REJECT --reject-with icmp-admin-prohibited', 'rejected', 'icmp-admin-prohibited'],
    ['filter FORWARD: -p tcp -j REJECT --reject-with tcp-reset', 'rejected', 'tcp-reset'],
    ['filter FORWARD: -j RETURN\n filter FORWARD: -j DROP', 'delivered', undefined],
    ['filter X: -j RETURN\n filter FORWARD: -j X\n filter FORWARD: -j DROP', 'dropped', undefined],
    ['filter X: -s 1.2.3.4 -j DROP\n filter FORWARD: -j X\n filter FORWARD: -j DROP', 'dropped', undefined],
    ['filter X: -s 1.2.3.4 -j DROP\n filter FORWARD: -g X\n filter FORWARD: -j DROP', 'delivered', undefined],
    ['mangle FORWARD: -j MARK --set-mark 0x5\n filter FORWARD: -m mark --mark 0x5 -j DROP', 'dropped', undefined],
    ['mangle FORWARD: -j MARK --or-mark 0x4000\n filter FORWARD: -m mark --mark 0x4000/0x4000 -j DROP', 'dropped', undefined],
    ['mangle FORWARD: -j CONNMARK --set-mark 7\n filter FORWARD: -m connmark --mark 7 -j DROP', 'dropped', undefined],
    ['raw PREROUTING: -j CT --notrack\n filter FORWARD: -m conntrack --ctstate UNTRACKED -j DROP', 'dropped', undefined],
    ['raw PREROUTING: -j NOTRACK\n filter FORWARD: -m conntrack --ctstate UNTRACKED -j DROP', 'dropped', undefined],
    ['filter FORWARD: -j LOG --log-prefix "seen: "\n filter FORWARD: -j DROP', 'dropped', undefined],
    ['filter FORWARD: -m comment --comment "no target"\n filter FORWARD: -j DROP', 'dropped', undefined],
    ['raw PREROUTING: -j DROP', 'dropped', undefined],
    ['filter FORWARD: -m string --string x --algo bm -j DROP', 'timeout', 'not modelled: -m string --string x --algo bm'],
    ['filter FORWARD: -j NFQUEUE --queue-num 1', 'timeout', 'not modelled: -j NFQUEUE --queue-num 1'],
  ])('%s: %s', (rules, expected, expectedWith) => {
    const ending = verdict(rules)
    expect([ending.verdict, ending.with]).toEqual([expected, expectedWith])
  })

  it('DNAT changes where a packet goes, and its answer comes from the address asked', () => {
    const ending = verdict(
      `nat PREROUTING: -d 1.1.1.1 -p tcp --dport 80 -j DNAT --to-destination ${TO}:8080`,
      'pod/default/a1',
      '1.1.1.1',
      80,
    )
    expect(ending).toMatchObject({
      verdict: 'delivered',
      to: { ip: TO, port: 8080 },
      sourceSeen: '10.244.1.10',
      masqueraded: false,
    })
  })

  it('SNAT and MASQUERADE change the source, MASQUERADE to the address of the outgoing device', () => {
    expect(verdict('nat POSTROUTING: -d 10.244.2.10 -j MASQUERADE')).toMatchObject({
      sourceSeen: '172.18.0.11',
      masqueraded: true,
      sourcePortKept: true,
    })
    expect(verdict('nat POSTROUTING: -j MASQUERADE --random-fully')).toMatchObject({ sourcePortKept: false })
    expect(verdict('nat POSTROUTING: -j SNAT --to-source 172.18.0.11:1000-2000')).toMatchObject({
      sourceSeen: '172.18.0.11',
      verdict: 'delivered',
    })
    expect(verdict('nat POSTROUTING: -j MASQUERADE', 'pod/default/a1', '10.244.1.11')).toMatchObject({ sourceSeen: '10.244.1.1' })
  })

  it('REDIRECT leads to the host itself', () => {
    const ending = verdict('nat PREROUTING: -p tcp --dport 80 -j REDIRECT --to-ports 9999', 'pod/default/a1', '1.1.1.1', 80)
    expect(ending).toMatchObject({ verdict: 'refused', to: { ip: '10.244.1.1', port: 9999 } })
  })

  it('a random rule takes its share, the next ones what is left', () => {
    const net = testNet()
    load(
      net,
      'node1',
      'nat PREROUTING: -d 1.1.1.1 -p tcp -m statistic --mode random --probability 0.33333333349 -j DNAT --to-destination 10.244.1.11:8080\n nat PREROUTING: -d 1.1.1.1 -p tcp -m statistic --mode random --probability 0.5 -j DNAT --to-destination 10.244.2.10:8080\n nat PREROUTING: -d 1.1.1.1 -p tcp -j DNAT --to-destination 10.244.2.11:8080',
    )
    const outcomes = exploreTo(net, 'pod/default/a1', '1.1.1.1', 80)
    expect(outcomes.map(({ value }) => value.ending.to.ip)).toEqual(['10.244.1.11', '10.244.2.10', '10.244.2.11'])
    for (const { probability } of outcomes) expect(probability).toBeCloseTo(1 / 3, 8)
  })
})

describe('[NF5] what is no rule is refused, what is not modelled is named', () => {
  it.each([
    ['-A X -p tcp --dport 99999 -j ACCEPT', "invalid port/service `99999' specified"],
    ['-A X --foo', 'unknown option "--foo"'],
    ['-A X -s 300.1.1.1', 'host/network "300.1.1.1" not found'],
    ['-A X -m statistic --mode random --probability 2 -j DROP', 'statistic: bad value for option "--probability": "2"'],
    ['-A X -j DNAT', 'option "--to-destination" must be specified'],
    ['-A X -m comment --comment "open', 'unbalanced quotes'],
    ['-A X stray', "Bad argument `stray'"],
    ['-N X', 'expected -A CHAIN, saw "-N X"'],
  ])('%s', (text, message) => {
    expect(parseRule(text)).toEqual({ ok: false, error: message })
  })
})

it.each([
  ['filter FORWARD: -p tcp -j REJECT', undefined],
  ['filter FORWARD: -p tcp -j REJECT\n filter OUTPUT: -p icmp -j DROP', true],
  ['filter FORWARD: -p udp -j REJECT', undefined],
  ['filter FORWARD: -p udp -j REJECT --reject-with icmp-host-unreachable', true],
] as const)('[NF11] whether the sender hears of %s', (rules, unheard) => {
  const net = testNet()
  load(net, 'node1', rules)
  const { ending } = sendTo(net, 'pod/default/a1', TO, 8080, { proto: rules.includes('udp') ? 'udp' : 'tcp' })
  expect(ending).toMatchObject({ verdict: 'rejected', unheard })
})

it.each([
  [
    '-m conntrack --ctdir ORIGINAL --ctstatus ASSURED --ctorigdstport 2 --ctorigsrc 1.1.1.1 --ctproto tcp --ctstate NEW',
    '-m conntrack --ctstate NEW --ctproto 6 --ctorigsrc 1.1.1.1 --ctorigdstport 2 --ctstatus ASSURED --ctdir ORIGINAL',
  ],
  ['-m addrtype --dst-type LOCAL --src-type UNICAST', '-m addrtype --src-type UNICAST --dst-type LOCAL'],
  [
    '-m physdev --physdev-is-bridged --physdev-in b --physdev-is-in',
    '-m physdev --physdev-is-in --physdev-in b --physdev-is-bridged',
  ],
  [
    '-m iprange --dst-range 1.1.1.1-1.1.1.2 --src-range 1.1.1.3-1.1.1.4',
    '-m iprange --src-range 1.1.1.3-1.1.1.4 --dst-range 1.1.1.1-1.1.1.2',
  ],
  ['-p tcp --tcp-option 2', '-p tcp -m tcp --tcp-option 2'],
  ['-m conntrack --ctexpire 1:100', '-m conntrack --ctexpire 1:100'],
  ['-m dscp --dscp-class AF21', '-m dscp --dscp 0x12'],
  ['-m tos ! --tos Minimize-Delay', '-m tos ! --tos 0x10/0x3f'],
  ['-m tos --tos 16', '-m tos --tos 0x10/0xff'],
  ['-m connlimit --connlimit-above 2', '-m connlimit --connlimit-above 2 --connlimit-mask 32 --connlimit-saddr'],
  ['-j TOS --or-tos 0x10', '-j TOS --set-tos 0x10/0x10'],
  ['-j TOS --and-tos 0x10', '-j TOS --set-tos 0x00/0xef'],
  ['-j DSCP --set-dscp-class CS1', '-j DSCP --set-dscp 0x08'],
  ['-j NETMAP --to 10.244.2.0/24', '-j NETMAP --to 10.244.2.0/24'],
  ['-m recent --rcheck --rttl --name x --rsource', '-m recent --rcheck --rttl --name x --mask 255.255.255.255 --rsource'],
  ['-j DNAT --to-destination fd00::1', '-j DNAT --to-destination fd00::1'],
  ['-j SNAT --to-source fd00::1-fd00::9', '-j SNAT --to-source fd00::1-fd00::9'],
  ['-j DNAT --to-destination [fd00::1]:80-90', '-j DNAT --to-destination [fd00::1]:80-90'],
])('[NF1] %s is printed as the kernel’s tool does', (given, printed) => {
  expect(parseRule(`-A FORWARD ${given}`)).toMatchObject({ value: { text: `-A FORWARD ${printed}` } })
})

it('[NF6] a miss names the condition that failed and what the packet had', () => {
  const net = testNet()
  load(
    net,
    'node1',
    'filter FORWARD: -d 10.96.0.1/32 -p tcp -j DROP\n filter FORWARD: -p tcp -m tcp --dport 80 -j DROP\n filter X: -i eth0 -j DROP\n filter FORWARD: -m conntrack --ctstate NEW -j X\n filter FORWARD: -m conntrack --ctstate INVALID -j DROP',
  )
  const { entries } = sendTo(net, 'pod/default/a1', TO, 8080)
  const misses = explainMisses(net, entries).filter((miss) => miss.host === 'node1')
  expect(misses.slice(0, 4).map(({ chain, rule, wanted, saw }) => [chain, rule, wanted, saw])).toEqual([
    ['FORWARD', 1, '-d 10.96.0.1/32', '10.244.2.10'],
    ['FORWARD', 2, '--dport 80', '8080'],
    ['X', 1, '-i eth0', 'cni0'],
    ['FORWARD', 4, '--ctstate INVALID', 'NEW'],
  ])
})

describe('[NF10] the kernel’s own answers', () => {
  const seen = (rules: string) => {
    const net = testNet()
    load(net, 'node1', rules)
    const { entries } = sendTo(net, 'pod/default/a1', '10.96.0.10', 80)
    return { entries, texts: entries.flatMap((entry) => (entry.kind === 'rule' ? [entry.facts.text] : [])) }
  }
  const SERVICE = 'nat PREROUTING: -d 10.96.0.10/32 -p tcp -j DNAT --to-destination 10.244.2.10:8080'

  it('an error is related, and is about the address that was asked', () => {
    const { entries, texts } = seen(
      `${SERVICE}\nfilter FORWARD: -d 10.244.2.10/32 -j REJECT\nfilter OUTPUT: -m conntrack --ctstate RELATED`,
    )
    expect(texts).toContain('-A OUTPUT -m conntrack --ctstate RELATED')
    const told = entries.findLast((entry) => entry.kind === 'delivered')
    expect(told?.facts).toMatchObject({
      host: 'pod/default/a1',
      packet: { src: '10.96.0.10', inner: { dst: '10.96.0.10', dport: 80 } },
    })
  })

  it('a reset to what came in by a port of a bridge goes back by it, past all rules', () => {
    const { entries, texts } = seen(`${SERVICE}\nfilter FORWARD: -p tcp -j REJECT --reject-with tcp-reset\nfilter OUTPUT: -p tcp`)
    expect(texts).not.toContain('-A OUTPUT -p tcp')
    expect(entries.at(-1)).toMatchObject({ kind: 'stopped', facts: { why: 'wrong-address', packet: { src: '10.244.2.10' } } })
  })
})
