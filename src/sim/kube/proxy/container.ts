import type { Container, Pod } from '../../../generated/kubeTypes.js'
import type { StoredOf } from '../api/resources.js'
import type { Ctx } from '../context.js'
import { getStored } from '../etcd/store.js'
import { PROXY_CONFIG_MAP, readProxyConfigMap } from './configMap.js'

/**
 * A container of kube-proxy's DaemonSet starts on a Node: its process reads what its ConfigMap holds now.
 *
 * Simplified: between the old container's end and the new one's start the Node's kube-proxy is not shown as stopped.
 *
 * @returns why the process ends at once; undefined when it runs, or is no kube-proxy.
 */
export function startProxyContainer(ctx: Ctx, node: string, pod: Pod, container: Container): string | undefined {
  if (pod.metadata?.namespace !== 'kube-system' || pod.metadata.labels?.['k8s-app'] !== 'kube-proxy') return undefined
  if (container.name !== 'kube-proxy') return undefined
  const stored = getStored(ctx.world.parts.etcd, 'configmaps', PROXY_CONFIG_MAP) as unknown as StoredOf<'configmaps'> | undefined
  // A cluster as it stands may run its kube-proxies without one.
  if (stored === undefined) return undefined
  const read = readProxyConfigMap(stored.data)
  if (typeof read === 'string') return read
  const { configuration } = read
  const nodeName = (flagOf(pod, container, '--hostname-override') ?? configuration.hostnameOverride).trim().toLowerCase()
  const isOwn = nodeName === '' || nodeName === node
  ctx.send({ kind: 'kube-proxy', instance: node }, { type: 'configure', configuration, ...(isOwn ? {} : { nodeName }) })
  return undefined
}

/**
 * A flag of the container's process, with `$(NAME)` replaced by what the container's environment has.
 *
 * Source: kubernetes cmd/kube-proxy/app/options.go processHostnameOverrideFlag; third_party/forked/golang/expansion
 */
function flagOf(pod: Pod, { command = [], args = [], env = [] }: Container, name: string): string | undefined {
  const words = [...command, ...args]
  const index = words.findIndex((word) => word === name || word.startsWith(`${name}=`))
  const word = words[index]
  if (word === undefined) return undefined
  const value = word === name ? (words[index + 1] ?? '') : word.slice(name.length + 1)
  return value.replace(/\$\(([\w.-]+)\)/g, (text, variable: string) => {
    const found = env.find((each) => each.name === variable)
    if (found?.valueFrom?.fieldRef?.fieldPath === 'spec.nodeName') return pod.spec?.nodeName ?? ''
    return found?.value ?? text
  })
}
