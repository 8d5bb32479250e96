import { expect, it } from 'vitest'
import type { Node } from '../../../../generated/kubeTypes.js'
import { nodeTable } from './cluster.js'

const INFO = {
  architecture: 'amd64',
  bootID: '',
  containerRuntimeVersion: 'containerd://2.2.1',
  kernelVersion: '6.8.0-100-generic',
  kubeProxyVersion: '',
  kubeletVersion: 'v1.36.1',
  machineID: '',
  operatingSystem: 'linux',
  osImage: 'Ubuntu 24.04.4 LTS',
  systemUUID: '',
}

it.each([
  ['with the architecture', INFO, '6.8.0-100-generic (amd64)'],
  ['alone when nothing is known of the machine', { ...INFO, architecture: '' }, '6.8.0-100-generic'],
  ['not at all', { ...INFO, kernelVersion: '' }, '<unknown>'],
])('[TB1] shows a Node’s kernel %s', (_, nodeInfo, kernel) => {
  const node: Node = { metadata: { name: 'node1' }, status: { nodeInfo } }
  expect(nodeTable.row(node, { now: 0 }).slice(-2)).toEqual([kernel, 'containerd://2.2.1'])
})
