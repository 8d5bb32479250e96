import type { NetfilterCase } from './case.js'
import { A1, ACROSS, BESIDE, CLIENT, CLOSED, tcp, UDP } from './case.js'

const SERVICE = `nat PREROUTING: -j SERVICES
nat OUTPUT: -j SERVICES
nat SERVICES: -d 10.96.0.10/32 ! -s 10.244.0.0/16 -p tcp -m tcp --dport 80 -j MARK --set-xmark 0x4000/0x4000
nat SERVICES: -d 10.96.0.10/32 -p tcp -m tcp --dport 80 -j DNAT --to-destination 10.244.2.2:8080
nat SERVICES: -d 172.18.0.11/32 -p tcp -m tcp --dport 30080 -j MARK --set-xmark 0x4000/0x4000
nat SERVICES: -d 172.18.0.11/32 -p tcp -m tcp --dport 30080 -j DNAT --to-destination 10.244.2.2:8080
nat POSTROUTING: -m mark ! --mark 0x4000/0x4000 -j RETURN`

const THROUGH = [
  ACROSS,
  UDP,
  CLOSED,
  tcp(A1, '10.96.0.10:80'),
  tcp('node1', '10.96.0.10:80'),
  tcp('node1', '10.244.2.2:8080'),
  tcp(CLIENT, '172.18.0.11:30080'),
  BESIDE,
]

/** Rules of both Nodes of a cluster that VXLAN joins: what is carried, and what carries it. */
export const VXLAN_CASES: readonly NetfilterCase[] = [
  {
    name: 'Services through VXLAN',
    rules: `${SERVICE}
nat POSTROUTING: -j MARK --set-xmark 0x4000/0x0
nat POSTROUTING: -j MASQUERADE --random-fully
filter INPUT: -i eth0 -p udp -m udp --dport 8472
filter FORWARD: -i flannel.1
filter FORWARD: -o flannel.1
filter OUTPUT: -p udp -m udp --dport 8472
filter OUTPUT: -o flannel.1`,
    sends: THROUGH,
  },
  {
    name: 'a mark that is kept masquerades the carrier again',
    rules: `${SERVICE}
nat POSTROUTING: -j MASQUERADE --random-fully
mangle OUTPUT: -m mark --mark 0x4000/0x4000 -m comment --comment carrier`,
    sends: THROUGH,
  },
  {
    name: 'a firewall that does not know the tunnel',
    rules: `filter INPUT: -i eth0 -p udp -m udp --dport 8472 -s 172.18.0.11/32 -j DROP
filter FORWARD: -p tcp -m tcp --dport 8080`,
    sends: [ACROSS, UDP, BESIDE],
  },
]
