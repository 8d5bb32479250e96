import type { NetfilterCase } from './case.js'
import { A1, A2, ACROSS, B1, BESIDE, CLIENT, CLIENT6, CLOSED, INTO, tcp, UDP, UDP_CLOSED, udp } from './case.js'

const WEB = '172.18.0.11:80'

/** What rewrites addresses. */
export const NAT_CASES: readonly NetfilterCase[] = [
  {
    name: 'DNAT: address, port, ranges',
    rules: `nat PREROUTING: -d 172.18.0.11/32 -p tcp -m tcp --dport 80 -j DNAT --to-destination 10.244.2.2:8080
nat PREROUTING: -d 172.18.0.11/32 -p tcp -m tcp --dport 8080 -j DNAT --to-destination 10.244.1.2
nat PREROUTING: -d 172.18.0.11/32 -p tcp -m tcp --dport 81 -j DNAT --to-destination :32000
nat PREROUTING: -d 172.18.0.11/32 -p tcp -m tcp --dport 82 -j DNAT --to-destination 10.244.1.2-10.244.1.2:8080-8080 --random
nat PREROUTING: -d 172.18.0.11/32 -p tcp -m tcp --dport 83 -j DNAT --to-destination 10.244.2.2:8080 --persistent
nat PREROUTING: -d 172.18.0.11/32 -p tcp -m tcp --dport 84 -j DNAT --to-destination 10.244.2.2:8079-8080
nat PREROUTING: -d 172.18.0.11/32 -p tcp -m tcp --dport 85 -j DNAT --to-destination 10.244.2.2:9000
nat PREROUTING: -d 172.18.0.11/32 -p udp -m udp --dport 53 -j DNAT --to-destination 10.244.2.2:5353
nat OUTPUT: -d 172.18.0.11/32 -p tcp -m tcp --dport 80 -j DNAT --to-destination 10.244.2.2:8080
nat POSTROUTING: -s 203.0.113.0/24 -j MASQUERADE`,
    sends: [80, 8080, 81, 82, 83, 84, 85]
      .map((port) => tcp(CLIENT, `172.18.0.11:${port}`))
      .concat([udp(CLIENT, '172.18.0.11:53'), tcp('node1', WEB), tcp(A1, WEB), tcp('node2', WEB)]),
  },
  {
    name: 'SNAT and MASQUERADE',
    rules: `nat POSTROUTING: -s 10.244.1.2/32 -o eth0 -p tcp -m tcp --dport 8080 -j SNAT --to-source 172.18.0.11
nat POSTROUTING: -s 10.244.1.2/32 -o eth0 -p udp -j SNAT --to-source 172.18.0.11 --random-fully
nat POSTROUTING: -s 10.244.1.3/32 -o eth0 -p tcp -j SNAT --to-source 172.18.0.11:2000-2009
nat POSTROUTING: -s 10.244.1.3/32 -o eth0 -p udp -j MASQUERADE --random-fully
nat POSTROUTING: -o cni0 -j MASQUERADE`,
    sends: [
      ACROSS,
      UDP,
      tcp(B1, '10.244.2.2:8080'),
      udp(B1, '10.244.2.2:5353'),
      BESIDE,
      tcp(A2, '10.244.1.2:8080'),
      CLOSED,
      UDP_CLOSED,
      tcp('node1', '10.244.1.2:8080'),
    ],
  },
  {
    name: 'MASQUERADE to ports',
    rules: `nat POSTROUTING: -s 10.244.1.0/24 -o eth0 -p tcp -j MASQUERADE --to-ports 3000-3009
nat POSTROUTING: -s 10.244.1.0/24 -o eth0 -p udp -j MASQUERADE --to-ports 3000-3009 --random`,
    sends: [tcp(A1, '10.244.2.2:8080', { sport: 3_005 }), ACROSS, ACROSS, UDP],
  },
  {
    name: 'NETMAP',
    rules: `nat PREROUTING: -d 10.99.2.0/24 -j NETMAP --to 10.244.2.0/24
nat OUTPUT: -d 10.99.0.0/16 -j NETMAP --to 10.244.0.0/16
nat POSTROUTING: -s 10.244.1.3/32 -o eth0 -j NETMAP --to 192.0.2.0/24
nat POSTROUTING: -s 10.244.1.2/32 -d 10.244.2.2/32 -p tcp -j NETMAP --to 172.18.0.11/32
nat INPUT: -s 172.18.0.12/32 -j NETMAP --to 10.98.0.0/24
filter FORWARD: -m conntrack --ctstate DNAT`,
    sends: [
      tcp(A1, '10.99.2.2:8080'),
      udp(A1, '10.99.2.2:5353'),
      tcp('node1', '10.99.1.2:8080'),
      tcp(B1, '10.244.2.2:8080'),
      INTO,
    ],
  },
  {
    name: 'REDIRECT',
    rules: `nat PREROUTING: -p tcp -m tcp --dport 90 -j REDIRECT --to-ports 32000
nat PREROUTING: -p tcp -m tcp --dport 32000 -j REDIRECT
nat OUTPUT: -p tcp -m tcp --dport 90 -j REDIRECT --to-ports 32000
nat PREROUTING: -p tcp -m tcp --dport 91 -j REDIRECT --to-ports 32000-32000 --random`,
    sends: [
      tcp(A1, '10.244.2.2:90'),
      tcp(CLIENT, '172.18.0.11:90'),
      tcp('node1', '10.244.2.2:90'),
      tcp(A1, '10.244.1.3:32000'),
      tcp(A1, '192.0.2.1:91'),
    ],
  },
  {
    name: 'ports that clash get others',
    rules: `nat POSTROUTING: -s 10.244.1.0/24 -o eth0 -j MASQUERADE`,
    sends: [
      udp(A1, '10.244.2.2:5353', { sport: 50_011 }),
      udp(B1, '10.244.2.2:5353', { sport: 50_011 }),
      udp('node1', '10.244.2.2:5353', { sport: 50_011 }),
      tcp(A1, '10.244.2.2:8080', { sport: 50_012 }),
      tcp(B1, '10.244.2.2:8080', { sport: 50_012 }),
    ],
  },
  {
    name: 'endpoints that clash get others',
    rules: `nat PREROUTING: -p udp -m udp --dport 53 -j DNAT --to-destination 10.244.2.2:5353`,
    sends: [
      udp(A1, '10.96.0.10:53', { sport: 50_021 }),
      udp(A1, '10.96.0.11:53', { sport: 50_021 }),
      udp(A1, '10.244.2.2:5353', { sport: 50_021 }),
    ],
  },
  {
    name: 'hairpin',
    rules: `nat PREROUTING: -d 10.96.0.10/32 -p tcp -j DNAT --to-destination 10.244.1.2:8080
nat POSTROUTING: -s 10.244.1.2/32 -d 10.244.1.2/32 -j MASQUERADE
filter FORWARD: -m conntrack --ctstate NEW`,
    sends: [tcp(A1, '10.96.0.10:80'), tcp(B1, '10.96.0.10:80')],
  },
  {
    name: 'hairpin without masquerade',
    rules: `nat PREROUTING: -d 10.96.0.10/32 -p tcp -j DNAT --to-destination 10.244.1.2:8080
filter FORWARD: -m conntrack --ctstate NEW`,
    sends: [tcp(A1, '10.96.0.10:80')],
  },
  {
    name: 'localhost',
    rules: `nat OUTPUT: -d 127.0.0.1/32 -p tcp -m tcp --dport 80 -j DNAT --to-destination 10.244.2.2:8080
nat OUTPUT: -d 127.0.0.1/32 -p tcp -m tcp --dport 81 -j DNAT --to-destination 10.244.1.2:8080
nat OUTPUT: -d 127.0.0.1/32 -p tcp -m tcp --dport 82 -j DNAT --to-destination 172.18.0.11:32000
nat PREROUTING: -d 172.18.0.11/32 -p tcp -m tcp --dport 83 -j DNAT --to-destination 127.0.0.1:32000
nat POSTROUTING: -s 127.0.0.0/8 ! -o lo -p tcp -m tcp --dport 8080 -j MASQUERADE
filter INPUT: -i lo
filter OUTPUT: -o lo`,
    sends: [80, 81, 82]
      .map((port) => tcp('node1', `127.0.0.1:${port}`))
      .concat([tcp('node1', '127.0.0.1:32000'), tcp(A1, '172.18.0.11:83'), tcp(CLIENT, '172.18.0.11:83')]),
  },
  {
    name: 'localhost without masquerade is a martian next door',
    rules: 'nat OUTPUT: -d 127.0.0.1/32 -p tcp -m tcp --dport 80 -j DNAT --to-destination 10.244.2.2:8080',
    sends: [tcp('node1', '127.0.0.1:80')],
  },
  {
    name: 'one’s own address as source is a martian',
    rules: `nat POSTROUTING: -s 10.244.1.2/32 -d 10.244.2.2/32 -j SNAT --to-source 172.18.0.12
filter FORWARD: -m conntrack --ctstate NEW`,
    sends: [ACROSS],
  },
  {
    name: 'bridged without br_netfilter',
    bridgeNf: false,
    rules: `mangle PREROUTING: -m comment --comment here
nat PREROUTING: -d 10.96.0.10/32 -p tcp -j DNAT --to-destination 10.244.1.3:8080
filter FORWARD: -m comment --comment here
filter FORWARD: -m physdev --physdev-is-bridged`,
    sends: [BESIDE, ACROSS, tcp(A1, '10.96.0.10:80'), tcp(A1, '172.18.0.11:32000')],
  },
  {
    name: 'rewritten on the bridge',
    rules: `nat PREROUTING: -d 10.96.0.10/32 -p tcp -j DNAT --to-destination 10.244.1.3:8080
nat PREROUTING: -d 10.96.0.11/32 -p tcp -j DNAT --to-destination 10.244.2.2:8080
nat PREROUTING: -d 10.244.1.3/32 -p tcp -m tcp --dport 80 -j DNAT --to-destination 10.244.2.2:8080
nat PREROUTING: -d 10.244.1.3/32 -p tcp -m tcp --dport 81 -j REDIRECT --to-ports 32000
nat PREROUTING: -d 10.244.1.3/32 -p tcp -m tcp --dport 82 -j DNAT --to-destination 10.244.1.77:80
filter FORWARD: -m comment --comment here`,
    sends: [tcp(A1, '10.96.0.10:80'), tcp(A1, '10.96.0.11:80'), tcp(A1, '10.244.1.3:80'), tcp(A1, '10.244.1.3:81')],
  },
  {
    name: 'marks that reroute nothing, NAT in INPUT',
    rules: `nat INPUT: -p tcp -m tcp --dport 32000 -j SNAT --to-source 172.18.0.99
filter INPUT: -s 172.18.0.99/32 -m comment --comment rewritten
filter INPUT: -m comment --comment here`,
    sends: [INTO],
  },
  {
    name: 'IPv6: matches and NAT',
    family: 6,
    rules: `nat PREROUTING: -d fc00:f853:ccd:e793::11/128 -p tcp -m tcp --dport 80 -j DNAT --to-destination [fd00:10:244:2::2]:8080
nat PREROUTING: -d fc00:f853:ccd:e793::11/128 -p tcp -m tcp --dport 90 -j REDIRECT --to-ports 32000
nat PREROUTING: -d fd00:10:96::10/128 -j DNAT --to-destination fd00:10:244:2::2
nat PREROUTING: -d fd00:10:96::11/128 -j DNAT --to-destination fd00:10:244:2::2-fd00:10:244:2::2 --persistent
nat POSTROUTING: -s fd00:10:244:1::2/128 -d fd00:10:244:3::/64 -j SNAT --to-source fc00:f853:ccd:e793::11
nat POSTROUTING: -s 2001:db8::/64 -j MASQUERADE
filter FORWARD: -m addrtype --dst-type LOCAL
filter FORWARD: -m addrtype ! --dst-type LOCAL
filter FORWARD: -m addrtype --dst-type UNICAST
filter FORWARD: -m hl --hl-eq 63
filter FORWARD: -m hl --hl-gt 63
filter FORWARD: -m iprange --src-range fd00:10:244:1::2-fd00:10:244:1::9
filter FORWARD: -p tcp -m multiport --dports 8080
filter FORWARD: -p ipv6-icmp -m icmp6 --icmpv6-type 1
filter FORWARD: -p ipv6-icmp -m icmp6 --icmpv6-type 1/4
filter FORWARD: -m conntrack --ctstate RELATED
filter FORWARD: -m conntrack --ctstate DNAT
filter FORWARD: -m physdev --physdev-is-bridged
filter FORWARD: -p tcp -m conntrack --ctstate NEW -m length --length 80
filter FORWARD: -m recent --set --name six --mask ffff:ffff:ffff:ffff:: --rsource
filter FORWARD: -p tcp -m tcp --dport 81 -j REJECT --reject-with tcp-reset`,
    sends: [
      tcp(A1, '[fd00:10:244:2::2]:8080'),
      tcp(A1, '[fd00:10:244:1::3]:8080'),
      udp(A1, '[fd00:10:244:2::2]:54'),
      tcp(CLIENT6, '[fc00:f853:ccd:e793::11]:80'),
      tcp(CLIENT6, '[fc00:f853:ccd:e793::11]:90'),
      tcp(A1, '[fd00:10:244:2::2]:81'),
      tcp(A1, '[fd00:10:96::10]:8080'),
      udp(A1, '[fd00:10:96::11]:5353'),
      tcp(A1, '[fd00:10:244:3::2]:8080'),
    ],
  },
]
