import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parseAllDocuments } from 'yaml'
import type { EndpointSlice, Node, Service } from '../../generated/kubeTypes.js'
import type { ServiceAndSlices } from '../../sim/kube/proxy/objects.js'
import { joinServices } from '../../sim/kube/proxy/objects.js'

const DATA = fileURLToPath(new URL('../../sim/kube/proxy/conformance/data/', import.meta.url))

export function dataPath(path: string): string {
  return `${DATA}${path}`
}

export function readData(path: string): string {
  return readFileSync(dataPath(path), 'utf8')
}

export function hasData(path: string): boolean {
  return existsSync(dataPath(path))
}

/** The objects of a case that kube-proxy looks at. */
export interface ClusterObjects {
  readonly nodes: readonly Node[]
  readonly services: readonly ServiceAndSlices[]
}

/** Reads a case's manifests; adds the ClusterIP defaults that an API server would. */
export function readCluster(text: string, extra: readonly string[] = []): ClusterObjects {
  const documents = [text, ...extra].flatMap((each) =>
    parseAllDocuments(each).map((document) => document.toJS() as { kind?: string }),
  )
  const ofKind = <T>(kind: string): readonly T[] => documents.filter((each) => each?.kind === kind).map((each) => each as T)
  return {
    nodes: ofKind<Node>('Node'),
    services: joinServices(ofKind<Service>('Service'), ofKind<EndpointSlice>('EndpointSlice')),
  }
}

/** What every cluster has. */
export const DEFAULT_KUBERNETES = `
apiVersion: v1
kind: Service
metadata: { name: kubernetes, namespace: default }
spec:
  type: ClusterIP
  clusterIP: 10.96.0.1
  ports: [{ name: https, port: 443, targetPort: 6443, protocol: TCP }]
---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: { name: kubernetes, namespace: default, labels: { kubernetes.io/service-name: kubernetes } }
addressType: IPv4
ports: [{ name: https, port: 6443, protocol: TCP }]
endpoints: [{ addresses: [172.18.0.2], conditions: { ready: true } }]
`

/** Rules of a save text by `table chain`, and the names of declared chains with their policy. */
export function parseSave(text: string): { readonly chains: Map<string, string>; readonly rules: Map<string, string[]> } {
  const chains = new Map<string, string>()
  const rules = new Map<string, string[]>()
  let table = ''
  for (const line of text.split('\n')) {
    if (line.startsWith('*')) table = line.slice(1)
    const declared = /^:(\S+) (\S+)/.exec(line)
    if (declared !== null) {
      chains.set(`${table} ${declared[1]}`, declared[2] ?? '')
      rules.set(`${table} ${declared[1]}`, rules.get(`${table} ${declared[1]}`) ?? [])
    }
    const rule = /^-A (\S+)/.exec(line)
    if (rule !== null) {
      const key = `${table} ${rule[1]}`
      rules.set(key, [...(rules.get(key) ?? []), line])
    }
  }
  return { chains, rules }
}
