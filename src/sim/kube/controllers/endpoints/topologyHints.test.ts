import { describe, expect, test } from 'vitest'
import type { Endpoint } from '../../../../generated/kubeTypes.js'
import { SECOND } from '../../../core/time.js'
import { openStoryWorld } from '../conformance/storyWorld.js'
import type { StoredNode } from '../pods.js'
import { givingAndReceiving, hintsByZone, isOverloaded, planTopologyHints, refusalText, zoneRatios } from './topologyHints.js'

/** `a`, `a>b`: an endpoint of zone a, with a hint for b; `a!`: not ready; `?`: without zone. */
function endpoints(text: string): Endpoint[] {
  return text.split(' ').flatMap((word): Endpoint[] => {
    if (word === '') return []
    const [zone = '', hint] = word.replace('!', '').split('>')
    return [
      {
        addresses: ['10.0.0.1'],
        conditions: { ready: !word.includes('!') },
        ...(zone === '?' ? {} : { zone }),
        ...(hint === undefined ? {} : { hints: { forZones: [{ name: hint }] } }),
      },
    ]
  })
}

function text(list: readonly Endpoint[]): string {
  return list
    .map(({ zone = '?', conditions, hints }) => {
      const to = (hints?.forZones ?? []).map(({ name }) => `>${name}`).join('')
      return `${zone}${conditions?.ready === true ? '' : '!'}${to}`
    })
    .join(' ')
}

const node = (zone: string, cpu: string, ready = 'True', labels: Record<string, string> = {}): StoredNode => ({
  apiVersion: 'v1',
  kind: 'Node',
  metadata: {
    name: 'n',
    uid: 'u',
    resourceVersion: '1',
    creationTimestamp: '2026-01-01T00:00:00Z',
    labels: { ...labels, ...(zone === '' ? {} : { 'topology.kubernetes.io/zone': zone }) },
  },
  status: { allocatable: { cpu }, conditions: [{ type: 'Ready', status: ready }] },
})
const CONTROL = { 'node-role.kubernetes.io/control-plane': '' }

test.each<[string, readonly StoredNode[], Record<string, number> | undefined]>([
  ['no Node', [], undefined],
  ['one zone', [node('a', '1'), node('a', '1')], undefined],
  ['two zones', [node('a', '1'), node('b', '1')], { a: 0.5, b: 0.5 }],
  ['one of two not ready', [node('a', '1', 'False'), node('b', '1')], undefined],
  ['a control plane does not count', [node('a', '1'), node('b', '1', 'True', CONTROL)], undefined],
  ['unready ones do not count', [node('a', '1'), node('b', '1'), node('b', '1', 'False')], { a: 0.5, b: 0.5 }],
  ['a Node without zone', [node('a', '1'), node('b', '1'), node('', '1')], undefined],
  ['a Node without CPU', [node('a', '1'), node('b', '1'), node('b', '0')], undefined],
  [
    'three zones',
    [node('a', '3'), node('a', '2'), node('b', '3'), node('b', '1500m'), node('c', '500m')],
    { a: 0.5, b: 0.45, c: 0.05 },
  ],
])('shares of zones: %s', (_, nodes, expected) => {
  expect(zoneRatios(nodes)).toEqual(expected)
})

test.each<[string, Record<string, number> | undefined, readonly string[], readonly string[], string]>([
  [
    'nothing is known of Nodes',
    undefined,
    ['a'],
    [],
    'a | Insufficient Node information: allocatable CPU or zone not specified on one or more nodes',
  ],
  ['too few', { a: 0.3, b: 0.4, c: 0.3 }, ['a b'], [], 'a b | Insufficient number of endpoints (2 endpoints, 3 zones)'],
  ['enough for two', { a: 0.45, b: 0.55 }, ['a b'], [], 'a>a b>b | a1 b1'],
  ['those not ready get none', { a: 0.45, b: 0.55 }, ['a b b! b!'], [], 'a>a b>b b! b! | a1 b1'],
  [
    'one is given away',
    { a: 0.35, b: 0.35, c: 0.3 },
    ['a b', 'c c a', 'a a', 'b c a'],
    [],
    'a>b b>b; c>c c>c a>a; a>a a>a; b>b c>c a>a | a4 b3 c3',
  ],
  ['one without zone', { a: 0.5, b: 0.5 }, ['a ? b b'], [], 'a ? b b | One or more endpoints do not have a zone specified'],
  [
    'a share below one endpoint',
    { a: 0.5, b: 0.45, c: 0.05 },
    ['a a b'],
    [],
    'a a b | Unable to allocate minimum required endpoints to each zone without exceeding overload threshold (3 endpoints, 3 zones)',
  ],
  ['what fits is left alone', { a: 0.5, b: 0.5 }, ['b a'], ['a>b', 'a>a'], 'b>b a>a;; | a2 b2'],
  ['hints of a zone that is gone', { a: 0.5, b: 0.5 }, [], ['a>c b>b'], ';a>a b>b | a1 b1'],
  [
    'hints are taken out',
    undefined,
    [],
    ['a>a', 'b'],
    ';a | Insufficient Node information: allocatable CPU or zone not specified on one or more nodes',
  ],
])('hints: %s', (_, ratios, changing, unchanged, expected) => {
  const named = (list: readonly string[]) => list.map((each) => ({ slice: each, endpoints: endpoints(each) }))
  const plan = planTopologyHints(named(changing), named(unchanged), ratios)
  const said = plan.changing.map((each) => text(each.endpoints)).join('; ')
  const woken = plan.woken.map((each) => text(each.endpoints)).join('; ')
  const counts = Object.entries(plan.counts ?? {}).sort()
  const why = plan.refusal === undefined ? counts.map(([zone, count]) => `${zone}${count}`).join(' ') : refusalText(plan.refusal)
  const stay = unchanged.length === 0 ? '' : `;${woken === '' ? ';' : woken}`
  expect(`${said}${stay} | ${why}`).toBe(expected)
})

const desired = (zones: Record<string, number>) => new Map(Object.entries(zones).map(([zone, each]) => [zone, { desired: each }]))

test.each<[string, Record<string, number>, Record<string, number>, Record<string, number>, Record<string, number>]>([
  ['balanced', { a: 1.2, b: 1.1, c: 1 }, { a: 1, b: 1, c: 1 }, {}, {}],
  ['rather its own zone', { a: 5.1, b: 5.1, c: 5.8 }, { a: 16 }, { a: 10 }, { b: 5, c: 5 }],
  ['to whom most is lacking', { a: 5, b: 5.6, c: 5.4 }, { a: 16 }, { a: 11 }, { b: 6, c: 5 }],
  ['from who has most', { a: 5, b: 5.6, c: 5.4 }, { b: 8, c: 8 }, { b: 2, c: 3 }, { a: 5 }],
  ['more than wanted everywhere', { a: 5, b: 5, c: 5 }, { a: 6, b: 6, c: 6 }, {}, {}],
])('giving and receiving: %s', (_, allocations, counts, giving, receiving) => {
  const found = givingAndReceiving(counts, desired(allocations))
  expect(Object.fromEntries(found.giving)).toEqual(giving)
  expect(Object.fromEntries(found.receiving)).toEqual(receiving)
})

test.each<[string, string, Record<string, number>, Record<string, number>, Record<string, number> | undefined]>([
  ['nothing', '', {}, {}, {}],
  ['one', 'a>a', { a: 1 }, { a: 3 }, { a: 1 }],
  ['those not ready do not count', 'a>a a!>a', { a: 1 }, { a: 3 }, { a: 1 }],
  ['several', 'a>a a>b b>b', { a: 1, b: 1, c: 1 }, { a: 3, b: 3, c: 3 }, { a: 1, b: 2 }],
  ['a zone that is gone', 'a>x', { a: 1 }, { a: 3 }, undefined],
  ['no hint', 'a', {}, { a: 3 }, undefined],
  ['too many', 'a>a a>a', { a: 1 }, { a: 2 }, undefined],
])('hints of a slice: %s', (_, list, taken, maxima, expected) => {
  const allocations = new Map(Object.entries(maxima).map(([zone, maximum]) => [zone, { maximum }]))
  expect(hintsByZone(endpoints(list), taken, allocations)).toEqual(expected)
})

test.each<[string, Record<string, number>, Record<string, number> | undefined, boolean]>([
  ['nothing given', {}, { a: 0.5, b: 0.5 }, false],
  ['Nodes are unknown', { a: 1, b: 1 }, undefined, true],
  ['fits', { a: 5, b: 5 }, { a: 0.5, b: 0.5 }, false],
  ['a little too few', { a: 6, b: 5 }, { a: 0.4, b: 0.6 }, true],
  ['a zone is new', { a: 5 }, { a: 0.5, b: 0.5 }, true],
])('overloaded: %s', (_, zone, ratios, expected) => {
  expect(isOverloaded({ zones: { IPv4: zone }, populated: true }, ratios)).toBe(expected)
})

describe('EndpointSlices of a Service with the annotation', () => {
  function open() {
    const story = openStoryWorld()
    const zones = ['a', 'b', 'c']
    story.act((_, api) => {
      for (const [index, zone] of zones.entries()) {
        const name = `node${index + 1}`
        api.create('nodes', { ...node(zone, '4'), metadata: { name, labels: { 'topology.kubernetes.io/zone': zone } } })
        api.updateStatus('nodes', { ...node(zone, '4'), metadata: { name, labels: { 'topology.kubernetes.io/zone': zone } } })
      }
      for (let index = 0; index < 3; index++) {
        const pod = {
          metadata: { name: `web-${index}`, namespace: 'default', labels: { app: 'web' } },
          spec: { nodeName: `node${index + 1}`, containers: [{ name: 'app', image: 'nginx' }] },
        }
        api.create('pods', pod)
        const ip = `10.244.1.${index + 2}`
        const status = { phase: 'Running', podIP: ip, podIPs: [{ ip }], conditions: [{ type: 'Ready', status: 'True' }] }
        api.updateStatus('pods', { ...pod, status })
      }
    })
    story.pass(SECOND)
    story.act((_, api) => api.create('services', service({ 'service.kubernetes.io/topology-mode': 'Auto' })))
    story.pass(2 * SECOND)
    return story
  }
  const service = (annotations: Record<string, string>, spec = {}) => ({
    metadata: { name: 'web', namespace: 'default', annotations },
    spec: { selector: { app: 'web' }, ports: [{ port: 80 }], ...spec },
  })
  type Story = ReturnType<typeof open>
  function slices(story: Story): string {
    const listed = story.act((_, api) => api.list('endpointslices', { namespace: 'default' }))
    const list = (listed.ok ? listed.value : []).flatMap((each) => each.endpoints ?? [])
    return text([...list].sort((a, b) => ((a.addresses[0] ?? '') < (b.addresses[0] ?? '') ? -1 : 1)))
  }
  function events(story: Story): string[] {
    const listed = story.act((_, api) => api.list('events', { namespace: 'default' }))
    return (listed.ok ? listed.value : []).flatMap(({ reason, message = '' }) =>
      reason?.startsWith('TopologyAware') === true ? [`${reason}: ${message}`] : [],
    )
  }

  test('get a hint each, and lose them with the annotation', () => {
    const story = open()
    expect(slices(story)).toBe('a>a b>b c>c')
    expect(events(story)).toEqual(['TopologyAwareHintsEnabled: Topology Aware Hints has been enabled, addressType: IPv4'])
    story.act((_, api) => api.update('services', service({})))
    story.pass(2 * SECOND)
    expect(slices(story)).toBe('a b c')
    expect(events(story).at(-1)).toBe('TopologyAwareHintsDisabled: Topology Aware Hints has been disabled, addressType: IPv4')
  })

  test('lose them with the zone of a Node, and the annotation goes before trafficDistribution', () => {
    const story = open()
    story.act((_, api) => {
      api.update(
        'services',
        service({ 'service.kubernetes.io/topology-mode': 'auto' }, { trafficDistribution: 'PreferSameNode' }),
      )
      const found = api.get('nodes', 'node3')
      if (found.ok) api.update('nodes', { ...found.value, metadata: { ...found.value.metadata, labels: {} } })
    })
    story.pass(2 * SECOND)
    expect(slices(story)).toBe('a b ?')
    expect(events(story).at(-1)).toContain('Insufficient Node information')
  })
})
