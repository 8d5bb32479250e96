import { memo } from 'react'
import { changePhrase, usePhrases, useTranslate } from '../../../i18n/index.js'
import type { SceneChange, SceneNode } from '../../../protocol/index.js'
import { useMirror } from '../../../state/mirror.js'
import { useView } from '../../../state/view.js'
import { useCanvas } from '../canvasStore.js'
import { podsWidthOf } from '../layoutHouse.js'
import { podCounts } from '../podCounts.js'
import { Thing } from '../Thing.js'
import styles from './house.module.css'
import { Light, Sign, type SignName } from './Sign.js'
import { type FaceProps, nameIn } from './types.js'

/** What is wrong with a Node, as its look is named; the worst first. */
export function nodeState(node: Pick<SceneNode, 'powered' | 'connected' | 'ready'> | undefined): string | undefined {
  if (node === undefined) return undefined
  if (!node.powered) return 'off'
  if (!node.connected) return 'cut'
  return node.ready === 'True' ? undefined : 'not-ready'
}

/** A Node as a house; what stands in it are nodes of their own. */
export const HouseFace = memo(function HouseFace({ id, data }: FaceProps) {
  const node = useMirror((mirror) => mirror.scene.nodes.get(id))
  const hasPods = useMirror((mirror) => podCounts(mirror.scene.pods).has(nameIn(id)))
  const t = useTranslate()
  if (node === undefined) return null
  return (
    <>
      <Thing
        id={id}
        className={node.controlPlane ? `${styles['house']} ${styles['headHouse']}` : styles['house']}
        extent="holder"
        state={nodeState(node)}
        expanded={data.open}
        about={[node.ip, t(data.open ? 'canvas.opened' : 'canvas.folded')].join(t('list.clauses'))}
      >
        <HouseHeader id={id} />
        {!hasPods && data.w > 500 && (
          <span className={styles['emptyPods']} data-short={data.h < 100} style={{ width: podsWidthOf(data.w) - 12 }}>
            {node.joinedLater && data.h >= 100 ? t('canvas.joinedLater') : t('canvas.noPods')}
          </span>
        )}
      </Thing>
      <Turn node={node.name} isOpen={data.open} />
    </>
  )
})

/** Opens or folds a Node by mouse or finger; with keys, Enter on the Node does it. */
export function Turn({ node, isOpen }: { readonly node: string; readonly isOpen: boolean }) {
  const t = useTranslate()
  return (
    <span
      className={`${styles['turn']} nodrag nopan`}
      aria-hidden="true"
      title={isOpen ? t('canvas.fold', { node }) : t('canvas.open', { node })}
      onClick={() => toggleNode(node)}
    >
      {isOpen ? '▾' : '▸'}
    </span>
  )
}

/** Name, address, condition; what is wrong is said in words. */
export function HouseHeader({ id, short = false }: { readonly id: string; readonly short?: boolean }) {
  const node = useMirror((mirror) => mirror.scene.nodes.get(id))
  const badge = useCanvas((canvas) => canvas.badges.get(nameIn(id)))
  const t = useTranslate()
  if (node === undefined) return null
  const state = nodeState(node)
  return (
    <span className={styles['header']} lang="en" translate="no">
      <strong>{node.name}</strong>
      {!short && <code>{node.ip}</code>}
      <span className={styles['lamp']}>
        <Light state={state === undefined ? 'up' : state === 'not-ready' ? 'trouble' : 'off'} />
        {state === 'off' && t('canvas.off')}
        {state === 'cut' && t('canvas.cut')}
        {(state === undefined || state === 'not-ready') &&
          (short && state === undefined ? '' : node.ready === 'True' ? 'Ready' : 'NotReady')}
      </span>
      {node.unschedulable && <span className={styles['tag']}>SchedulingDisabled</span>}
      {badge !== undefined && (
        <span className={styles['badge']} data-ok={badge.ok}>
          {badge.ok ? '★' : '✕'} {badge.text}
        </span>
      )}
    </span>
  )
}

const SIGNS: Readonly<Record<string, SignName>> = { kubelet: 'kubelet', 'kube-proxy': 'kube-proxy', runtime: 'runtime' }
const WORDS: Readonly<Record<string, string>> = { kubelet: 'kubelet', 'kube-proxy': 'kube-proxy', runtime: 'containerd' }

/** kubelet, kube-proxy or the container runtime of a Node. */
export const AgentFace = memo(function AgentFace({ id, data }: FaceProps) {
  const kind = id.slice(0, id.indexOf('/'))
  const isRunning = useMirror((mirror) => agentRuns(mirror.scene.nodes.get(`node/${nameIn(id)}`), kind))
  const change = useMirror((mirror) =>
    kind === 'kube-proxy' ? mirror.scene.nodes.get(`node/${nameIn(id)}`)?.behind?.changes[0] : undefined,
  )
  const t = useTranslate()
  const { say } = usePhrases()
  return (
    <Thing
      id={id}
      className={styles['agent']}
      state={!isRunning ? 'stopped' : change === undefined ? undefined : 'behind'}
      about={!isRunning ? t('canvas.stopped') : change === undefined ? '' : say(changePhrase(change))}
    >
      {data.detail === 'sign' ? <Sign name={SIGNS[kind] ?? 'runtime'} /> : <span>{WORDS[kind]}</span>}
      {isRunning && change !== undefined && <Light state="trouble" />}
      {!isRunning && <Light state="off" />}
    </Thing>
  )
})

/** `2 → 3`: of which generation of the slice the rules are, and which is known. */
function generations({ before, after }: SceneChange): string {
  return before === undefined && after === undefined ? '' : `${before ?? '–'} → ${after ?? '–'}`
}

function agentRuns(node: SceneNode | undefined, kind: string): boolean {
  if (node === undefined) return true
  if (!node.powered) return false
  return kind === 'kubelet' ? node.kubelet : kind === 'kube-proxy' ? node.kubeProxy : true
}

/** The machine's plug into the underlay. */
export const Eth0Face = memo(function Eth0Face({ id }: FaceProps) {
  const isCut = useMirror((mirror) => mirror.scene.nodes.get(`node/${nameIn(id)}`)?.connected === false)
  const t = useTranslate()
  return (
    <Thing id={id} className={styles['eth0']} state={isCut ? 'cut' : undefined} about={isCut ? t('canvas.cut') : ''}>
      <span lang="en">eth0</span>
      {isCut && <Light state="off" />}
    </Thing>
  )
})

/** The bridge inside the Node's kernel; it holds the Pods' gateway address. */
export const BridgeFace = memo(function BridgeFace({ id, data }: FaceProps) {
  const gateway = useMirror((mirror) => gatewayOf(mirror.scene.nodes.get(`node/${nameIn(id)}`)?.podCIDR))
  return (
    <Thing id={id} className={styles['bridge']} about={gateway}>
      {data.detail === 'sign' ? (
        <Sign name="bridge" />
      ) : (
        <span lang="en" data-flat={data.detail === 'short'}>
          cni0 {data.detail === 'full' && data.h >= 110 && <code>{gateway}</code>}
          {data.detail === 'short' && data.w > 150 && <code>{gateway}</code>}
        </span>
      )}
    </Thing>
  )
})

/** The bridge has the first address of the Node's Pod range. */
function gatewayOf(podCIDR: string | undefined): string {
  return podCIDR === undefined ? '' : podCIDR.replace(/\.0\/\d+$/, '.1')
}

/** What the proxy has written into the Node's kernel. */
export const IptablesFace = memo(function IptablesFace({ id, data }: FaceProps) {
  const node = useMirror((mirror) => mirror.scene.nodes.get(`node/${nameIn(id)}`))
  const t = useTranslate()
  const { say } = usePhrases()
  if (node === undefined) return null
  const rules = t('canvas.rules', { count: node.ruleCount })
  const change = node.behind?.changes[0]
  const [own, other] = node.ip.includes(':') ? ['IPv6', 'IPv4'] : ['IPv4', 'IPv6']
  const others = node.otherRuleCount === 0 ? [] : [`${other}: ${t('canvas.rules', { count: node.otherRuleCount })}`]
  return (
    <Thing
      id={id}
      className={styles['iptables']}
      state={node.rulesStale ? 'stale' : undefined}
      about={[
        others.length === 0 ? rules : `${own}: ${rules}`,
        ...others,
        ...(node.rulesStale ? [t('canvas.stale')] : []),
        ...(change === undefined ? [] : [say(changePhrase(change))]),
      ].join(t('list.clauses'))}
    >
      <Sign name="iptables" />
      {data.detail !== 'sign' && (
        <span>
          {data.w >= 110 && !node.rulesStale && <b lang="en">{node.proxyMode}</b>} {node.rulesStale ? t('canvas.stale') : rules}{' '}
          {data.w >= 140 && change !== undefined && <b>{generations(change)}</b>}
        </span>
      )}
      {node.rulesStale && <Light state="trouble" />}
    </Thing>
  )
})

/** Opens or folds a Node by hand. */
export function toggleNode(name: string): void {
  const { openNodes } = useView.getState()
  useView.setState({ openNodes: openNodes.includes(name) ? openNodes.filter((open) => open !== name) : [...openNodes, name] })
}
