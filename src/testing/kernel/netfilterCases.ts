/** A connection to make: `a1 > 10.244.2.2:8080`, with the protocol, the source port and a time to wait before it where they matter. */
export interface Send {
  readonly from: string
  readonly to: string
  readonly proto?: 'tcp' | 'udp'
  readonly sport?: number
  /** Seconds that pass before. */
  readonly wait?: number
  /** The answer is none to its sender: it comes from an address that was not asked. */
  readonly unheard?: true
  /** Milliseconds after which an error may come: a host looks for an absent neighbour for three seconds. */
  readonly patience?: number
}

/** Rules of one Node, and connections made one after the other under them. */
export interface NetfilterCase {
  readonly name: string
  /** `table CHAIN: rest of the rule` lines. */
  readonly rules: string
  readonly sends: readonly Send[]
  /** Whose rules they are: node1 unless given. */
  readonly node?: string
  /** `ipset save` text. */
  readonly sets?: string
  readonly family?: 4 | 6
  /** `bridge-nf-call-iptables` of the Node. */
  readonly bridgeNf?: false
}

const A1 = 'pod/default/a1'
const B1 = 'pod/default/b1'
const A2 = 'pod/default/a2'
const CLIENT = 'client/203.0.113.7'
const CLIENT6 = 'client/2001:db8::7'

const tcp = (from: string, to: string, more: Partial<Send> = {}): Send => ({ from, to, ...more })
const udp = (from: string, to: string, more: Partial<Send> = {}): Send => ({ from, to, proto: 'udp', ...more })

const ACROSS = tcp(A1, '10.244.2.2:8080')
const BESIDE = tcp(A1, '10.244.1.3:8080')
const INTO = tcp('node2', '172.18.0.11:32000')
const OUT = tcp('node1', '10.244.2.2:8080')
const CLOSED = tcp(A1, '10.244.2.2:81')
const UDP = udp(A1, '10.244.2.2:5353')
const UDP_CLOSED = udp(A1, '10.244.2.2:54')

/** A rule that shows whether a packet meets a condition, in FORWARD, for first packets. */
const asked = (...conditions: readonly string[]): string =>
  conditions.map((each) => `filter FORWARD: ${each} -m comment --comment met`).join('\n')

const SETS = `create IPS hash:ip family inet hashsize 1024 maxelem 65536
add IPS 10.244.2.2
create CIP hash:ip,port family inet hashsize 1024 maxelem 65536
add CIP 10.244.2.2,tcp:8080
add CIP 10.244.2.2,udp:5353
create LOOP hash:ip,port,ip family inet hashsize 1024 maxelem 65536
add LOOP 10.244.2.2,tcp:8080,10.244.1.2
create IPN hash:ip,port,net family inet hashsize 1024 maxelem 65536
add IPN 10.244.2.2,tcp:8080,10.244.1.0/24
create PORTS bitmap:port range 0-65535
add PORTS 8080
create BIT bitmap:ip range 10.244.1.0-10.244.1.255
add BIT 10.244.1.2
create NETS hash:net family inet hashsize 1024 maxelem 65536
add NETS 10.244.0.0/16
add NETS 10.244.2.0/24 nomatch
create NP hash:net,port family inet hashsize 1024 maxelem 65536
add NP 10.244.2.0/24,tcp:8080
create IFS hash:net,iface family inet hashsize 1024 maxelem 65536
add IFS 10.244.1.0/24,cni0
create CUT hash:ip family inet hashsize 1024 maxelem 65536 netmask 24
add CUT 10.244.1.0
create OLD hash:ip family inet hashsize 1024 maxelem 65536 timeout 600
add OLD 10.244.1.2 timeout 300
create V6 hash:ip family inet6 hashsize 1024 maxelem 65536
create ALL list:set size 8
add ALL V6
add ALL IPS
`

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

const WEB = '172.18.0.11:80'

/** What netfilter does, item by item. */
export const NETFILTER_CASES: readonly NetfilterCase[] = [
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
filter FORWARD: -m conntrack --ctdir ORIGINAL`,
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
  {
    name: 'statistic: every nth',
    rules: `${asked(
      '-m conntrack --ctstate NEW -m statistic --mode nth --every 3 --packet 0',
      '-m conntrack --ctstate NEW -m statistic --mode nth --every 2 --packet 1',
      '-m conntrack --ctstate NEW -m statistic --mode nth ! --every 3 --packet 2',
      '-m statistic --mode random --probability 1.00000000000',
      '-m statistic --mode random ! --probability 1.00000000000',
    )}`,
    sends: [ACROSS, ACROSS, UDP, ACROSS, BESIDE, ACROSS, ACROSS],
  },
  {
    name: 'statistic: one endpoint after the other',
    rules: `nat PREROUTING: -d 10.96.0.10/32 -p tcp -m statistic --mode nth --every 2 --packet 0 -j DNAT --to-destination 10.244.2.2:8080
nat PREROUTING: -d 10.96.0.10/32 -p tcp -j DNAT --to-destination 10.244.1.3:8080`,
    sends: [1, 2, 3, 4].map(() => tcp(A1, '10.96.0.10:80')),
  },
  {
    name: 'recent: set, rcheck, update, remove',
    rules: asked(
      '-m conntrack --ctstate NEW -m recent --rcheck --name one --mask 255.255.255.255 --rsource',
      '-m conntrack --ctstate NEW -m recent ! --rcheck --name one --mask 255.255.255.255 --rsource',
      '-p udp -m conntrack --ctstate NEW -m recent --remove --name one --mask 255.255.255.255 --rsource',
      '-p tcp -m conntrack --ctstate NEW -m recent --set --name one --mask 255.255.255.255 --rsource',
      '-m conntrack --ctstate NEW -m recent --update --hitcount 3 --name two --mask 255.255.255.255 --rdest',
      '-p tcp -m conntrack --ctstate NEW -m recent ! --set --name two --mask 255.255.255.255 --rdest',
    ),
    sends: [ACROSS, ACROSS, BESIDE, ACROSS, UDP, ACROSS, UDP, UDP, ACROSS],
  },
  {
    name: 'recent: seconds, hits, reaping, networks',
    rules: `${asked(
      '-m conntrack --ctstate NEW -m recent --rcheck --seconds 1 --name a --mask 255.255.255.255 --rsource',
      '-m conntrack --ctstate NEW -m recent --rcheck --seconds 1 --reap --name b --mask 255.255.255.255 --rsource',
      '-m conntrack --ctstate NEW -m recent --rcheck --seconds 60 --hitcount 2 --name a --mask 255.255.255.255 --rsource',
      '-m conntrack --ctstate NEW -m recent --rcheck --name c --mask 255.255.255.0 --rsource',
      '-m conntrack --ctstate NEW -m recent --update --seconds 1 --name d --mask 255.255.255.255 --rsource',
      '-m conntrack --ctstate NEW -m recent --set --name a --mask 255.255.255.255 --rsource',
      '-m conntrack --ctstate NEW -m recent --set --name b --mask 255.255.255.255 --rsource',
      '-m conntrack --ctstate NEW -m recent --set --name c --mask 255.255.255.0 --rsource',
      '-s 10.244.1.2/32 -m conntrack --ctstate NEW -m recent ! --rcheck --name d --mask 255.255.255.255 --rsource -j NEWONE',
    )}
filter NEWONE: -m recent --set --name d --mask 255.255.255.255 --rsource`,
    sends: [ACROSS, ACROSS, tcp(B1, '10.244.2.2:8080'), tcp(A1, '10.244.2.2:8080', { wait: 2.3 }), ACROSS],
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
  {
    name: 'limits',
    rules: `filter FORWARD: -m conntrack --ctstate NEW -m limit --limit 30/min --limit-burst 2 -j LOG --log-prefix "podpath test "
filter FORWARD: -m conntrack --ctstate NEW -m limit --limit 3/hour --limit-burst 1
filter FORWARD: -m conntrack --ctstate NEW -m hashlimit --hashlimit-upto 30/min --hashlimit-burst 2 --hashlimit-mode srcip --hashlimit-name pp1
filter FORWARD: -m conntrack --ctstate NEW -m hashlimit --hashlimit-above 1/min --hashlimit-burst 1 --hashlimit-mode srcip,dstport --hashlimit-name pp2`,
    sends: [ACROSS, ACROSS, ACROSS, tcp(B1, '10.244.2.2:8080'), UDP, tcp(A1, '10.244.2.2:8080', { wait: 2.3 }), ACROSS],
  },
  {
    name: 'sets',
    sets: SETS,
    rules: asked(
      '-m set --match-set IPS dst',
      '-m set --match-set IPS src',
      '-m set ! --match-set IPS src',
      '-m set --match-set CIP dst,dst',
      '-m set --match-set CIP src,src',
      '-m set --match-set CIP dst',
      '-m set --match-set LOOP dst,dst,src',
      '-m set --match-set LOOP src,src,dst',
      '-m set --match-set IPN dst,dst,src',
      '-m set --match-set PORTS dst',
      '-m set --match-set PORTS src',
      '-m set --match-set BIT src',
      '-m set --match-set BIT dst',
      '-m set --match-set NETS src',
      '-m set --match-set NETS dst',
      '-m set ! --match-set NETS dst',
      '-m set --match-set NETS dst --return-nomatch',
      '-m set --match-set NETS src --return-nomatch',
      '-m set --match-set NP dst,dst',
      '-m set --match-set NP src,dst',
      '-m set --match-set IFS src,src',
      '-m set --match-set IFS src,dst',
      '-m set --match-set IFS dst,dst',
      '-m set --match-set CUT src',
      '-m set --match-set CUT dst',
      '-m set --match-set OLD src',
      '-m set --match-set ALL dst',
      '-m set --match-set ALL src',
      '-m set ! --match-set ALL src,dst',
    ),
    sends: [ACROSS, UDP, BESIDE, UDP_CLOSED, tcp(A2, '10.244.1.2:8080')],
  },
  {
    name: 'rules that change sets',
    sets: SETS.replaceAll('IPS', 'OTHERS')
      .replaceAll('OLD', 'TIMED')
      .replace(/^create (?!OTHERS|TIMED).*|^add (?!OTHERS|TIMED).*/gm, ''),
    rules: `filter FORWARD: -m set --match-set OTHERS src -m comment --comment known
filter FORWARD: -m set --match-set TIMED dst -m comment --comment timed
filter FORWARD: -p tcp -m conntrack --ctstate NEW -j SET --add-set OTHERS src
filter FORWARD: -p tcp -m conntrack --ctstate NEW -j SET --add-set TIMED dst --exist --timeout 1
filter FORWARD: -p udp -m conntrack --ctstate NEW -j SET --del-set OTHERS src`,
    sends: [ACROSS, ACROSS, tcp(A1, '10.244.2.2:8080', { wait: 2.2 }), UDP, ACROSS],
  },
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
    sends: [ACROSS, INTO, OUT, BESIDE, tcp(A1, '10.96.0.10:80', { unheard: true }), tcp(CLIENT, '172.18.0.11:81')],
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
    name: 'IPv6: sets',
    family: 6,
    sets: `create IPS6 hash:ip family inet6 hashsize 1024 maxelem 65536
add IPS6 fd00:10:244:2::2
create NETS6 hash:net family inet6 hashsize 1024 maxelem 65536
add NETS6 fd00:10:244::/48
add NETS6 fd00:10:244:2::/64 nomatch
create CIP6 hash:ip,port family inet6 hashsize 1024 maxelem 65536
add CIP6 fd00:10:244:2::2,tcp:8080
create PORTS6 bitmap:port range 0-65535
add PORTS6 5353
create ALL6 list:set size 8
add ALL6 IPS6
`,
    rules: asked(
      '-m set --match-set IPS6 dst',
      '-m set --match-set NETS6 src',
      '-m set --match-set NETS6 dst',
      '-m set --match-set NETS6 dst --return-nomatch',
      '-m set --match-set CIP6 dst,dst',
      '-m set --match-set PORTS6 dst',
      '-m set --match-set ALL6 dst',
      '-m set ! --match-set ALL6 src',
    ),
    sends: [tcp(A1, '[fd00:10:244:2::2]:8080'), udp(A1, '[fd00:10:244:2::2]:5353'), tcp(A1, '[fd00:10:244:1::3]:8080')],
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
  {
    name: 'marks that reroute nothing, NAT in INPUT',
    rules: `nat INPUT: -p tcp -m tcp --dport 32000 -j SNAT --to-source 172.18.0.99
filter INPUT: -s 172.18.0.99/32 -m comment --comment rewritten
filter INPUT: -m comment --comment here`,
    sends: [INTO],
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
  {
    name: 'IPv6: matches and NAT',
    family: 6,
    rules: `nat PREROUTING: -d fc00:f853:ccd:e793::11/128 -p tcp -m tcp --dport 80 -j DNAT --to-destination [fd00:10:244:2::2]:8080
nat PREROUTING: -d fc00:f853:ccd:e793::11/128 -p tcp -m tcp --dport 90 -j REDIRECT --to-ports 32000
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
    ],
  },
]

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
