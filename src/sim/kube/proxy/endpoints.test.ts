import { describe, expect, it } from 'vitest'
import type { Endpoint, EndpointSlice } from '../../../generated/kubeTypes.js'
import type { WatchChange } from '../api/informer.js'
import { servicesTouchedBy, udpBefore } from './changes.js'
import { endpointsOf } from './endpoints.js'
import { joinServices } from './objects.js'

function slice(name: string, endpoints: readonly Endpoint[], labels: Readonly<Record<string, string>> = {}): EndpointSlice {
  return {
    metadata: { name, namespace: 'ns', labels: { 'kubernetes.io/service-name': 's', ...labels } },
    addressType: 'IPv4',
    ports: [{ name: 'p', port: 80, protocol: 'UDP' }],
    endpoints,
  }
}

const RUNNING = { addresses: ['10.0.0.1'], nodeName: 'new', conditions: { ready: false, serving: false, terminating: false } }
const ENDING = { addresses: ['10.0.0.1'], nodeName: 'old', conditions: { ready: false, serving: true, terminating: true } }

describe('endpoints of a Service', () => {
  it.each([
    ['in one slice', [slice('a', [RUNNING, ENDING])]],
    ['in one slice, the other way round', [slice('a', [ENDING, RUNNING])]],
    ['in two slices', [slice('a', [RUNNING]), slice('b', [ENDING])]],
    ['in two slices, the other way round', [slice('a', [ENDING]), slice('b', [RUNNING])]],
  ])('[EP1] an address that a new Pod has got is the new Pod’s: %s', (_, slices) => {
    expect(endpointsOf(slices, 'IPv4').get('p/UDP')).toMatchObject([{ text: '10.0.0.1:80', nodeName: 'new', terminating: false }])
  })

  it('[EP2] come sorted as text, from slices of the family alone, and without ports that say nothing', () => {
    const other: EndpointSlice = { ...slice('b', [{ addresses: ['fd00::1'] }]), addressType: 'IPv6' }
    const silent: EndpointSlice = { ...slice('c', [RUNNING]), ports: [{ name: 'p', protocol: 'UDP' }] }
    const own = slice('a', [{ addresses: ['10.0.0.9'] }, { addresses: ['10.0.0.10'] }])
    const texts = endpointsOf([own, other, silent], 'IPv4').get('p/UDP')
    expect(texts?.map((each) => each.text)).toEqual(['10.0.0.10:80', '10.0.0.9:80'])
  })

  it('[EP3] are taken from slices with the label of another proxy, not from headless ones', () => {
    const service = { metadata: { name: 's', namespace: 'ns' }, spec: { clusterIP: '10.96.0.9', ports: [{ port: 80 }] } }
    const slices = [
      slice('a', [RUNNING], { 'service.kubernetes.io/service-proxy-name': 'other' }),
      slice('b', [RUNNING], { 'service.kubernetes.io/headless': '' }),
    ]
    expect(joinServices([service], slices)[0]?.slices.map((each) => each.metadata?.name)).toEqual(['a'])
  })
})

describe('what a change of a slice touches', () => {
  const change = (old: EndpointSlice | undefined, object: EndpointSlice, type: WatchChange['type']): WatchChange =>
    ({ type, resource: 'endpointslices', key: 'ns/a', object, old }) as WatchChange

  it('[EP4] is its Service, whatever changed; both Services when it changes hands', () => {
    const before = slice('a', [RUNNING])
    const moved = slice('a', [RUNNING], { 'kubernetes.io/service-name': 't' })
    expect(servicesTouchedBy(change(before, slice('a', [RUNNING], { some: 'label' }), 'MODIFIED'))).toEqual(['ns/s'])
    expect(servicesTouchedBy(change(before, moved, 'MODIFIED'))).toEqual(['ns/s', 'ns/t'])
    expect(servicesTouchedBy(change(before, before, 'DELETED'))).toEqual(['ns/s'])
  })

  it('[EP5] concerns connections of UDP where there were endpoints of UDP', () => {
    const before = slice('a', [RUNNING])
    expect(udpBefore(change(before, before, 'DELETED'))).toEqual({ udp: ['IPv4'] })
    expect(udpBefore(change(slice('a', []), before, 'MODIFIED'))).toEqual({})
    expect(udpBefore(change(undefined, before, 'ADDED'))).toEqual({})
    const tcp: EndpointSlice = { ...before, ports: [{ name: 'p', port: 80, protocol: 'TCP' }] }
    expect(udpBefore(change(tcp, before, 'MODIFIED'))).toEqual({})
  })
})
