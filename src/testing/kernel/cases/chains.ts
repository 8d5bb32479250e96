import type { NetfilterCase } from './case.js'
import { A1, A2, ACROSS, BESIDE, CLOSED, INTO, OUT, tcp, UDP, UDP_CLOSED } from './case.js'

/** Hooks, tables, chains, what a firewall does with them. */
export const CHAIN_CASES: readonly NetfilterCase[] = [
  {
    name: 'all hooks, tables in the order of their priorities',
    rules: ['PREROUTING', 'INPUT', 'FORWARD', 'OUTPUT', 'POSTROUTING']
      .flatMap((hook) =>
        ['raw', 'mangle', 'nat', 'filter']
          .filter((table) => !(table === 'raw' && !/^(PRE|OUT)/.test(hook)))
          .filter((table) => !(table === 'nat' && hook === 'FORWARD') && !(table === 'filter' && /ROUTING/.test(hook)))
          .map((table) => `${table} ${hook}: -m comment --comment here`),
      )
      .join('\n'),
    sends: [
      ACROSS,
      BESIDE,
      INTO,
      OUT,
      UDP,
      tcp('node1', '172.18.0.11:32000'),
      tcp(A1, '172.18.0.11:32000'),
      tcp('node1', '10.244.1.2:8080'),
      CLOSED,
      UDP_CLOSED,
    ],
  },
  {
    name: 'chains: jump, goto, return, what follows',
    rules: `filter FORWARD: -j ONE
filter FORWARD: -m comment --comment after
filter ONE: -g TWO
filter ONE: -m comment --comment never
filter TWO: -p tcp -j THREE
filter TWO: -p udp -j RETURN
filter TWO: -m comment --comment two
filter THREE: -m conntrack --ctstate NEW -j RETURN
filter THREE: -j ACCEPT`,
    sends: [ACROSS, UDP, BESIDE],
  },
  {
    name: 'DROP in every table',
    rules: `raw PREROUTING: -p tcp -m tcp --dport 1 -j DROP
mangle PREROUTING: -p tcp -m tcp --dport 2 -j DROP
mangle FORWARD: -p tcp -m tcp --dport 3 -j DROP
filter FORWARD: -p tcp -m tcp --dport 4 -j DROP
mangle POSTROUTING: -p tcp -m tcp --dport 5 -j DROP
mangle INPUT: -p tcp -m tcp --dport 6 -j DROP
raw OUTPUT: -p tcp -m tcp --dport 7 -j DROP`,
    sends: [1, 2, 3, 4, 5]
      .map((port) => tcp(A1, `10.244.2.2:${port}`))
      .concat([tcp(A1, '172.18.0.11:6'), tcp('node1', '10.244.2.2:7')]),
  },
  {
    name: 'a firewall as people write it',
    rules: `filter INPUT: -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
filter INPUT: -i lo -j ACCEPT
filter INPUT: -p icmp -m icmp --icmp-type 8 -j ACCEPT
filter INPUT: -p tcp -m multiport --dports 22,32000 -m conntrack --ctstate NEW -m recent --set --name gate --mask 255.255.255.255 --rsource
filter INPUT: -p tcp -m multiport --dports 22,32000 -m conntrack --ctstate NEW -m recent --update --seconds 60 --hitcount 4 --name gate --mask 255.255.255.255 --rsource -j DROP
filter INPUT: -p tcp -m multiport --dports 22,32000 -j ACCEPT
filter INPUT: -m limit --limit 5/min -j LOG --log-prefix "denied: "
filter INPUT: -j REJECT --reject-with icmp-admin-prohibited
filter FORWARD: -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
filter FORWARD: -i cni0 ! -o cni0 -j ACCEPT
filter FORWARD: -j REJECT --reject-with icmp-host-prohibited`,
    sends: [
      INTO,
      INTO,
      INTO,
      INTO,
      tcp('node2', '172.18.0.11:9'),
      ACROSS,
      BESIDE,
      tcp(A2, '10.244.1.2:8080'),
      tcp('node1', '172.18.0.11:32000'),
      OUT,
    ],
  },
  {
    name: 'log and pass on',
    rules: `filter FORWARD: -j LOG --log-prefix "pp: " --log-level 6
filter FORWARD: -j NFLOG --nflog-prefix pp --nflog-group 3
mangle FORWARD: -p tcp -m tcp --tcp-flags SYN,RST SYN -j TCPMSS --set-mss 1360
mangle POSTROUTING: -j CHECKSUM --checksum-fill
mangle POSTROUTING: -j TOS --set-tos 0x10/0xff
mangle POSTROUTING: -j CLASSIFY --set-class 0001:0001
filter FORWARD: -j ACCEPT`,
    sends: [ACROSS, UDP],
  },
]
