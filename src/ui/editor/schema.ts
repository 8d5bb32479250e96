import type { JSONSchema } from 'monaco-yaml'
import schemaUrl from '../../generated/editorSchema.json?url'

/** Kinds that a file may hold beside Kubernetes objects; their own readers check them in full. */
const OURS: readonly (readonly [string, string, readonly string[]])[] = [
  ['kind.x-k8s.io/v1alpha4', 'Cluster', ['name', 'networking', 'nodes', 'featureGates', 'runtimeConfig']],
  [
    'kubeproxy.config.k8s.io/v1alpha1',
    'KubeProxyConfiguration',
    ['mode', 'clusterCIDR', 'iptables', 'ipvs', 'nftables', 'nodePortAddresses'],
  ],
  ['kubescheduler.config.k8s.io/v1', 'KubeSchedulerConfiguration', ['profiles']],
  ['podpath.dev/v1alpha1', 'Scenario', ['metadata', 'spec']],
]

/** The schema of Kubernetes' API with the kinds of ours added; fetched as a file of the page's own origin. */
export async function loadSchema(): Promise<JSONSchema> {
  const response = await fetch(schemaUrl)
  const schema: JSONSchema = await response.json()
  return withOurKinds(schema)
}

export function withOurKinds(schema: JSONSchema): JSONSchema {
  const { properties = {}, allOf = [] } = schema
  return {
    ...schema,
    properties: {
      ...properties,
      apiVersion: withMore(
        properties['apiVersion'],
        OURS.map(([apiVersion]) => apiVersion),
      ),
      kind: withMore(
        properties['kind'],
        OURS.map(([, kind]) => kind),
      ),
    },
    allOf: [
      ...allOf,
      ...OURS.map(
        ([apiVersion, kind, fields]): JSONSchema => ({
          if: { properties: { apiVersion: { const: apiVersion }, kind: { const: kind } }, required: ['apiVersion', 'kind'] },
          // biome-ignore lint/suspicious/noThenProperty: a word of JSON Schema
          then: { properties: Object.fromEntries(fields.map((field) => [field, {}])) },
        }),
      ),
    ],
  }
}

function withMore(property: boolean | JSONSchema | undefined, more: readonly string[]): JSONSchema {
  const known = typeof property === 'object' ? property : {}
  return { ...known, enum: [...new Set([...(known.enum ?? []), ...more])] }
}
