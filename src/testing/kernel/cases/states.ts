import type { NetfilterCase } from './case.js'
import { A1, ACROSS, asked, BESIDE, CLOSED, tcp, UDP, UDP_CLOSED } from './case.js'

/** What conntrack and marks say of a packet. */
export const STATE_CASES: readonly NetfilterCase[] = [
  {
    name: 'conntrack: states and statuses',
    rules: asked(
      ...['NEW', 'ESTABLISHED', 'RELATED', 'INVALID', 'UNTRACKED', 'DNAT', 'SNAT', 'NEW,RELATED'].map(
        (state) => `-m conntrack --ctstate ${state}`,
      ),
      '-m conntrack ! --ctstate NEW',
      '-m conntrack ! --ctstate RELATED,ESTABLISHED,DNAT',
      '-m state --state NEW',
      ...['NONE', 'SEEN_REPLY', 'ASSURED', 'CONFIRMED'].map((status) => `-m conntrack --ctstatus ${status}`),
      '-m conntrack ! --ctstatus SEEN_REPLY',
      '-m conntrack --ctdir ORIGINAL',
      '-m conntrack --ctdir REPLY',
      '-m conntrack --ctproto tcp',
      '-m conntrack ! --ctproto tcp',
    ),
    sends: [ACROSS, UDP, CLOSED, UDP_CLOSED, BESIDE],
  },
  {
    name: 'conntrack: what the connection was and will be',
    rules: `nat PREROUTING: -d 10.96.0.10/32 -p tcp -m tcp --dport 80 -j DNAT --to-destination 10.244.2.2:8080
nat POSTROUTING: -d 10.244.2.2/32 -j SNAT --to-source 172.18.0.11
${asked(
  '-m conntrack --ctorigsrc 10.244.1.2',
  '-m conntrack --ctorigdst 10.96.0.10',
  '-m conntrack --ctorigdst 10.96.0.0/16',
  '-m conntrack ! --ctorigdst 10.96.0.10',
  '-m conntrack --ctorigdstport 80',
  '-m conntrack --ctreplsrc 10.244.2.2',
  '-m conntrack --ctreplsrcport 8080',
  '-m conntrack --ctrepldst 10.244.1.2',
  '-m conntrack --ctrepldst 172.18.0.11',
  '-m conntrack --ctstate DNAT',
  '-m conntrack --ctstate SNAT',
)}`,
    sends: [tcp(A1, '10.96.0.10:80'), ACROSS],
  },
  {
    name: 'untracked',
    rules: `raw PREROUTING: -s 10.244.1.2/32 -p tcp -j CT --notrack
raw PREROUTING: -s 10.244.1.2/32 -p udp -j NOTRACK
nat PREROUTING: -s 10.244.1.2/32 -p tcp -j DNAT --to-destination 10.244.2.3
nat POSTROUTING: -s 10.244.1.2/32 -j MASQUERADE
filter FORWARD: -m conntrack --ctstate UNTRACKED
filter FORWARD: -m conntrack --ctstate INVALID -m comment --comment invalid
filter FORWARD: -m conntrack --ctstate NEW -m comment --comment new
filter FORWARD: -m conntrack --ctstatus NONE
filter FORWARD: -m conntrack --ctdir ORIGINAL
filter FORWARD: -m connmark --mark 0x0
filter FORWARD: -m connmark ! --mark 0x3/0x3`,
    sends: [ACROSS, UDP],
  },
  {
    name: 'an answer that was never asked for is invalid',
    rules: `raw PREROUTING: -s 10.244.1.2/32 -p tcp -j CT --notrack
filter FORWARD: -m conntrack --ctstate INVALID -j DROP`,
    sends: [ACROSS],
  },
  {
    name: 'marks of packets',
    rules: `mangle PREROUTING: -p tcp -j MARK --set-xmark 0x4000/0x4000
mangle PREROUTING: -p udp -j MARK --set-mark 0x12/0xff
mangle FORWARD: -p tcp -j MARK --or-mark 0x3
mangle FORWARD: -p udp -j MARK --and-mark 0xf2
mangle POSTROUTING: -j MARK --xor-mark 0x4001
${asked(
  '-m mark --mark 0x4000/0x4000',
  '-m mark ! --mark 0x4000/0x4000',
  '-m mark --mark 0x4003',
  '-m mark --mark 0x2/0xf',
  '-m mark --mark 0x12',
  '-m mark --mark 0x0',
)}
nat POSTROUTING: -m mark --mark 0x2 -m comment --comment two
nat POSTROUTING: -m mark ! --mark 0x4000/0x4000 -m comment --comment not`,
    sends: [ACROSS, UDP, BESIDE],
  },
  {
    name: 'marks of connections',
    rules: `mangle PREROUTING: -m conntrack --ctstate NEW -p tcp -j CONNMARK --set-xmark 0x85/0xff
mangle PREROUTING: -m conntrack --ctstate NEW -p udp -j MARK --set-mark 0x1234
mangle PREROUTING: -m conntrack --ctstate NEW -p udp -j CONNMARK --save-mark --nfmask 0xff0 --ctmask 0xff0
mangle PREROUTING: -m conntrack --ctstate ESTABLISHED -j CONNMARK --restore-mark --nfmask 0xf0 --ctmask 0xf0
${asked(
  '-m connmark --mark 0x85',
  '-m connmark --mark 0x80/0x80',
  '-m connmark --mark 0x230',
  '-m connmark ! --mark 0x80/0x80',
  '-m mark --mark 0x80',
  '-m mark --mark 0x30',
  '-m mark --mark 0x1234',
)}
mangle POSTROUTING: -p tcp -m conntrack --ctstate NEW -j CONNMARK --set-mark 0x1/0x4
mangle POSTROUTING: -m connmark --mark 0x81 -m comment --comment cleared`,
    sends: [ACROSS, UDP, BESIDE],
  },
]
