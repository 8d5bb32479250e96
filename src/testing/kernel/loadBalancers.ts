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
    const [address] = balancer.addresses.filter((ip) => !ip.includes(':'))
    if (address === undefined) continue
    const rules: string[] = []
    const steering: string[] = []
    for (const { proto, port, nodePort } of balancer.ports) {
      const nodes = balancer.nodes.flatMap((node) => node.ips.filter((ip) => !ip.includes(':')))
      steering.push(`ip daddr ${address} ${proto} dport ${port} update @carried${mark} { ip saddr . ${proto} sport }`)
      for (const [index, ip] of nodes.entries()) {
        const share = (1 / (nodes.length - index)).toFixed(10)
        const chance = index === nodes.length - 1 ? '' : ` -m statistic --mode random --probability ${share}`
        const to = `-j DNAT --to-destination ${ip}:${nodePort}`
        rules.push(`-A PREROUTING -d ${address} -p ${proto} -m ${proto} --dport ${port}${chance} ${to}`)
        steering.push(`ip saddr ${ip} ${proto} sport ${nodePort} ip daddr . ${proto} dport @carried${mark} meta mark set ${mark}`)
      }
    }
    run(['ip', 'netns', 'exec', own, 'iptables-restore'], `*nat\n${rules.join('\n')}\nCOMMIT\n`)
    const router = nameOf('router')
    run(['ip', 'netns', 'exec', router, 'nft', '-f', '-'], steeringTable(mark, steering))
    run(['ip', '-n', router, 'rule', 'add', 'fwmark', String(mark), 'table', String(1_000 + mark)])
    run(['ip', '-n', router, 'route', 'add', 'default', 'via', address, 'table', String(1_000 + mark)])
    mark++
  }
}

/** Remembers who went to a load balancer, and marks what comes back from its Nodes to them. */
function steeringTable(mark: number, rules: readonly string[]): string {
  return `table ip steering${mark} {
  set carried${mark} {
    type ipv4_addr . inet_service
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
