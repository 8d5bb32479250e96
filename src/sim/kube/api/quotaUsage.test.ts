import { expect, test } from 'vitest'
import { SECOND, toTimestamp } from '../../core/time.js'
import type { HttpResponse } from './http.js'
import { handleRequest } from './http.js'
import { infoOf } from './kinds.js'
import { isInScope, printAmount, usageOf } from './quotaUsage.js'
import { restoreObjects } from './restore.js'
import { openTestWorld } from './testWorld.js'

type Counted = 'services' | 'pods' | 'persistentvolumeclaims' | 'secrets' | 'deployments'

/** What an object takes, without what it takes none of. */
function taken(resource: Counted, object: object, now = 0): Record<string, string> {
  const usage = [...usageOf(infoOf(resource), object, now)].filter(([, nanos]) => nanos > 0n)
  return Object.fromEntries(usage.map(([name, nanos]) => [name, printAmount(nanos, '1')]))
}

const ONE_SERVICE = { 'count/services': '1', services: '1' }

// From upstream's TestServiceEvaluatorUsage.
test.each<[string, object, Record<string, string>]>([
  ['a load balancer', { type: 'LoadBalancer' }, { ...ONE_SERVICE, 'services.loadbalancers': '1' }],
  [
    'a load balancer with a port',
    { type: 'LoadBalancer', ports: [{ port: 27443 }] },
    { ...ONE_SERVICE, 'services.loadbalancers': '1', 'services.nodeports': '1' },
  ],
  ['a port of the cluster', { type: 'ClusterIP', ports: [{ port: 27443 }] }, ONE_SERVICE],
  ['a port of Nodes', { type: 'NodePort', ports: [{ port: 27443 }] }, { ...ONE_SERVICE, 'services.nodeports': '1' }],
  [
    'ports of Nodes',
    { type: 'NodePort', ports: [{ port: 27443 }, { port: 27444 }] },
    { ...ONE_SERVICE, 'services.nodeports': '2' },
  ],
  [
    'a load balancer without node ports',
    { type: 'LoadBalancer', allocateLoadBalancerNodePorts: false, ports: [{ port: 27443 }] },
    { ...ONE_SERVICE, 'services.loadbalancers': '1' },
  ],
  [
    'a load balancer without node ports but for one',
    { type: 'LoadBalancer', allocateLoadBalancerNodePorts: false, ports: [{ port: 27443 }, { port: 1, nodePort: 32001 }] },
    { ...ONE_SERVICE, 'services.loadbalancers': '1', 'services.nodeports': '1' },
  ],
])('%s', (_, spec, expected) => {
  expect(taken('services', { spec })).toEqual(expected)
})

const requests = (list: object, more = {}): object => ({ resources: { requests: list }, ...more })
const limits = (list: object, more = {}): object => ({ resources: { limits: list }, ...more })
const ALWAYS = { restartPolicy: 'Always' }
const ONE_POD = { 'count/pods': '1', pods: '1' }
const asks = (cpu: string, memory: string): Record<string, string> => ({
  ...ONE_POD,
  cpu,
  'requests.cpu': cpu,
  memory,
  'requests.memory': memory,
})

// From upstream's TestPodEvaluatorUsage.
test.each<[string, object, Record<string, string>]>([
  ['CPU of an init container', { initContainers: [requests({ cpu: '1m' })] }, { ...ONE_POD, cpu: '1m', 'requests.cpu': '1m' }],
  ['a limit of an init container', { initContainers: [limits({ cpu: '1m' })] }, { ...ONE_POD, 'limits.cpu': '1m' }],
  [
    'short-lived storage',
    { containers: [requests({ 'ephemeral-storage': '32Mi' })] },
    { ...ONE_POD, 'ephemeral-storage': '33554432', 'requests.ephemeral-storage': '33554432' },
  ],
  [
    'huge pages',
    { containers: [requests({ 'hugepages-2Mi': '100Mi' })] },
    { ...ONE_POD, 'hugepages-2Mi': '104857600', 'requests.hugepages-2Mi': '104857600' },
  ],
  ['a device', { containers: [requests({ 'example.com/dongle': '3' })] }, { ...ONE_POD, 'requests.example.com/dongle': '3' }],
  ['no limit of a device', { containers: [limits({ 'example.com/dongle': '3' })] }, ONE_POD],
  [
    'the hungriest init container',
    {
      initContainers: [requests({ cpu: '4', memory: '100M' }), requests({ cpu: '1', memory: '200M' })],
      containers: [requests({ cpu: '1', memory: '50M' }), requests({ cpu: '2', memory: '25M' })],
    },
    asks('4', '200M'),
  ],
  [
    'sidecars beside the containers',
    {
      initContainers: [requests({ cpu: '1', memory: '1' }, ALWAYS), requests({ cpu: '2', memory: '2' }, ALWAYS)],
      containers: [requests({ cpu: '1', memory: '5' })],
    },
    asks('4', '8'),
  ],
  [
    'an init container beside the sidecars before it',
    {
      initContainers: [requests({ cpu: '2', memory: '1' }, ALWAYS), requests({ cpu: '5', memory: '1' })],
      containers: [requests({ cpu: '1', memory: '1' })],
    },
    asks('7', '2'),
  ],
  [
    'overhead',
    { overhead: { cpu: '1', memory: '10' }, containers: [{ resources: { requests: { cpu: '2' }, limits: { cpu: '3' } } }] },
    { ...asks('3', '10'), 'limits.cpu': '4' },
  ],
  [
    'amounts of the whole Pod',
    { resources: { requests: { cpu: '5' } }, containers: [requests({ cpu: '1', memory: '1' })] },
    asks('5', '1'),
  ],
])('%s', (_, spec, expected) => {
  expect(taken('pods', { spec })).toEqual(expected)
})

const GOING = { deletionTimestamp: toTimestamp(0), deletionGracePeriodSeconds: 30 }

test.each<[string, object, number, Record<string, string>]>([
  ['ended', { status: { phase: 'Succeeded' } }, 0, { 'count/pods': '1' }],
  ['ending', { metadata: GOING }, 30 * SECOND, ONE_POD],
  ['long since to be gone', { metadata: GOING }, 31 * SECOND, { 'count/pods': '1' }],
])('a Pod that is %s', (_, pod, now, expected) => {
  expect(taken('pods', pod, now)).toEqual(expected)
})

const ONE_CLAIM = { 'count/persistentvolumeclaims': '1', persistentvolumeclaims: '1' }

// From upstream's TestPersistentVolumeClaimEvaluatorUsage.
test.each<[string, object, Record<string, string>]>([
  ['a claim', { spec: requests({ storage: '10' }) }, { ...ONE_CLAIM, 'requests.storage': '10' }],
  [
    'a claim of a class',
    { spec: requests({ storage: '10' }, { storageClassName: 'gold' }) },
    {
      ...ONE_CLAIM,
      'requests.storage': '10',
      'gold.storageclass.storage.k8s.io/requests.storage': '10',
      'gold.storageclass.storage.k8s.io/persistentvolumeclaims': '1',
    },
  ],
  [
    'a claim that was larger',
    { spec: requests({ storage: '10' }), status: { allocatedResources: { storage: '20' } } },
    { ...ONE_CLAIM, 'requests.storage': '20' },
  ],
])('%s', (_, claim, expected) => {
  expect(taken('persistentvolumeclaims', claim)).toEqual(expected)
})

test('other kinds are counted alone', () => {
  expect(taken('secrets', {})).toEqual({ 'count/secrets': '1', secrets: '1' })
  expect(taken('deployments', {})).toEqual({ 'count/deployments.apps': '1' })
})

const term = { topologyKey: 'zone', labelSelector: {} }
const affinity = (kind: string, own: object): object => ({
  affinity: { [kind]: { requiredDuringSchedulingIgnoredDuringExecution: [{ ...term, ...own }] } },
})

test.each<[string, object, boolean]>([
  ['BestEffort', { containers: [requests({ 'example.com/dongle': '3' })] }, true],
  ['BestEffort', { containers: [requests({ cpu: '1' })] }, false],
  ['NotBestEffort', { containers: [requests({ cpu: '1' })] }, true],
  ['Terminating', { activeDeadlineSeconds: 5 }, true],
  ['NotTerminating', { activeDeadlineSeconds: 5 }, false],
  ['PriorityClass', { priorityClassName: 'high' }, true],
  ['PriorityClass', {}, false],
  ['CrossNamespacePodAffinity', {}, false],
  ['CrossNamespacePodAffinity', affinity('podAffinity', {}), false],
  ['CrossNamespacePodAffinity', affinity('podAffinity', { namespaces: ['other'] }), true],
  ['CrossNamespacePodAffinity', affinity('podAntiAffinity', { namespaceSelector: {} }), true],
])('the scope %s over %j', (scope, spec, expected) => {
  expect(isInScope({ spec: { scopes: [scope] } }, 'pods', { spec })).toBe(expected)
})

test('a Service that becomes a load balancer is charged for it', () => {
  const world = openTestWorld()
  const admin = { name: 'kubernetes-admin', thing: 'client/admin' }
  const path = '/api/v1/namespaces/default/services'
  const spec = { ports: [{ port: 80 }], selector: { app: 'web' } }
  const send = (verb: 'POST' | 'PUT', at: string, body: object): HttpResponse =>
    world.act((ctx) => handleRequest(ctx, admin, { verb, path: at, query: {}, contentType: 'application/json', body }))
  const hard = { 'services.loadbalancers': '1', 'services.nodeports': '1' }
  world.act((ctx) => {
    restoreObjects(ctx, [
      { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'default' } },
      {
        apiVersion: 'v1',
        kind: 'ResourceQuota',
        metadata: { name: 'quota', namespace: 'default' },
        spec: { hard },
        status: { hard, used: { 'services.loadbalancers': '0', 'services.nodeports': '0' } },
      },
    ])
  })
  for (const name of ['a', 'b']) expect(send('POST', path, { metadata: { name }, spec }).code).toBe(201)
  const grow = (name: string): HttpResponse =>
    send('PUT', `${path}/${name}`, { metadata: { name }, spec: { ...spec, type: 'LoadBalancer' } })
  expect(grow('a').code).toBe(200)
  // What is paid for is not paid for again.
  expect(grow('a').code).toBe(200)
  const refused = grow('b')
  expect(refused.code).toBe(403)
  expect(JSON.stringify(refused.body)).toContain(
    'exceeded quota: quota, requested: services.loadbalancers=1,services.nodeports=1, used: services.loadbalancers=1,services.nodeports=1, limited: services.loadbalancers=1,services.nodeports=1',
  )
})
