import { expect, it } from 'vitest'
import { explainMisses } from '../rules/explain.js'
import { exploreTo, sendTo, testNet } from '../testNet.js'
import { parseNftRule } from './parseRule.js'
import { parseNftRuleset, setNftRuleset } from './ruleset.js'

const RULES = `table ip t {
	map service-ips {
		type ipv4_addr . inet_proto . inet_service : verdict
		elements = { 1.1.1.1 . tcp . 80 comment "a, b" : goto svc }
	}
	set seen {
		type ipv4_addr
		size 65535
		flags dynamic,timeout
		timeout 10s
	}
	chain pre {
		type nat hook prerouting priority dstnat; policy accept;
		ip daddr . meta l4proto . th dport vmap @service-ips
	}
	chain svc {
		ip saddr @seen goto one
		numgen random mod 2 vmap { 0 : goto one, 1 : goto two }
	}
	chain one {
		update @seen { ip saddr }
		meta l4proto tcp dnat to 10.244.2.10:8080
	}
	chain two {
		meta l4proto tcp dnat to 10.244.2.11:8080
	}
	chain fwd {
		type filter hook forward priority filter; policy accept;
		ip daddr 10.244.1.0/24 tcp dport { 80, 443 } drop
		ct state new ip daddr { 10.244.2.11, 10.9.0.0/16 } reject with tcp reset
	}
}
`

function net() {
  const made = testNet()
  const parsed = parseNftRuleset(RULES)
  if (!parsed.ok) throw new Error(parsed.error.message)
  made.rulesets.delete('node1')
  setNftRuleset(made, 'node1', parsed.value)
  return made
}

it('[NFT1] walks maps, sets and draws; every outcome has its share', () => {
  const outcomes = exploreTo(net(), 'pod/default/a1', '1.1.1.1', 80)
  expect(outcomes.map(({ value, probability }) => [value.ending.to.ip, value.ending.verdict, probability])).toEqual([
    ['10.244.2.10', 'delivered', 0.5],
    ['10.244.2.11', 'rejected', 0.5],
  ])
})

it('[NFT2] an element that a rule put into a set is there until its time is over', () => {
  const made = net()
  sendTo(made, 'pod/default/a1', '1.1.1.1', 80, { live: true, sport: 1 })
  expect(exploreTo(made, 'pod/default/a1', '1.1.1.1', 80, { now: 9_000_000 })).toHaveLength(1)
  expect(exploreTo(made, 'pod/default/a1', '1.1.1.1', 80, { now: 10_000_001 })).toHaveLength(2)
})

function load(made: ReturnType<typeof net>, text: string): void {
  const parsed = parseNftRuleset(text)
  if (!parsed.ok) throw new Error(parsed.error.message)
  setNftRuleset(made, 'node1', parsed.value)
}

it('[NFT5] "add" leaves an element the time it had, "update" gives it a new one', () => {
  for (const [text, left] of [
    [RULES, 1],
    [RULES.replace('update @seen', 'add @seen'), 2],
  ] as const) {
    const made = net()
    load(made, text)
    sendTo(made, 'pod/default/a1', '1.1.1.1', 80, { live: true, sport: 1 })
    sendTo(made, 'pod/default/a1', '1.1.1.1', 80, { live: true, sport: 2, now: 8_000_000 })
    expect(exploreTo(made, 'pod/default/a1', '1.1.1.1', 80, { now: 11_000_000 })).toHaveLength(left)
  }
})

it('[NFT6] what rules put into a set is gone with the set, and stays with it through a change of others', () => {
  const made = net()
  const outcomes = (): number => exploreTo(made, 'pod/default/a1', '1.1.1.1', 80).length
  sendTo(made, 'pod/default/a1', '1.1.1.1', 80, { live: true, sport: 1 })
  load(made, `${RULES}table ip other {\n}\n`)
  expect(outcomes()).toBe(1)
  load(made, RULES.replaceAll('seen', 'other'))
  load(made, RULES)
  expect(outcomes()).toBe(2)
})

it('[NFT7] tables do not share sets of one name', () => {
  const made = net()
  sendTo(made, 'pod/default/a1', '1.1.1.1', 80, { live: true, sport: 1 })
  load(made, RULES + RULES.replace('table ip t', 'table ip u').replace('priority dstnat', 'priority dstnat + 5'))
  expect(exploreTo(made, 'pod/default/a1', '1.1.1.1', 80)).toHaveLength(1)
  load(made, RULES.replace('table ip t', 'table ip u'))
  expect(exploreTo(made, 'pod/default/a1', '1.1.1.1', 80)).toHaveLength(2)
})

it('[NFT8] "continue" goes on with the next rule', () => {
  const made = net()
  const tag = 'ip daddr 10.244.1.0/24 tcp dport { 80, 443 } drop'
  load(made, RULES.replace(tag, `tcp dport vmap { 8080 : continue, 1-1024 : drop }\n\t\tcontinue comment "on"\n\t\t${tag}`))
  expect(sendTo(made, 'pod/default/a1', '10.244.2.10', 8080).ending).toMatchObject({ verdict: 'delivered' })
  expect(sendTo(made, 'pod/default/a1', '10.244.2.10', 81).ending).toMatchObject({ verdict: 'dropped' })
})

it('[NFT3] a miss names the condition that failed', () => {
  const made = net()
  const { entries } = sendTo(made, 'pod/default/a1', '10.244.2.10', 8080)
  const misses = explainMisses(made, entries).filter((miss) => miss.host === 'node1')
  // What the answer missed follows.
  expect(misses.slice(0, 3).map(({ chain, rule, wanted, saw }) => [chain, rule, wanted, saw])).toEqual([
    ['pre', 1, 'daddr . l4proto . dport vmap @service-ips', '10.244.2.10 . tcp . 8080'],
    ['fwd', 1, 'daddr 10.244.1.0/24', '10.244.2.10'],
    ['fwd', 2, 'daddr { 10.244.2.11, 10.9.0.0/16 }', '10.244.2.10'],
  ])
})

it('[NFT4] what is not modelled is named and stops the walk', () => {
  expect(parseNftRule('meta cpu 3 drop')).toMatchObject([{ kind: 'unknown' }])
  const made = net()
  const parsed = parseNftRuleset(
    'table ip t {\n chain f {\n type filter hook forward priority 0; policy accept;\n meta cpu 3 drop\n }\n}\n',
  )
  if (!parsed.ok) throw new Error(parsed.error.message)
  setNftRuleset(made, 'node1', parsed.value)
  expect(sendTo(made, 'pod/default/a1', '10.244.2.10', 8080).ending).toMatchObject({
    verdict: 'timeout',
    with: 'not modelled: meta cpu 3 drop ("meta cpu" is not modelled)',
  })
  expect(parseNftRuleset('nonsense')).toEqual({ ok: false, error: { line: 1, message: 'expected a table, saw "nonsense"' } })
})

/** What `nft list ruleset` shows of tables that iptables made, and of tables of other families. */
const MIXED = `# Warning: table ip nat is managed by iptables-nft, do not touch!
table ip nat {
	chain KUBE-SERVICES {
		xt match "comment" counter packets 0 bytes 0 jump KUBE-MARK-MASQ
		meta l4proto tcp ip daddr 10.96.0.1  tcp dport 443 counter packets 0 bytes 0 jump KUBE-SVC
	}

	chain KUBE-MARK-MASQ {
		counter packets 0 bytes 0 meta mark set mark or 0x4000
	}

	chain KUBE-SVC {
		meta l4proto tcp meta random & 2147483647 < 1073741824 counter packets 0 bytes 0 dnat to 10.244.2.10:8080
		meta l4proto tcp  counter packets 0 bytes 0 dnat to 10.244.2.11:8080
	}

	chain PREROUTING {
		type nat hook prerouting priority dstnat; policy accept;
		 counter packets 0 bytes 0 jump KUBE-SERVICES
	}

	chain POSTROUTING {
		type nat hook postrouting priority srcnat; policy accept;
		meta mark & 0x00004000 != 0x00004000 counter packets 0 bytes 0 return
		oifname "eth*" counter packets 0 bytes 0 masquerade fully-random
	}
}
table ip filter {
	chain FORWARD {
		type filter hook forward priority filter; policy accept;
		ip daddr 10.244.2.11 xt match "set" counter packets 0 bytes 0 drop
		limit rate 5/minute counter packets 0 bytes 0 log prefix "x, y "
		tcp flags syn / syn,rst counter packets 0 bytes 0 tcp option maxseg size set rt mtu
	}
}
table bridge empty {
	chain forward {
		type filter hook forward priority 0; policy accept;
	}
}
`

function mixed(text = MIXED) {
  const made = testNet()
  const parsed = parseNftRuleset(text)
  if (!parsed.ok) throw new Error(`${parsed.error.line}: ${parsed.error.message}`)
  made.rulesets.delete('node1')
  setNftRuleset(made, 'node1', parsed.value)
  return made
}

it('[NFT4] reads what iptables made, and stops where only a name is shown', () => {
  const outcomes = exploreTo(mixed(), 'pod/default/a1', '10.96.0.1', 443)
  expect(outcomes.map(({ value: { ending }, probability }) => [ending.to.ip, ending.verdict, probability])).toEqual([
    ['10.244.2.10', 'delivered', 0.5],
    ['10.244.2.11', 'timeout', 0.5],
  ])
  expect(outcomes[0]?.value.ending).toMatchObject({ sourceSeen: '172.18.0.11', masqueraded: true })
  expect(outcomes[1]?.value.ending.with).toMatch(/^not modelled: ip daddr 10\.244\.2\.11 xt match "set" /)
})

it('[NFT4] refuses rules of frames and devices, with their line', () => {
  const text = MIXED.replace('priority 0; policy accept;\n', 'priority 0; policy accept;\n\t\tdrop\n')
  const line = text.split('\n').indexOf('\t\tdrop') + 1
  expect(parseNftRuleset(text)).toEqual({ ok: false, error: { line, message: 'rules of table bridge empty are not modelled' } })
})

it.each([
  'ip saddr 10.0.0.1 queue num 1',
  'meta cpu 1',
  'meta length > 5',
  'tcp dport map { 80 : 10.0.0.1 }',
  'limit rate 1 mbytes/second',
  'ct helper set "ftp"',
  'tcp option maxseg size 1400',
  'fib saddr . iif oif 0',
  'xt target "TPROXY"',
])('[NFT4] names %s', (rule) => {
  expect(parseNftRule(rule).at(-1)?.kind).toBe('unknown')
})

it('reads a mark of the highest bit as nft shows it, a prefix', () => {
  expect(parseNftRule('meta mark != 0x00000000/1 masquerade')[0]).toEqual({
    kind: 'mark-match',
    of: 'meta',
    mask: 0x8000_0000,
    value: 0,
    negated: true,
  })
})

it('[NFT9] in a table of both families a rule of one says nothing of the other, whichever way it asks', () => {
  const made = net()
  load(
    made,
    `table inet t {
	chain pre {
		type nat hook prerouting priority dstnat; policy accept;
		dnat ip6 to [fd00:10:244:2::10]:8080
	}
	chain fwd {
		type filter hook forward priority filter; policy accept;
		ip6 saddr != fd00::/8 drop
		ip6 daddr vmap { ::/0 : drop }
		meta nfproto ipv6 drop
		ip saddr != 10.244.1.0/24 tcp dport 81 drop
		ip daddr != 10.9.0.0/16 tcp dport 82 drop
	}
}
`,
  )
  const verdict = (port: number): string => sendTo(made, 'pod/default/a1', '10.244.2.10', port).ending.verdict
  expect(verdict(8080)).toBe('delivered')
  expect(verdict(82)).toBe('dropped')
  const { entries } = sendTo(made, 'pod/default/a1', '10.244.2.10', 8080)
  const [first] = explainMisses(made, entries).filter(({ host, chain }) => host === 'node1' && chain === 'fwd')
  expect(first).toMatchObject({ rule: 1, wanted: 'nfproto ipv6', saw: 'ipv4' })
})

it('[NFT10] destinations come out of maps, and a share of packets out of numgen', () => {
  const made = net()
  load(
    made,
    `table ip t {
	map ends {
		type inet_service : ipv4_addr . inet_service
		elements = { 80 : 10.244.2.10 . 8080 }
	}
	chain pre {
		type nat hook prerouting priority dstnat; policy accept;
		dnat ip to tcp dport map @ends
		dnat ip to tcp dport map { 81 : 10.244.2.11 }
	}
	chain fwd {
		type filter hook forward priority filter; policy accept;
		ct state new numgen random mod 4 0 drop
		ct state new numgen random mod 100 < 50 tcp dport 8080 reject
	}
}
`,
  )
  const outcomes = exploreTo(made, 'pod/default/a1', '1.1.1.1', 80)
  expect(
    outcomes.map(({ value: { ending }, probability }) => [ending.to.ip, ending.to.port, ending.verdict, probability]),
  ).toEqual([
    ['10.244.2.10', 8080, 'dropped', 0.25],
    ['10.244.2.10', 8080, 'rejected', 0.375],
    ['10.244.2.10', 8080, 'delivered', 0.375],
  ])
  expect(sendTo(made, 'pod/default/a1', '1.1.1.1', 81).ending.to).toMatchObject({ ip: '10.244.2.11', port: 81 })
  const bad = 'table ip t {\n map m {\n elements = { 80 : web }\n }\n chain c {\n dnat ip to tcp dport map @m\n }\n}\n'
  expect(parseNftRuleset(bad)).toEqual({ ok: false, error: { line: 6, message: '"web" is no address' } })
})
