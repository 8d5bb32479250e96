import { expect, test } from 'vitest'
import { handleRequest } from './http.js'
import { warningsOfCidr, warningsOfIp } from './ipWarnings.js'
import { restoreObjects } from './restore.js'
import { openTestWorld } from './testWorld.js'

const admin = { name: 'kubernetes-admin', thing: 'client/admin' }

function warningsOf(path: string, body: object): readonly string[] {
  const world = openTestWorld()
  return world.act((ctx) => {
    restoreObjects(ctx, [
      { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'default' } },
      { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'default', namespace: 'default' } },
    ])
    const response = handleRequest(ctx, admin, { verb: 'POST', path, query: {}, contentType: 'application/json', body })
    if (response.code !== 201) return [JSON.stringify(response)]
    // Without the header's code and quotes.
    return (response.warnings ?? []).map((each) => JSON.parse(each.replace(/^299 - /, '')) as string)
  })
}

const box = { name: 'c', image: 'nginx' }
const pod = (spec: object, annotations = {}): readonly string[] =>
  warningsOf('/api/v1/namespaces/default/pods', { metadata: { name: 'p', annotations }, spec: { containers: [box], ...spec } })
const container = (own: object): readonly string[] => pod({ containers: [{ ...box, ...own }] })
const service = (spec: object, annotations = {}): readonly string[] =>
  warningsOf('/api/v1/namespaces/default/services', {
    metadata: { name: 's', annotations },
    spec: { ports: [{ port: 80 }], selector: { app: 'web' }, ...spec },
  })

test.each<[string, () => readonly string[], readonly string[]]>([
  ['nothing', () => pod({}), []],
  [
    'an old label',
    () => pod({ nodeSelector: { 'beta.kubernetes.io/os': 'linux' } }),
    ['spec.nodeSelector[beta.kubernetes.io/os]: deprecated since v1.14; use "kubernetes.io/os" instead'],
  ],
  [
    'spread without a selector',
    () => pod({ topologySpreadConstraints: [{ topologyKey: 'zone', maxSkew: 1, whenUnsatisfiable: 'DoNotSchedule' }] }),
    ['spec.topologySpreadConstraints[0].labelSelector: a null labelSelector results in matching no pod'],
  ],
  [
    'affinity without a selector',
    () => pod({ affinity: { podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [{ topologyKey: 'zone' }] } } }),
    [
      'spec.affinity.podAffinity.requiredDuringSchedulingIgnoredDuringExecution[0].labelSelector: a null labelSelector results in matching no pod',
    ],
  ],
  [
    'parts of bytes',
    () => container({ resources: { requests: { memory: '100m' }, limits: { memory: '1500m' } } }),
    [
      'spec.containers[0].resources.limits[memory]: fractional byte value "1500m" is invalid, must be an integer',
      'spec.containers[0].resources.requests[memory]: fractional byte value "100m" is invalid, must be an integer',
    ],
  ],
  [
    'a variable twice',
    () =>
      container({
        env: [
          { name: 'A', value: 'x' },
          { name: 'A', value: 'y' },
        ],
      }),
    ['spec.containers[0].env[1]: hides previous definition of "A", which may be dropped when using apply'],
  ],
  [
    'a variable made of itself',
    () =>
      container({
        env: [
          { name: 'A', value: 'x' },
          { name: 'A', value: '$(A)y' },
        ],
      }),
    [],
  ],
  [
    'a port twice',
    () => container({ ports: [{ containerPort: 80 }, { containerPort: 80, hostPort: 81 }, { containerPort: 80 }] }),
    [
      'spec.containers[0].ports[1]: overlapping port definition with spec.containers[0].ports[0]',
      'spec.containers[0].ports[2]: duplicate port definition with spec.containers[0].ports[0]',
      'spec.containers[0].ports[2]: overlapping port definition with spec.containers[0].ports[1]',
    ],
  ],
  [
    'names twice',
    () => pod({ hostAliases: [{ ip: '1.2.3.4' }, { ip: '1.2.3.4' }] }),
    ['spec.hostAliases[1].ip: duplicate ip "1.2.3.4"'],
  ],
  [
    'an old volume',
    () => pod({ volumes: [{ name: 'v', gitRepo: { repository: 'x' } }] }),
    ['spec.volumes[0].gitRepo: deprecated in v1.11, and disabled by default in v1.33+'],
  ],
  [
    'an old annotation',
    () => pod({}, { 'scheduler.alpha.kubernetes.io/critical-pod': '' }),
    [
      'metadata.annotations[scheduler.alpha.kubernetes.io/critical-pod]: non-functional in v1.16+; use the "priorityClassName" field instead',
    ],
  ],
  [
    'an old distribution',
    () => service({ trafficDistribution: 'PreferClose' }),
    ['spec.trafficDistribution: "PreferClose" is deprecated; use "PreferSameZone"'],
  ],
  [
    'an old annotation of a Service',
    () => service({}, { 'service.kubernetes.io/topology-aware-hints': 'Auto' }),
    [
      'annotation service.kubernetes.io/topology-aware-hints is deprecated, please use service.kubernetes.io/topology-mode instead',
    ],
  ],
  [
    'what headless Services have no use for',
    () => service({ clusterIP: 'None', sessionAffinity: 'ClientIP' }),
    ['spec.SessionAffinity is ignored for headless services'],
  ],
  [
    'a range of IPv6 in capitals',
    () => service({ type: 'LoadBalancer', loadBalancerSourceRanges: ['2001:DB8::/64'] }),
    [
      'spec.loadBalancerSourceRanges[0]: IPv6 CIDR value "2001:DB8::/64" should be in RFC 5952 canonical format ("2001:db8::/64")',
    ],
  ],
])('%s', (_, warnings, expected) => {
  expect(warnings()).toEqual(expected)
})

test.each([
  ['10.0.0.1', []],
  [
    '010.0.0.1',
    ['f: non-standard IP address "010.0.0.1" will be considered invalid in a future Kubernetes release: use "10.0.0.1"'],
  ],
  [
    '::ffff:1.2.3.4',
    ['f: non-standard IP address "::ffff:1.2.3.4" will be considered invalid in a future Kubernetes release: use "1.2.3.4"'],
  ],
  ['2001:DB8::1', ['f: IPv6 address "2001:DB8::1" should be in RFC 5952 canonical format ("2001:db8::1")']],
])('address %s', (ip, expected) => {
  expect(warningsOfIp('f', ip)).toEqual(expected)
})

test.each([
  ['10.0.0.0/8', []],
  ['2001:db8:0::/48', ['f: IPv6 CIDR value "2001:db8:0::/48" should be in RFC 5952 canonical format ("2001:db8::/48")']],
  [
    '010.0.0.0/8',
    ['f: non-standard CIDR value "010.0.0.0/8" will be considered invalid in a future Kubernetes release: use "10.0.0.0/8"'],
  ],
])('range %s', (cidr, expected) => {
  expect(warningsOfCidr('f', cidr)).toEqual(expected)
})
