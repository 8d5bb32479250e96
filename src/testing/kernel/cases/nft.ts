import type { Send } from './case.js'

/** A table of nftables on node1, and connections made one after the other under it. */
export interface NftCase {
  readonly name: string
  /** Chains and sets of the table `ip kube-proxy`: the name under which traces are read. */
  readonly table: string
  readonly sends: readonly Send[]
}

const A1 = 'pod/default/a1'
const B1 = 'pod/default/b1'
const CLIENT = 'client/203.0.113.7'
const tcp = (from: string, to: string, more: Partial<Send> = {}): Send => ({ from, to, ...more })
const udp = (from: string, to: string, more: Partial<Send> = {}): Send => ({ from, to, proto: 'udp', ...more })

const ACROSS = tcp(A1, '10.244.2.2:8080')
const BESIDE = tcp(A1, '10.244.1.3:8080')
const CLOSED = tcp(A1, '10.244.2.2:81')
const UDP = udp(A1, '10.244.2.2:5353')
const UDP_CLOSED = udp(A1, '10.244.2.2:54')

const forward = (...rules: readonly string[]): string =>
  `chain forward { type filter hook forward priority 0; policy accept; ${rules.map((rule) => `${rule} counter;`).join(' ')} }`

/** What people write into tables of their own, beside kube-proxy's. */
export const NFT_CASES: readonly NftCase[] = [
  {
    name: 'addresses, ports, devices: sets, ranges, wildcards',
    table: `set nets { type ipv4_addr; flags interval; elements = { 10.244.1.0/24, 192.168.1.1-192.168.1.9 }; }
set services { type inet_service; flags interval; elements = { 80-90, 8080 }; }
set both { type ipv4_addr . inet_service; flags interval; elements = { 10.244.2.0/24 . 8000-8100 }; }
${forward(
  'ip saddr @nets',
  'ip daddr != @nets',
  'ip daddr 10.244.2.0-10.244.2.9',
  'tcp dport @services',
  'ip daddr . tcp dport @both',
  'tcp dport { 80, 8000-9000 }',
  'udp dport != 53',
  'iifname "cni*"',
  'oifname != "eth0"',
  'oifname { "eth0", "eth1" }',
  'meta l4proto { tcp, udp }',
  'th dport 5353',
  'ip protocol icmp',
)}`,
    sends: [ACROSS, BESIDE, UDP, CLOSED, UDP_CLOSED],
  },
  {
    name: 'connections',
    table: `chain pre { type nat hook prerouting priority -100; policy accept; ip daddr 10.96.0.10 tcp dport 80 dnat to 10.244.2.2:8080; }
${forward(
  'ct state new',
  'ct state established,related',
  'ct state { new, invalid }',
  'ct state != new',
  'ct direction original',
  'ct direction reply',
  'ct status dnat',
  'ct status seen-reply',
  'ct original ip daddr 10.96.0.10',
  'meta l4proto tcp ct original proto-dst 80',
  'ct reply ip saddr 10.244.2.2',
  'meta l4proto tcp ct reply proto-src != 8080',
)}`,
    sends: [tcp(A1, '10.96.0.10:80'), ACROSS, UDP, UDP_CLOSED],
  },
  {
    name: 'what has no connection',
    table: `chain pre { type filter hook prerouting priority -300; policy accept; ip saddr 10.244.1.2 tcp dport 8080 notrack; }
${forward(
  'ct state untracked',
  'ct state invalid',
  'ct state new',
  'ct direction original',
  'ct direction != original',
  'meta l4proto tcp ct original proto-dst != 80',
  'ct mark 0x0',
)}`,
    sends: [ACROSS, CLOSED],
  },
  {
    name: 'marks',
    table: forward(
      'tcp dport 8080 meta mark set 0x12',
      'meta mark & 0xf0 == 0x10',
      'meta mark 0x12',
      'meta mark != 0x12',
      'meta mark set meta mark | 0x100',
      'meta mark & 0x100 == 0x100 ct mark set meta mark',
      'ct mark 0x112',
      'ct mark & 0xf00 != 0x0',
      'meta mark set ct mark & 0xf',
      'meta mark set meta mark ^ 0x3',
      'meta mark 0x1',
      'meta mark 0x3',
    ),
    sends: [ACROSS, UDP, BESIDE],
  },
  {
    name: 'flags, types, lifetimes',
    table: forward(
      'tcp flags syn / fin,syn,rst,ack',
      'tcp flags & (syn | ack) == (syn | ack)',
      'tcp flags & (fin | syn | rst | ack) != syn',
      'tcp flags syn',
      'icmp type destination-unreachable',
      'icmp type { echo-request, echo-reply }',
      'icmp code 3',
      'ip ttl 63',
      'ip ttl != 63',
      'meta pkttype host',
      'fib daddr type local',
      'fib daddr type unicast',
      'fib saddr type != local',
    ),
    sends: [ACROSS, BESIDE, CLOSED, UDP_CLOSED],
  },
  {
    name: 'limits and logs',
    table: forward(
      'ct state new limit rate 30/minute burst 2 packets',
      'ct state new limit rate over 30/minute burst 1 packets',
      'ct state new log prefix "podpath " level info',
    ),
    sends: [ACROSS, ACROSS, ACROSS, tcp(A1, '10.244.2.2:8080', { wait: 2.3 })],
  },
  {
    name: 'addresses rewritten',
    table: `chain pre {
  type nat hook prerouting priority -100; policy accept;
  tcp dport 80 dnat to 10.244.2.2:8080
  tcp dport 81 redirect to :32000
  tcp dport 82 dnat to 10.244.1.2-10.244.1.2:8080-8080 persistent
  tcp dport 83 dnat to :32000
}
chain post {
  type nat hook postrouting priority 100; policy accept;
  ip saddr 203.0.113.0/24 masquerade fully-random
  ip saddr 10.244.1.2 oifname "eth0" udp dport 5353 snat to 172.18.0.11 random
  ip saddr 10.244.1.3 oifname "eth0" meta l4proto tcp masquerade to :2000-2009
}
chain out {
  type nat hook output priority -100; policy accept;
  tcp dport 90 redirect to :32000
}`,
    sends: [80, 81, 82, 83]
      .map((port) => tcp(CLIENT, `172.18.0.11:${port}`))
      .concat([UDP, tcp(B1, '10.244.2.2:8080'), tcp('node1', '10.244.2.2:90')]),
  },
  {
    name: 'refusals',
    table: `chain filter-forward {
  type filter hook forward priority 0; policy accept;
  tcp dport 1 reject
  tcp dport 2 reject with tcp reset
  tcp dport 3 reject with icmp type host-unreachable
  tcp dport 4 reject with icmp type admin-prohibited
  tcp dport 5 reject with icmp type net-unreachable
  tcp dport 6 reject with icmp type prot-unreachable
  tcp dport 7 drop
  tcp dport vmap { 8 : drop, 8000-8100 : jump more }
  udp dport 5353 goto more
  meta l4proto udp comment "after"
}
chain more {
  ct state vmap { established : accept, related : accept, new : return }
  meta l4proto udp reject
}`,
    sends: [1, 2, 3, 4, 5, 6, 7, 8].map((port) => tcp(A1, `10.244.2.2:${port}`)).concat([ACROSS, UDP, UDP_CLOSED]),
  },
  {
    name: 'more and less',
    table: forward(
      'ip ttl < 64',
      'ip ttl <= 63',
      'ip ttl > 63',
      'ip ttl >= 64',
      'tcp dport > 8080',
      'tcp dport >= 8080',
      'tcp dport < 81',
      'tcp dport <= 81',
      'udp sport > 1023',
      'meta l4proto { tcp, udp } th dport < 5353',
    ),
    sends: [ACROSS, BESIDE, CLOSED, UDP, UDP_CLOSED],
  },
  {
    name: 'ways on: continue, goto, return, maps of blocks',
    table: `map nets { type ipv4_addr : verdict; flags interval; elements = { 10.244.2.0/24 : jump far, 10.244.1.0-10.244.1.9 : goto near }; }
chain forward {
  type filter hook forward priority 0; policy accept;
  continue comment "on"
  ip daddr vmap @nets
  meta l4proto { tcp, udp } comment "after"
  tcp dport vmap { 8080 : continue, 81 : accept }
  ip daddr . tcp dport vmap { 10.244.2.2 . 8080 : goto far, 10.244.1.3 . 8080 : drop }
  meta l4proto tcp comment "last"
}
chain far {
  ct state new return
  meta l4proto tcp goto near
}
chain near {
  ct state established continue
  meta l4proto tcp comment "near"
}`,
    sends: [ACROSS, BESIDE, CLOSED, UDP],
  },
  {
    name: 'destinations out of maps',
    table: `map hosts { type inet_service : ipv4_addr; elements = { 8080 : 10.244.1.2, 81 : 10.244.2.2 }; }
map ends { type inet_service : ipv4_addr . inet_service; elements = { 80 : 10.244.2.2 . 8080, 82 : 10.244.1.2 . 8080 }; }
chain pre {
  type nat hook prerouting priority -100; policy accept;
  dnat ip addr . port to tcp dport map @ends
  ip daddr 172.18.0.11 tcp dport 8000-9000 dnat to tcp dport map @hosts
  ip daddr 172.18.0.11 dnat to tcp dport map { 83 : 10.244.2.2 }
}
chain post {
  type nat hook postrouting priority 100; policy accept;
  ip saddr 203.0.113.0/24 snat to tcp dport map { 8080 : 172.18.0.11 }
}`,
    sends: [80, 82, 8080, 81, 83].map((port) => tcp(CLIENT, `172.18.0.11:${port}`)),
  },
  {
    name: 'sets that rules fill',
    table: `set asked { type ipv4_addr; size 100; flags dynamic,timeout; timeout 2s; }
set first { type ipv4_addr; size 100; flags dynamic,timeout; timeout 2s; }
${forward(
  'ct state new ip saddr @asked',
  'ct state new ip saddr @first',
  'ct state new ip saddr != @asked',
  'ct state new update @asked { ip saddr }',
  'ct state new add @first { ip saddr }',
)}`,
    sends: [ACROSS, tcp(A1, '10.244.2.2:8080', { wait: 1.2 }), tcp(A1, '10.244.2.2:8080', { wait: 1.2 }), BESIDE],
  },
]
