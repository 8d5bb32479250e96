import { describe, expect, test } from 'vitest'
import { openApi } from './openApi.js'
import { restoreObjects } from './restore.js'
import { openTestWorld } from './testWorld.js'

const V4 = '10.96.0.0/16'
const V6 = 'fd00:96::/108'
const admin = { name: 'kubernetes-admin', thing: 'client/admin' }

type Spec = Readonly<Record<string, unknown>>

/** What becomes of a Service that is made and then written anew: `families policy addresses`, or the faults. */
function told(cidr: string, ...specs: readonly Spec[]): string {
  const world = openTestWorld({ serviceCidr: cidr })
  world.act((ctx) => restoreObjects(ctx, [{ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'default' } }]))
  let said = ''
  for (const [index, spec] of specs.entries()) {
    const service = { metadata: { name: 'web', namespace: 'default' }, spec: { ports: [{ port: 80 }], ...spec } }
    said = world.act((ctx) => {
      const api = openApi(ctx, admin)
      const written = index === 0 ? api.create('services', service) : api.update('services', service)
      if (!written.ok) return (written.error.details?.causes ?? []).map((each) => `${each.field}: ${each.message}`).join(' + ')
      const { ipFamilies = [], ipFamilyPolicy = '-', clusterIPs = [] } = written.value.spec ?? {}
      const ips = clusterIPs.map((ip) => (ip === 'None' || ip.startsWith('10.96.9.') ? ip : ip.includes(':') ? 'v6' : 'v4'))
      return `${ipFamilies.join()} ${ipFamilyPolicy} ${ips.join()}`.trim()
    })
  }
  return said
}

const selector = { app: 'web' }
const single = (family: string) => ({ ipFamilies: [family] })
const both = { ipFamilies: ['IPv4', 'IPv6'] }
const prefer = { ipFamilyPolicy: 'PreferDualStack' }
const require_ = { ipFamilyPolicy: 'RequireDualStack' }
const alone = { ipFamilyPolicy: 'SingleStack' }
const headless = { clusterIP: 'None' }
const none = 'this cluster is not configured for dual-stack services'
const several = "must be 'RequireDualStack' or 'PreferDualStack' when multiple"

describe('families of a new Service', () => {
  test.each<[string, string, Spec, string]>([
    ['a v4 cluster', V4, { selector }, 'IPv4 SingleStack v4'],
    ['a v6 cluster', V6, { selector }, 'IPv6 SingleStack v6'],
    ['both, v4 first', `${V4},${V6}`, { selector }, 'IPv4 SingleStack v4'],
    ['both, v6 first', `${V6},${V4}`, { selector }, 'IPv6 SingleStack v6'],
    ['prefer on one', V4, { selector, ...prefer }, 'IPv4 PreferDualStack v4'],
    ['prefer on both', `${V4},${V6}`, { selector, ...prefer }, 'IPv4,IPv6 PreferDualStack v4,v6'],
    ['prefer, v6 first', `${V4},${V6}`, { selector, ...prefer, ...single('IPv6') }, 'IPv6,IPv4 PreferDualStack v6,v4'],
    ['require on both', `${V6},${V4}`, { selector, ...require_ }, 'IPv6,IPv4 RequireDualStack v6,v4'],
    ['require on one', V4, { selector, ...require_ }, `spec.ipFamilyPolicy: Invalid value: "RequireDualStack": ${none}`],
    ['the second family alone', `${V4},${V6}`, { selector, ...single('IPv6') }, 'IPv6 SingleStack v6'],
    [
      'a family that is not there',
      V4,
      { selector, ...single('IPv6') },
      'spec.ipFamilies[0]: Invalid value: "IPv6": not configured on this cluster',
    ],
    [
      'both and require on one',
      V4,
      { selector, ...both, ...require_ },
      `spec.ipFamilyPolicy: Invalid value: "RequireDualStack": ${none} + spec.ipFamilies[1]: Invalid value: "IPv6": not configured on this cluster`,
    ],
    [
      'both without a policy',
      `${V4},${V6}`,
      { selector, ...both },
      `spec.ipFamilyPolicy: Invalid value: "SingleStack": ${several} IP families are specified`,
    ],
    [
      'two addresses without a policy',
      `${V4},${V6}`,
      { selector, clusterIP: '10.96.9.1', clusterIPs: ['10.96.9.1', 'fd00:96::9'] },
      `spec.ipFamilyPolicy: Invalid value: "SingleStack": ${several} cluster IPs are specified`,
    ],
    [
      'addresses without the first',
      `${V4},${V6}`,
      { selector, clusterIPs: ['10.96.9.1'] },
      'spec.clusterIPs: Invalid value: ["10.96.9.1"]: must be empty when `clusterIP` is not specified',
    ],
    [
      'another first address',
      V4,
      { selector, clusterIP: '10.96.9.2', clusterIPs: ['10.96.9.1'] },
      'spec.clusterIPs: Invalid value: ["10.96.9.1"]: first value must match `clusterIP`',
    ],
    [
      'two of one family',
      `${V4},${V6}`,
      { selector, ...prefer, clusterIP: '10.96.9.1', clusterIPs: ['10.96.9.1', '10.96.9.2'] },
      'spec.clusterIPs: Invalid value: ["10.96.9.1","10.96.9.2"]: may specify no more than one IP for each IP family',
    ],
    [
      'an address of the other family',
      `${V4},${V6}`,
      { selector, ...single('IPv6'), clusterIP: '10.96.9.1' },
      'spec.clusterIPs[0]: Invalid value: "10.96.9.1": expected an IPv6 value as indicated by `ipFamilies[0]`',
    ],
    [
      'an address of a family that is not there',
      V4,
      { selector, clusterIP: 'fd00:96::9' },
      'spec.clusterIPs[0]: Invalid value: ["fd00:96::9"]: IPv6 is not configured on this cluster',
    ],
    ['the address tells the family', `${V4},${V6}`, { selector, clusterIP: 'fd00:96::9' }, 'IPv6 SingleStack v6'],
    [
      'one address, prefer',
      `${V4},${V6}`,
      { selector, ...prefer, clusterIP: '10.96.9.1' },
      'IPv4,IPv6 PreferDualStack 10.96.9.1,v6',
    ],
    [
      'None and another',
      V4,
      { selector, clusterIP: 'None', clusterIPs: ['None', '10.96.9.1'] },
      'spec.clusterIPs: Invalid value: ["None","10.96.9.1"]: \'None\' must be the first and only value',
    ],
    ['headless with selector', V4, { selector, ...headless }, 'IPv4 SingleStack None'],
    ['headless with selector, prefer', V4, { selector, ...headless, ...prefer }, 'IPv4 PreferDualStack None'],
    [
      'headless with selector, require',
      V4,
      { selector, ...headless, ...require_ },
      `spec.ipFamilyPolicy: Invalid value: "RequireDualStack": ${none}`,
    ],
    ['headless without selector', V4, headless, 'IPv4,IPv6 RequireDualStack None'],
    ['headless without selector, v6', V6, headless, 'IPv6,IPv4 RequireDualStack None'],
    ['headless without selector, single', V4, { ...headless, ...alone }, 'IPv4 SingleStack None'],
    ['headless without selector, one family', V4, { ...headless, ...single('IPv6') }, 'IPv6,IPv4 RequireDualStack None'],
    ['external name', V4, { type: 'ExternalName', externalName: 'a.example.com' }, '-'],
  ])('%s', (_, cidr, spec, expected) => {
    expect(told(cidr, spec)).toBe(expected)
  })
})

describe('families of a Service that changes', () => {
  const dual = `${V4},${V6}`
  const release = 'Invalid value: "PreferDualStack": must be \'SingleStack\' to release the secondary'
  test.each<[string, Spec, Spec, string]>([
    ['up, to prefer', { selector }, { selector, ...prefer }, 'IPv4,IPv6 PreferDualStack v4,v6'],
    ['up, to require', { selector }, { selector, ...require_ }, 'IPv4,IPv6 RequireDualStack v4,v6'],
    [
      'up by families alone',
      { selector },
      { selector, ...both },
      `spec.ipFamilyPolicy: Invalid value: "SingleStack": ${several} IP families are specified`,
    ],
    ['down', { selector, ...prefer }, { selector, ...alone }, 'IPv4 SingleStack v4'],
    ['written anew without a word', { selector, ...require_ }, { selector }, 'IPv4,IPv6 RequireDualStack v4,v6'],
    [
      'down by families alone',
      { selector, ...prefer },
      { selector, ...single('IPv4') },
      `spec.ipFamilyPolicy: ${release} IP family`,
    ],
    [
      'down to the other family',
      { selector, ...prefer, clusterIP: '10.96.9.1' },
      { selector, ...alone, ...single('IPv6') },
      `spec.clusterIPs[0]: Invalid value: "10.96.9.1": expected an IPv6 value as indicated by \`ipFamilies[0]\``,
    ],
    [
      'up with another first family',
      { selector, clusterIP: '10.96.9.1' },
      { selector, ...prefer, ipFamilies: ['IPv6', 'IPv4'] },
      'spec.clusterIPs[0]: Invalid value: "10.96.9.1": expected an IPv6 value as indicated by `ipFamilies[0]`',
    ],
    ['to an external name', { selector, ...prefer }, { type: 'ExternalName', externalName: 'a.example.com' }, '-'],
    [
      'from an external name',
      { type: 'ExternalName', externalName: 'a.example.com' },
      { selector, ...prefer },
      'IPv4,IPv6 PreferDualStack v4,v6',
    ],
    [
      'another address',
      { selector, clusterIP: '10.96.9.1' },
      { selector, clusterIP: '10.96.9.2' },
      'spec.clusterIPs[0]: Invalid value: ["10.96.9.2"]: may not change once set',
    ],
    [
      'headless, other families',
      { selector, ...headless },
      { selector, ...headless, ...single('IPv6') },
      'IPv6 SingleStack None',
    ],
    [
      'headless to an address',
      { selector, ...headless },
      { selector, clusterIP: '10.96.9.2' },
      'spec.clusterIPs[0]: Invalid value: ["10.96.9.2"]: may not change once set',
    ],
  ])('%s', (_, before, after, expected) => {
    expect(told(dual, before, after)).toBe(expected)
  })
})

/** Node ports after each of several writes, `type port/nodePort..., healthCheckNodePort`; picked ones are told by letters. */
function ports(...specs: readonly Spec[]): string {
  const world = openTestWorld({ serviceCidr: V4 })
  world.act((ctx) => restoreObjects(ctx, [{ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'default' } }]))
  const letters = new Map<number, string>()
  const name = (port: number | undefined): string => {
    if (port === undefined || port === 0) return '-'
    if (port >= 30_000 && port < 30_010) return String(port)
    letters.set(port, letters.get(port) ?? String.fromCharCode(97 + letters.size))
    return letters.get(port) ?? ''
  }
  let said = ''
  for (const [index, spec] of specs.entries()) {
    const service = { metadata: { name: 'web', namespace: 'default' }, spec: { selector, ports: [{ port: 80 }], ...spec } }
    said = world.act((ctx) => {
      const api = openApi(ctx, admin)
      const written = index === 0 ? api.create('services', service) : api.update('services', service)
      if (!written.ok) return written.error.message.replace(/^.*is invalid: /, '')
      const { ports = [], healthCheckNodePort } = written.value.spec ?? {}
      const held = [...ctx.world.parts.api.nodePorts.keys()].map((each) => name(Number(each))).sort()
      const own = ports.map((each) => `${each.port}/${name(each.nodePort)}`)
      return `${own.join(' ')}${healthCheckNodePort === undefined ? '' : ` hc=${name(healthCheckNodePort)}`} held ${held.join()}`
    })
  }
  return said
}

describe('node ports', () => {
  const nodePort = { type: 'NodePort' }
  const balancer = { type: 'LoadBalancer' }
  const local = { ...balancer, externalTrafficPolicy: 'Local' }
  const two = (first: Spec, second: Spec) => ({
    ports: [
      { name: 'a', port: 80, ...first },
      { name: 'b', port: 81, ...second },
    ],
  })
  test.each<[string, readonly Spec[], string]>([
    ['given', [nodePort], '80/a held a'],
    ['asked for', [{ ...nodePort, ports: [{ port: 80, nodePort: 30_001 }] }], '80/30001 held 30001'],
    ['kept', [nodePort, nodePort], '80/a held a'],
    [
      'one for two protocols',
      [
        {
          ...nodePort,
          ports: [
            { name: 'a', port: 53 },
            { name: 'b', port: 53, protocol: 'UDP' },
          ],
        },
      ],
      '53/a 53/a held a',
    ],
    ['given back', [nodePort, { type: 'ClusterIP' }], '80/- held '],
    [
      'kept by name, whatever the port',
      [
        { ...nodePort, ...two({}, {}) },
        {
          ...nodePort,
          ports: [
            { name: 'b', port: 90 },
            { name: 'a', port: 91 },
          ],
        },
      ],
      '90/b 91/a held a,b',
    ],
    [
      'another for another name',
      [
        { ...nodePort, ...two({ nodePort: 30_001 }, {}) },
        { ...nodePort, ports: [{ name: 'c', port: 80 }] },
      ],
      '80/b held b',
    ],
    [
      'a port gone gives it back',
      [
        { ...nodePort, ...two({ nodePort: 30_001 }, { nodePort: 30_002 }) },
        { ...nodePort, ports: [{ name: 'a', port: 80 }] },
      ],
      '80/30001 held 30001',
    ],
    ['a load balancer without', [{ ...balancer, allocateLoadBalancerNodePorts: false }], '80/- held '],
    ['a load balancer keeps what it has', [balancer, { ...balancer, allocateLoadBalancerNodePorts: false }], '80/a held a'],
    [
      'a load balancer gets none later',
      [
        { ...balancer, allocateLoadBalancerNodePorts: false },
        { ...balancer, allocateLoadBalancerNodePorts: false, ports: [{ port: 81 }] },
      ],
      '81/- held ',
    ],
    ['a load balancer gets them later', [{ ...balancer, allocateLoadBalancerNodePorts: false }, balancer], '80/a held a'],
    ['to a load balancer', [nodePort, balancer], '80/a held a'],
    ['health check', [local], '80/a hc=b held a,b'],
    ['health check asked for', [{ ...local, healthCheckNodePort: 30_005 }], '80/a hc=30005 held 30005,a'],
    ['health check kept', [local, local], '80/a hc=b held a,b'],
    ['health check given back', [local, balancer], '80/a held a'],
    ['health check given later', [balancer, local], '80/a hc=b held a,b'],
    [
      'health check changed',
      [
        { ...local, healthCheckNodePort: 30_005 },
        { ...local, healthCheckNodePort: 30_006 },
      ],
      'spec.healthCheckNodePort: Forbidden: field is immutable',
    ],
    ['all given back', [local, { type: 'ClusterIP' }], '80/- held '],
    [
      'a health check without need',
      [{ ...balancer, healthCheckNodePort: 30_005 }],
      "spec.healthCheckNodePort: Invalid value: 30005: may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'",
    ],
    [
      'the kubelet has its own',
      [{ ...balancer, ports: [{ port: 10_250 }] }],
      'spec.ports[0]: Invalid value: 10250: may not expose port 10250 externally since it is used by kubelet',
    ],
    [
      'ranges of another type',
      [{ ...nodePort, loadBalancerSourceRanges: ['10.0.0.0/8'] }],
      "spec.LoadBalancerSourceRanges: Forbidden: may only be used when `type` is 'LoadBalancer'",
    ],
    [
      'a class changed',
      [
        { ...balancer, loadBalancerClass: 'example.com/a' },
        { ...balancer, loadBalancerClass: 'example.com/b' },
      ],
      'spec.loadBalancerClass: Invalid value: "example.com/b": may not change once set',
    ],
    [
      'a class of another type',
      [{ ...nodePort, loadBalancerClass: '-bad-' }],
      "spec.loadBalancerClass: Forbidden: may only be used when `type` is 'LoadBalancer'",
    ],
  ])('%s', (_, specs, expected) => {
    expect(ports(...specs)).toBe(expected)
  })
})
