import type { Family } from '../../sim/net/address.js'
import { FAMILIES, familyOf } from '../../sim/net/address.js'
import type { LoadBalancer } from '../../sim/net/loadBalancer.js'
import type { HostName, NetState } from '../../sim/net/state.js'
import { run } from './shell.js'

/**
 * Makes hosts that are load balancers behave like ones of kind `nodeport`: a new connection goes to the NodePort of one of the Nodes,
 * each as likely as the others, with the client's address kept; the gateway brings the answers back to the load balancer.
 */
export function layLoadBalancers(net: NetState, nameOf: (host: HostName) => string): void {
  let mark = 1
  for (const [host, balancer] of net.loadBalancers) {
    if (balancer.kind !== 'nodeport') continue
    const own = nameOf(host)
    run(['ip', 'netns', 'exec', own, 'sysctl', '-q', '-w', 'net.ipv4.ip_forward=1'])
    for (const family of FAMILIES) {
      if (layFamily(balancer, family, own, nameOf('router'), mark)) mark++
    }
  }
}

function layFamily(balancer: LoadBalancer, family: Family, own: string, router: string, mark: number): boolean {
  const [address] = balancer.addresses.filter((ip) => familyOf(ip) === family)
  if (address === undefined) return false
  const isIpv6 = family === 6
  const ip = isIpv6 ? 'ip6' : 'ip'
  const rules: string[] = []
  const steering: string[] = []
  for (const { proto, port, nodePort } of balancer.ports) {
    const nodes = balancer.nodes.flatMap((node) => node.ips.filter((each) => familyOf(each) === family))
    steering.push(`${ip} daddr ${address} ${proto} dport ${port} update @carried${mark} { ${ip} saddr . ${proto} sport }`)
    for (const [index, node] of nodes.entries()) {
      const share = (1 / (nodes.length - index)).toFixed(10)
      const chance = index === nodes.length - 1 ? '' : ` -m statistic --mode random --probability ${share}`
      const to = `-j DNAT --to-destination ${isIpv6 ? `[${node}]` : node}:${nodePort}`
      rules.push(`-A PREROUTING -d ${address} -p ${proto} -m ${proto} --dport ${port}${chance} ${to}`)
      const answers = `${ip} saddr ${node} ${proto} sport ${nodePort} ${ip} daddr . ${proto} dport @carried${mark}`
      steering.push(`${answers} meta mark set ${mark}`)
    }
  }
  const restore = isIpv6 ? 'ip6tables-restore' : 'iptables-restore'
  run(['ip', 'netns', 'exec', own, restore], `*nat\n${rules.join('\n')}\nCOMMIT\n`)
  run(['ip', 'netns', 'exec', router, 'nft', '-f', '-'], steeringTable(ip, mark, steering))
  const at = ['ip', isIpv6 ? '-6' : '-4', '-n', router]
  run([...at, 'rule', 'add', 'fwmark', String(mark), 'table', String(1_000 + mark)])
  run([...at, 'route', 'add', 'default', 'via', address, 'dev', 'eth0', 'table', String(1_000 + mark)])
  return true
}

/** Remembers who went to a load balancer, and marks what comes back from its Nodes to them. */
function steeringTable(ip: 'ip' | 'ip6', mark: number, rules: readonly string[]): string {
  return `table ${ip} steering${mark} {
  set carried${mark} {
    type ${ip === 'ip6' ? 'ipv6_addr' : 'ipv4_addr'} . inet_service
    flags dynamic,timeout
    timeout 1m
  }
  chain pre {
    type filter hook prerouting priority mangle
    ${rules.join('\n    ')}
  }
}
`
}
