import type { NetfilterCase } from './case.js'
import { A1, A2, ACROSS, B1, BESIDE, CLIENT, CLOSED, INTO, OUT, tcp, UDP, UDP_CLOSED, udp } from './case.js'

const REJECTS = [
  'icmp-net-unreachable',
  'icmp-host-unreachable',
  'icmp-proto-unreachable',
  'icmp-port-unreachable',
  'icmp-net-prohibited',
  'icmp-host-prohibited',
  'icmp-admin-prohibited',
] as const

const REJECTS6 = [
  'icmp6-no-route',
  'icmp6-adm-prohibited',
  'icmp6-addr-unreachable',
  'icmp6-port-unreachable',
  'icmp6-policy-fail',
  'icmp6-reject-route',
] as const

/** Refusals, errors and what becomes of them. */
export const REJECT_CASES: readonly NetfilterCase[] = [
  ...REJECTS.map(
    (kind): NetfilterCase => ({
      name: `REJECT with ${kind}`,
      rules: `filter FORWARD: -s 10.244.1.2/32 -d 10.244.2.2/32 -j REJECT --reject-with ${kind}
filter INPUT: -p tcp -m tcp --dport 32000 -j REJECT --reject-with ${kind}
filter OUTPUT: -p tcp -d 10.244.2.2/32 -j REJECT --reject-with ${kind}`,
      sends: [ACROSS, UDP, INTO, OUT],
    }),
  ),
  {
    name: 'REJECT with tcp-reset',
    rules: `filter FORWARD: -d 10.244.2.2/32 -p tcp -j REJECT --reject-with tcp-reset
filter FORWARD: -d 10.244.1.3/32 -p tcp -j REJECT --reject-with tcp-reset
filter INPUT: -p tcp -m tcp --dport 32000 -j REJECT --reject-with tcp-reset
filter OUTPUT: -d 10.244.2.2/32 -p tcp -j REJECT --reject-with tcp-reset
filter OUTPUT: -p tcp -m conntrack --ctstate RELATED
nat POSTROUTING: -p tcp -m comment --comment here
nat OUTPUT: -p tcp -m comment --comment here
nat PREROUTING: -d 10.96.0.10/32 -p tcp -j DNAT --to-destination 10.244.2.2:8080
nat PREROUTING: -d 172.18.0.11/32 -p tcp -m tcp --dport 81 -j DNAT --to-destination 10.244.2.2:8080
filter OUTPUT: -m conntrack --ctstate DNAT
nat POSTROUTING: -s 10.244.1.0/24 -o eth0 -j MASQUERADE`,
    sends: [ACROSS, INTO, OUT, BESIDE, tcp(A1, '10.96.0.10:80'), tcp(CLIENT, '172.18.0.11:81')],
  },
  {
    name: 'refusals that never come to the sender',
    rules: `filter FORWARD: -s 10.244.1.2/32 -d 10.244.2.2/32 -j REJECT
filter OUTPUT: -p icmp -d 10.244.1.2/32 -j DROP
filter INPUT: -p tcp -m tcp --dport 32000 -j REJECT --reject-with tcp-reset
filter OUTPUT: -p tcp -m tcp --tcp-flags RST RST -j DROP
raw PREROUTING: -s 10.244.2.2/32 -p icmp -j DROP
nat POSTROUTING: -s 10.244.1.3/32 -p tcp -j SNAT --to-source 192.0.2.50
nat POSTROUTING: -s 10.244.1.3/32 -p udp -j MASQUERADE`,
    others: {
      node2: `filter FORWARD: -s 192.0.2.50/32 -j REJECT --reject-with icmp-admin-prohibited
filter FORWARD: -s 172.18.0.11/32 -d 10.244.2.2/32 -p udp -j REJECT`,
    },
    sends: [ACROSS, UDP, INTO, tcp(B1, '10.244.2.2:8080'), udp(B1, '10.244.2.2:5353'), udp('node1', '10.244.2.2:5353')],
  },
  {
    name: 'answers that are refused',
    rules: `filter FORWARD: -s 10.244.2.2/32 -p tcp -j REJECT --reject-with tcp-reset
filter FORWARD: -s 10.244.2.2/32 -p udp -j REJECT
filter OUTPUT: -p tcp -m tcp --sport 32000 -j REJECT
nat PREROUTING: -d 10.96.0.10/32 -p tcp -m tcp --dport 80 -j DNAT --to-destination 10.244.2.2:8080
filter FORWARD: -s 10.244.1.3/32 -p tcp -m tcp --sport 8080 -j REJECT --reject-with tcp-reset`,
    sends: [ACROSS, UDP, INTO, tcp(A1, '10.96.0.10:80'), CLOSED, UDP_CLOSED, tcp(A2, '10.244.1.3:8080'), BESIDE],
  },
  {
    name: 'errors about rewritten packets',
    rules: `nat PREROUTING: -d 10.96.0.10/32 -p udp -m udp --dport 53 -j DNAT --to-destination 10.244.2.2:54
nat PREROUTING: -d 10.96.0.11/32 -p tcp -m tcp --dport 80 -j DNAT --to-destination 10.244.2.2:81
nat PREROUTING: -d 10.96.0.12/32 -p tcp -m tcp --dport 80 -j DNAT --to-destination 10.244.2.2:8080
nat PREROUTING: -d 10.96.0.13/32 -p udp -m udp --dport 53 -j DNAT --to-destination 10.244.1.3:54
nat PREROUTING: -d 172.18.0.11/32 -p udp -m udp --dport 53 -j DNAT --to-destination 10.244.2.2:54
nat POSTROUTING: -s 10.244.1.3/32 -o eth0 -j MASQUERADE
nat POSTROUTING: -s 203.0.113.0/24 -j MASQUERADE
filter FORWARD: -m conntrack --ctstate RELATED
filter FORWARD: -m conntrack --ctstate DNAT
filter FORWARD: -m conntrack --ctstate SNAT
filter FORWARD: -m conntrack --ctorigdst 10.96.0.12 --ctdir ORIGINAL -j REJECT --reject-with icmp-host-prohibited
filter OUTPUT: -p icmp -m conntrack --ctstate RELATED -m comment --comment own`,
    sends: [A1, B1]
      .flatMap((from) => [udp(from, '10.96.0.10:53'), tcp(from, '10.96.0.11:80'), tcp(from, '10.96.0.12:80')])
      .concat([udp(A1, '10.96.0.13:53'), udp(CLIENT, '172.18.0.11:53'), udp(B1, '10.96.0.13:53')]),
  },
  {
    name: 'lives that end',
    rules: `mangle PREROUTING: -s 10.244.1.2/32 -j TTL --ttl-set 1
mangle FORWARD: -s 10.244.1.3/32 -d 10.244.2.2/32 -j TTL --ttl-set 1
filter FORWARD: -m conntrack --ctstate RELATED
filter OUTPUT: -p icmp -m icmp --icmp-type 11/0
filter OUTPUT: -p icmp -m icmp --icmp-type 11`,
    sends: [ACROSS, UDP, tcp(B1, '10.244.2.2:8080'), udp(B1, '10.244.2.2:5353'), BESIDE],
  },
  {
    name: 'answers that are lost',
    rules: `raw PREROUTING: -s 10.244.2.2/32 -p tcp -m tcp --sport 8080 -j DROP
nat PREROUTING: -d 10.96.0.10/32 -p udp -j DNAT --to-destination 10.244.2.2:5353
raw PREROUTING: -s 10.244.2.2/32 -p udp -m udp --sport 5353 -j CT --notrack
filter FORWARD: -m conntrack --ctstate UNTRACKED`,
    sends: [ACROSS, udp(A1, '10.96.0.10:53'), UDP],
  },
  {
    name: 'IPv6: errors about rewritten packets, lives that end',
    family: 6,
    rules: `nat PREROUTING: -d fd00:10:96::10/128 -p udp -m udp --dport 53 -j DNAT --to-destination [fd00:10:244:2::2]:54
nat PREROUTING: -d fd00:10:96::11/128 -p tcp -m tcp --dport 80 -j DNAT --to-destination [fd00:10:244:2::2]:81
nat POSTROUTING: -s fd00:10:244:1::3/128 -o eth0 -j MASQUERADE
mangle FORWARD: -s fd00:10:244:1::3/128 -p tcp -m tcp --dport 8080 -j HL --hl-set 1
filter FORWARD: -m conntrack --ctstate RELATED
filter FORWARD: -m conntrack --ctstate DNAT
filter FORWARD: -m conntrack --ctstate SNAT`,
    sends: [A1, B1].flatMap((from) => [udp(from, '[fd00:10:96::10]:53'), tcp(from, '[fd00:10:96::11]:80')]),
  },
  ...REJECTS6.map(
    (kind): NetfilterCase => ({
      name: `IPv6: REJECT with ${kind}`,
      family: 6,
      rules: `filter FORWARD: -s fd00:10:244:1::2/128 -d fd00:10:244:2::2/128 -j REJECT --reject-with ${kind}
filter INPUT: -p tcp -m tcp --dport 32000 -j REJECT --reject-with ${kind}`,
      sends: [
        tcp(A1, '[fd00:10:244:2::2]:8080'),
        udp(A1, '[fd00:10:244:2::2]:5353'),
        tcp('node2', '[fc00:f853:ccd:e793::11]:32000'),
      ],
    }),
  ),
]
