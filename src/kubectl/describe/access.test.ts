import { expect, it } from 'vitest'
import type { StoredOf } from '../../sim/index.js'
import { describeRole } from './access.js'
import { DescribeWriter } from './writer.js'

it('has one row for each resource, with the verbs of all rules about it', () => {
  const role: StoredOf<'clusterroles'> = {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRole',
    metadata: { name: 'reader', uid: 'u', resourceVersion: '1', creationTimestamp: '2026-01-01T00:00:00Z' },
    rules: [
      { apiGroups: ['', 'apps'], resources: ['deployments/scale', 'pods'], verbs: ['get'] },
      { apiGroups: [''], resources: ['pods'], verbs: ['get', 'list'] },
      { nonResourceURLs: ['/healthz'], verbs: ['get'] },
    ],
  }
  const w = new DescribeWriter()
  describeRole(role, {} as Parameters<typeof describeRole>[1], w)
  expect(w.text()).toBe(`Name:         reader
Labels:       <none>
Annotations:  <none>
PolicyRule:
  Resources               Non-Resource URLs  Resource Names  Verbs
  ---------               -----------------  --------------  -----
                          [/healthz]         []              [get]
  deployments.apps/scale  []                 []              [get]
  deployments/scale       []                 []              [get]
  pods                    []                 []              [get list]
  pods.apps               []                 []              [get]
`)
})
