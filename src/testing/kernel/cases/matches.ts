import type { NetfilterCase } from './case.js'
import { A1, A2, ACROSS, asked, B1, BESIDE, CLOSED, INTO, OUT, tcp, UDP, UDP_CLOSED, udp } from './case.js'

/** What a packet itself is asked: addresses, devices, ports, flags, kinds of ICMP. */
export const MATCH_CASES: readonly NetfilterCase[] = [
  {
    name: 'addresses, devices, protocols',
    rules: asked(
      '-s 10.244.1.2/32',
      '! -s 10.244.1.0/24',
      '-d 10.244.0.0/16',
      '-i cni0',
      '! -i cni+',
      '-o eth+',
      '! -o eth0',
      '-p tcp',
      '! -p tcp',
      '-p udp -m udp --dport 5353',
      '-p tcp -m tcp --dport 8000:9000',
      '-p tcp -m tcp ! --sport 8080',
      '-f',
      '! -f',
    ),
    sends: [ACROSS, BESIDE, UDP],
  },
  {
    name: 'kinds of addresses',
    rules: ['PREROUTING', 'OUTPUT']
      .flatMap((hook) =>
        [
          '--dst-type LOCAL',
          '! --dst-type LOCAL',
          '--src-type LOCAL',
          '--dst-type UNICAST',
          '--dst-type BROADCAST',
          '--dst-type UNREACHABLE',
          '--dst-type MULTICAST',
          '--src-type UNICAST ! --dst-type LOCAL',
          '--dst-type LOCAL,UNICAST',
        ].map((each) => `mangle ${hook}: -m addrtype ${each}`),
      )
      .concat([
        'mangle PREROUTING: -m addrtype --dst-type LOCAL --limit-iface-in',
        'mangle PREROUTING: -m addrtype ! --dst-type LOCAL --limit-iface-in',
        'mangle PREROUTING: -m addrtype --src-type UNICAST --limit-iface-in',
        'mangle OUTPUT: -m addrtype --src-type LOCAL --limit-iface-out',
        'mangle POSTROUTING: -m addrtype --src-type LOCAL --limit-iface-out',
        'mangle POSTROUTING: -m addrtype ! --src-type LOCAL --limit-iface-out',
      ])
      .join('\n'),
    sends: [
      ACROSS,
      INTO,
      OUT,
      tcp(A1, '172.18.0.11:32000'),
      tcp(A1, '10.244.1.1:32000'),
      tcp('node1', '172.18.0.11:32000'),
      tcp('node1', '127.0.0.1:32000'),
      tcp(A1, '192.0.2.99:80'),
    ],
  },
  {
    name: 'IPv6: kinds of addresses',
    family: 6,
    rules: ['PREROUTING', 'OUTPUT']
      .flatMap((hook) =>
        [
          '--dst-type LOCAL',
          '! --dst-type LOCAL',
          '--src-type LOCAL',
          '--dst-type UNICAST',
          '--dst-type UNREACHABLE',
          '--dst-type MULTICAST',
          '--src-type UNICAST ! --dst-type LOCAL',
          '--dst-type UNICAST,LOCAL',
          '! --dst-type UNICAST,LOCAL',
          '--dst-type UNICAST,MULTICAST',
          '--dst-type LOCAL,UNREACHABLE',
        ].map((each) => `mangle ${hook}: -m addrtype ${each}`),
      )
      .join('\n'),
    sends: [
      tcp(A1, '[fd00:10:244:2::2]:8080'),
      tcp('node2', '[fc00:f853:ccd:e793::11]:32000'),
      tcp('node1', '[fd00:10:244:2::2]:8080'),
      tcp('node1', '[fc00:f853:ccd:e793::11]:32000'),
      tcp(A1, '[fd00:10:244:1::1]:32000'),
    ],
  },
  {
    name: 'several ports',
    rules: asked(
      '-p tcp -m multiport --dports 80,8080',
      '-p tcp -m multiport --dports 80,443',
      '-p tcp -m multiport --dports 8000:8100,9000',
      '-p tcp -m multiport ! --dports 8080',
      '-p tcp -m multiport --sports 50001:50009',
      '-p tcp -m multiport --ports 50001,81',
      '-p udp -m multiport --dports 5353',
      '-p udp -m multiport ! --ports 5353,54',
    ),
    sends: [tcp(A1, '10.244.2.2:8080', { sport: 50_001 }), UDP, CLOSED],
  },
  {
    name: 'ports of a bridge',
    rules: `${asked(
      '-m physdev --physdev-is-bridged',
      '-m physdev ! --physdev-is-bridged',
      '-m physdev --physdev-is-in',
      '-m physdev --physdev-is-out',
      '-m physdev --physdev-in veth+',
      '-m physdev --physdev-in eth0',
      '-m physdev ! --physdev-in veth+',
      '-m physdev --physdev-out veth+ --physdev-is-bridged',
    )}
mangle PREROUTING: -m physdev --physdev-in veth+
mangle PREROUTING: -m physdev --physdev-is-in
mangle POSTROUTING: -m physdev --physdev-is-bridged
mangle POSTROUTING: -m physdev --physdev-is-in
mangle INPUT: -m physdev --physdev-in veth+
mangle INPUT: -m physdev --physdev-is-in`,
    sends: [BESIDE, ACROSS, tcp(A1, '172.18.0.11:32000'), tcp(A2, '10.244.1.2:8080')],
  },
  {
    name: 'flags of TCP',
    rules: asked(
      '-p tcp -m tcp --tcp-flags FIN,SYN,RST,ACK SYN',
      '-p tcp -m tcp ! --tcp-flags FIN,SYN,RST,ACK SYN',
      '-p tcp -m tcp --tcp-flags SYN,ACK SYN,ACK',
      '-p tcp -m tcp --tcp-flags RST RST',
      '-p tcp -m tcp --tcp-flags SYN NONE',
      '-p tcp -m tcp --tcp-flags FIN,SYN,RST,PSH,ACK,URG RST,ACK',
    ),
    sends: [ACROSS, CLOSED],
  },
  {
    name: 'field of service',
    rules: `mangle PREROUTING: -s 10.244.1.2/32 -p tcp -j TOS --set-tos 0x12/0xff
mangle PREROUTING: -s 10.244.1.2/32 -p udp -j DSCP --set-dscp-class AF21
mangle PREROUTING: -s 10.244.1.3/32 -j DSCP --set-dscp 0x2e
${asked(
  '-m dscp --dscp 0x04',
  '-m dscp ! --dscp 0x04',
  '-m dscp --dscp 0x00',
  '-m dscp --dscp-class AF21',
  '-m dscp --dscp-class EF',
  '-m dscp --dscp-class CS6',
  '-m tos --tos 0x10/0x3f',
  '-m tos --tos 0x12',
  '-m tos ! --tos Minimize-Delay',
  '-m tos --tos 0xc0/0xc0',
  '-m tos --tos 0xc8',
  '-m tos --tos 0x00/0xff',
)}
mangle FORWARD: -p tcp -j TOS --or-tos 0x40
mangle FORWARD: -p tcp -j TOS --and-tos 0xfd
mangle POSTROUTING: -m tos --tos 0x50 -m comment --comment fifty
mangle POSTROUTING: -m dscp --dscp-class BE -j TOS --xor-tos 0x08
mangle POSTROUTING: -m tos --tos 0x08/0xff
mangle OUTPUT: -p tcp -j DSCP --set-dscp-class EF
filter FORWARD: -s 10.244.1.3/32 -p tcp -j REJECT
filter INPUT: -m dscp --dscp-class EF
filter OUTPUT: -m dscp --dscp 0x30
filter OUTPUT: -m dscp --dscp 0x2e
filter OUTPUT: -m tos --tos 0x18/0xff`,
    sends: [
      ACROSS,
      UDP,
      CLOSED,
      UDP_CLOSED,
      udp(B1, '10.244.2.2:54'),
      tcp(B1, '10.244.2.2:8080'),
      tcp(B1, '172.18.0.11:82'),
      tcp('node1', '10.244.2.2:81'),
      tcp(A2, '10.244.1.3:81'),
      INTO,
    ],
  },
  {
    name: 'IPv6: field of service',
    family: 6,
    rules: `mangle PREROUTING: -s fd00:10:244:1::2/128 -j DSCP --set-dscp-class AF21
${asked('-m dscp --dscp-class AF21', '-m tos --tos 0xc0/0xc0', '-m tos --tos 0x00/0xff', '-m dscp ! --dscp 0x12')}`,
    sends: [tcp(A1, '[fd00:10:244:2::2]:8080'), udp(A1, '[fd00:10:244:2::2]:54'), tcp(A1, '[fd00:10:244:2::2]:81')],
  },
  {
    name: 'lengths of errors',
    rules: `${asked(
      '-p icmp -m length --length 88',
      '-p icmp -m length ! --length 0:87',
      '-p tcp -m conntrack --ctstate NEW -m length --length 60:64',
    )}
filter OUTPUT: -p icmp -m length --length 88
filter FORWARD: -p tcp -m tcp --dport 8080 -j REJECT`,
    others: { node2: 'filter FORWARD: -p tcp -m tcp --dport 81 -j REJECT' },
    sends: [ACROSS, CLOSED, BESIDE],
  },
  {
    name: 'types of ICMP',
    rules: asked(
      '-p icmp -m icmp --icmp-type any',
      '-p icmp -m icmp --icmp-type 3',
      '-p icmp -m icmp --icmp-type 3/3',
      '-p icmp -m icmp ! --icmp-type 3/1',
      '-p icmp -m icmp --icmp-type 8',
      '-p icmp -m conntrack --ctstate RELATED',
      '! -p icmp',
    ),
    sends: [UDP_CLOSED, udp(A1, '10.244.2.99:80', { patience: 4_000 })],
  },
  {
    name: 'lifetimes, ranges, lengths',
    rules: `${asked(
      '-m ttl --ttl-eq 63',
      '-m ttl --ttl-eq 64',
      '-m ttl --ttl-lt 64',
      '-m ttl --ttl-gt 63',
      '-m ttl ! --ttl-eq 63',
      '-m iprange --src-range 10.244.1.2-10.244.1.9',
      '-m iprange ! --src-range 10.244.1.3-10.244.1.9',
      '-m iprange --dst-range 10.244.2.0-10.244.2.1',
      '-m iprange --src-range 10.244.1.2-10.244.1.2 --dst-range 10.244.2.2-10.244.2.2',
      '-p tcp -m conntrack --ctstate NEW -m length --length 60',
      '-p tcp -m conntrack --ctstate NEW -m length --length 0:59',
      '-p tcp -m tcp --tcp-flags RST RST -m length --length 40',
      '-m pkttype --pkt-type unicast',
      '-m pkttype --pkt-type multicast',
      '-m pkttype ! --pkt-type broadcast',
    )}
mangle PREROUTING: -m socket --transparent
mangle PREROUTING: -p tcp -m socket --nowildcard --transparent -m comment --comment cilium
mangle FORWARD: -p udp -j TTL --ttl-set 9
mangle POSTROUTING: -m ttl --ttl-eq 9`,
    sends: [ACROSS, BESIDE, UDP, CLOSED],
  },
]
