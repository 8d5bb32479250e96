import { describe, expect, it } from 'vitest'
import { readCluster, readData } from '../../../../testing/kubeProxy/load.js'
import { tellCounts } from '../../../../testing/tellCounts.js'
import type { EndpointInfo } from '../endpoints.js'
import { endpointsOf, portKey } from '../endpoints.js'
import { servicePortsOf } from '../services.js'
import { categorizeEndpoints } from '../topology.js'

interface Case {
  readonly id: string
  readonly node: string
  readonly manifests: string
  readonly expect: {
    readonly clusterEndpoints: readonly string[] | null
    readonly localEndpoints: readonly string[] | null
    readonly allLocallyReachableEndpoints: readonly string[] | null
    readonly hasAnyEndpoints: boolean
  }
}

function texts(endpoints: readonly EndpointInfo[] | undefined): readonly string[] | null {
  return endpoints === undefined ? null : endpoints.map((each) => each.text).toSorted()
}

tellCounts('endpoint-selection')

describe('which endpoints a proxy uses', () => {
  for (const each of JSON.parse(readData('endpoint-selection/cases.json')) as Case[]) {
    it(each.id, () => {
      const { services, nodes } = readCluster(each.manifests)
      const source = services[0]
      const [port] = source === undefined ? [] : servicePortsOf(source.service, 'IPv4')
      if (source === undefined || port === undefined) throw new Error('no Service port')
      const labels = nodes.find((node) => node.metadata?.name === each.node)?.metadata?.labels
      const endpoints = endpointsOf(source.slices, 'IPv4').get(portKey(port.portName, port.protocol)) ?? []
      const choice = categorizeEndpoints(endpoints, port, {
        name: each.node,
        zone: labels?.['topology.kubernetes.io/zone'] ?? '',
      })
      expect({
        clusterEndpoints: texts(choice.cluster),
        localEndpoints: texts(choice.local),
        allLocallyReachableEndpoints: texts(choice.reachable) ?? [],
        hasAnyEndpoints: choice.hasAny,
      }).toEqual({ ...each.expect, allLocallyReachableEndpoints: each.expect.allLocallyReachableEndpoints ?? [] })
    })
  }
})
