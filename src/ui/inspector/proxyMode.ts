import { phrase } from '../../i18n/index.js'
import { ask, askFor } from '../../state/client.js'
import { perform } from '../act.js'
import { toast } from '../uiState.js'

export type ProxyMode = 'iptables' | 'nftables'

const CONFIG_MAP = ['configmap', 'kube-proxy', '-n', 'kube-system']

/**
 * Lets every kube-proxy of the cluster work another way, as one would with kubectl: a change of the ConfigMap that all of them read
 * when they start, and a restart of their DaemonSet. Both are actions of their own, each can be undone.
 */
export async function switchProxies(mode: ProxyMode): Promise<void> {
  const read = await askFor({ type: 'kubectl-read', args: ['get', ...CONFIG_MAP, '-o', 'json'] }, 'kubectl-read')
  const text = read?.exit === 0 ? configOf(read.stdout) : undefined
  if (text === undefined) {
    toast(phrase('proxy.mode.none'), { tone: 'problem' })
    return
  }
  const patch = JSON.stringify({ data: { 'config.conf': withMode(text, mode) } })
  const args = ['patch', ...CONFIG_MAP, '--type', 'merge', '--patch-file', 'patch.json']
  const patched = await ask({ type: 'act', action: { type: 'kubectl', args, files: { 'patch.json': patch } } })
  if (patched.type !== 'done') return
  await ask({ type: 'seek', where: 'end' })
  await perform({ type: 'kubectl', args: ['rollout', 'restart', 'daemonset', 'kube-proxy', '-n', 'kube-system'], files: {} })
}

/** The document that kube-proxy reads, out of its ConfigMap. */
function configOf(json: string): string | undefined {
  try {
    const value: unknown = JSON.parse(json)
    const data: unknown = typeof value === 'object' && value !== null ? Reflect.get(value, 'data') : undefined
    const text: unknown = typeof data === 'object' && data !== null ? Reflect.get(data, 'config.conf') : undefined
    return typeof text === 'string' ? text : undefined
  } catch {
    return undefined
  }
}

/** A `KubeProxyConfiguration` with another mode; what else it says stays. */
export function withMode(text: string, mode: ProxyMode): string {
  return /^mode:/m.test(text) ? text.replace(/^mode:.*$/m, `mode: ${mode}`) : `${text.trimEnd()}\nmode: ${mode}\n`
}
