/** ICMP types by iptables' names, with their codes where they have some. Source: iptables libxt_icmp.h icmp_codes, icmpv6_codes */
const ICMP: Readonly<Record<string, string>> = {
  'echo-reply': '0',
  pong: '0',
  'destination-unreachable': '3',
  'network-unreachable': '3/0',
  'host-unreachable': '3/1',
  'protocol-unreachable': '3/2',
  'port-unreachable': '3/3',
  'fragmentation-needed': '3/4',
  'source-route-failed': '3/5',
  'network-unknown': '3/6',
  'host-unknown': '3/7',
  'network-prohibited': '3/9',
  'host-prohibited': '3/10',
  'TOS-network-unreachable': '3/11',
  'TOS-host-unreachable': '3/12',
  'communication-prohibited': '3/13',
  'host-precedence-violation': '3/14',
  'precedence-cutoff': '3/15',
  'source-quench': '4',
  redirect: '5',
  'network-redirect': '5/0',
  'host-redirect': '5/1',
  'echo-request': '8',
  ping: '8',
  'router-advertisement': '9',
  'router-solicitation': '10',
  'time-exceeded': '11',
  'ttl-exceeded': '11',
  'ttl-zero-during-transit': '11/0',
  'ttl-zero-during-reassembly': '11/1',
  'parameter-problem': '12',
  'ip-header-bad': '12/0',
  'required-option-missing': '12/1',
  'timestamp-request': '13',
  'timestamp-reply': '14',
  'address-mask-request': '17',
  'address-mask-reply': '18',
}

const ICMP6: Readonly<Record<string, string>> = {
  'destination-unreachable': '1',
  'no-route': '1/0',
  'communication-prohibited': '1/1',
  'beyond-scope': '1/2',
  'address-unreachable': '1/3',
  'port-unreachable': '1/4',
  'failed-policy': '1/5',
  'reject-route': '1/6',
  'packet-too-big': '2',
  'time-exceeded': '3',
  'ttl-exceeded': '3',
  'ttl-zero-during-transit': '3/0',
  'ttl-zero-during-reassembly': '3/1',
  'parameter-problem': '4',
  'bad-header': '4/0',
  'unknown-header-type': '4/1',
  'unknown-option': '4/2',
  'echo-request': '128',
  'echo-reply': '129',
  'mld-listener-query': '130',
  'mld-listener-report': '131',
  'mld-listener-done': '132',
  'router-solicitation': '133',
  'router-advertisement': '134',
  'neighbour-solicitation': '135',
  'neighbor-solicitation': '135',
  'neighbour-advertisement': '136',
  'neighbor-advertisement': '136',
  redirect: '137',
}

/** Errors as packets name them. */
const ERRORS: Readonly<Record<string, string>> = {
  'icmp-net-unreachable': '3/0',
  'icmp-host-unreachable': '3/1',
  'icmp-proto-unreachable': '3/2',
  'icmp-port-unreachable': '3/3',
  'icmp-net-prohibited': '3/9',
  'icmp-host-prohibited': '3/10',
  'icmp-admin-prohibited': '3/13',
  'icmp-time-exceeded': '11/0',
  'icmp6-no-route': '1/0',
  'icmp6-adm-prohibited': '1/1',
  'icmp6-addr-unreachable': '1/3',
  'icmp6-port-unreachable': '1/4',
  'icmp6-policy-fail': '1/5',
  'icmp6-reject-route': '1/6',
  'icmp6-time-exceeded': '3/0',
}

/** Type and code of a name, as `iptables-save` prints them (`3/3`, `8`); undefined when it is none. */
export function icmpNumber(name: string, family: 4 | 6): string | undefined {
  if (/^\d+(\/\d+)?$/.test(name)) return name
  return ERRORS[name] ?? (family === 4 ? ICMP : ICMP6)[name]
}

/** Codes of errors by nft's names. Source: nftables src/datatype.c icmp_code_tbl, icmpv6_code_tbl */
const CODES: Readonly<Record<4 | 6, Readonly<Record<string, string>>>> = {
  4: {
    'net-unreachable': '0',
    'host-unreachable': '1',
    'prot-unreachable': '2',
    'port-unreachable': '3',
    'frag-needed': '4',
    'net-prohibited': '9',
    'host-prohibited': '10',
    'admin-prohibited': '13',
  },
  6: {
    'no-route': '0',
    'admin-prohibited': '1',
    'addr-unreachable': '3',
    'port-unreachable': '4',
    'policy-fail': '5',
    'reject-route': '6',
  },
}

/** The number of an ICMP error's code. */
export function icmpCode(name: string, family: 4 | 6): string | undefined {
  return /^\d+$/.test(name) ? name : CODES[family][name]
}
