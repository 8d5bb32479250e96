import { expect, test } from 'vitest'
import { SECOND } from '../../../core/time.js'
import { openStoryWorld } from '../conformance/storyWorld.js'

type Subset = Readonly<Record<string, unknown>>

/** What a person's Endpoints become: `family ports: addresses` of each slice. */
function mirrored(subsets: readonly Subset[], metadata = {}, selector?: Readonly<Record<string, string>>): readonly string[] {
  const story = openStoryWorld()
  story.act((_, api) => {
    const spec = { ports: [{ port: 80 }], ...(selector === undefined ? {} : { selector }) }
    api.create('services', { metadata: { name: 'db', namespace: 'default' }, spec })
    const made = api.create('endpoints', {
      apiVersion: 'v1',
      kind: 'Endpoints',
      metadata: { name: 'db', namespace: 'default', ...metadata },
      subsets: subsets as never,
    })
    expect(made.ok ? '' : made.error.message).toBe('')
  })
  story.pass(2 * SECOND)
  const listed = story.act((_, api) => api.list('endpointslices', { namespace: 'default' }))
  return (listed.ok ? listed.value : [])
    .filter((each) => each.metadata.labels?.['endpointslice.kubernetes.io/managed-by']?.includes('mirroring') === true)
    .map(({ addressType, ports, endpoints }) => {
      const which = (ports ?? []).map((each) => each.port).join()
      const whom = (endpoints ?? []).map((each) => `${each.addresses.join()}${each.conditions?.ready === true ? '' : '!'}`)
      return `${addressType} ${which}: ${whom.sort().join(' ')}`
    })
    .sort()
}

const http = { name: 'http', port: 80, protocol: 'TCP' }
const other = { name: 'http', port: 3000, protocol: 'TCP' }
const at = (...ips: readonly string[]) => ips.map((ip) => ({ ip }))

test.each<[string, readonly Subset[], readonly string[]]>([
  ['none', [], []],
  ['one', [{ addresses: at('10.0.0.1'), ports: [http] }], ['IPv4 80: 10.0.0.1']],
  [
    'ready and not',
    [{ addresses: at('10.0.0.1'), notReadyAddresses: at('10.0.0.2'), ports: [http] }],
    ['IPv4 80: 10.0.0.1 10.0.0.2!'],
  ],
  [
    'two ports of their own',
    [
      { addresses: at('10.0.0.1'), ports: [http] },
      { addresses: at('10.0.0.2', '10.0.0.3'), ports: [other] },
    ],
    ['IPv4 3000: 10.0.0.2 10.0.0.3', 'IPv4 80: 10.0.0.1'],
  ],
  [
    'the same ports twice',
    [
      { addresses: at('10.0.0.1'), ports: [http] },
      { addresses: at('10.0.0.2'), ports: [http] },
    ],
    ['IPv4 80: 10.0.0.1 10.0.0.2'],
  ],
  ['both families', [{ addresses: at('10.0.0.1', '2001:db8::1'), ports: [http] }], ['IPv4 80: 10.0.0.1', 'IPv6 80: 2001:db8::1']],
])('mirrors %s', (_, subsets, expected) => {
  expect(mirrored(subsets)).toEqual(expected)
})

test('mirrors nothing of those that ask not to be, hold a lease, or have a selector', () => {
  const subsets = [{ addresses: at('10.0.0.1'), ports: [http] }]
  expect(mirrored(subsets, { labels: { 'endpointslice.kubernetes.io/skip-mirror': 'true' } })).toEqual([])
  expect(mirrored(subsets, { annotations: { 'control-plane.alpha.kubernetes.io/leader': '{}' } })).toEqual([])
  expect(mirrored(subsets, {}, { app: 'db' })).toEqual([])
})
