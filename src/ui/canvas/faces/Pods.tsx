import { memo, useMemo } from 'react'
import { useShallow } from 'zustand/react/shallow'
import { useTranslate } from '../../../i18n/index.js'
import type { ScenePod } from '../../../protocol/index.js'
import type { Mirror } from '../../../state/mirror.js'
import { useMirror } from '../../../state/mirror.js'
import { useView } from '../../../state/view.js'
import { hasPlace } from '../drawnPods.js'
import { relatedTo } from '../lit.js'
import { Thing } from '../Thing.js'
import styles from './pods.module.css'
import { Light, Sign } from './Sign.js'
import { type FaceProps, nameIn } from './types.js'

/** How a Pod looks: `crashed`, `terminating`, `unready`, `starting`, or undefined when all is well. */
export function podState(pod: Pick<ScenePod, 'terminating' | 'containers' | 'ready' | 'phase'>): string | undefined {
  if (pod.terminating) return 'terminating'
  if (pod.phase === 'Failed' || pod.containers.some((container) => !container.init && isCrashed(container))) return 'crashed'
  if (pod.phase === 'Pending') return 'starting'
  return pod.ready || pod.phase === 'Succeeded' ? undefined : 'unready'
}

function isCrashed(container: ScenePod['containers'][number]): boolean {
  return container.state !== 'running' && /Error|BackOff|OOMKilled/.test(container.reason)
}

/** The end of a Pod's name tells Pods of one ReplicaSet apart; that part is never cut. */
export function splitName(name: string): readonly [string, string] {
  const dash = name.lastIndexOf('-')
  return dash <= 0 ? ['', name] : [name.slice(0, dash), name.slice(dash)]
}

/** A Pod: a small host with its own eth0, at the end of a veth. */
export const PodFace = memo(function PodFace({ id, data }: FaceProps) {
  const pod = useMirror((mirror) => mirror.scene.pods.get(id))
  const t = useTranslate()
  if (pod === undefined) return null
  const state = podState(pod)
  const [head, tail] = splitName(pod.name)
  const where = pod.hostNetwork ? t('canvas.hostNetwork') : pod.ip
  return (
    <Thing
      id={id}
      className={`${styles['pod']} ${data.detail === 'sign' ? styles['podSign'] : ''}`}
      state={state}
      about={t('canvas.pod.about', { status: pod.status, ip: where === '' ? '–' : where })}
    >
      {!pod.hostNetwork && data.detail !== 'sign' && <i className={styles['plug']} aria-hidden="true" />}
      {data.detail === 'sign' ? (
        <Sign name="pod" />
      ) : (
        <span className={styles['podText']} data-detail={data.detail} lang="en" translate="no">
          <span className={styles['podName']}>
            {data.w >= 90 && <span>{head}</span>}
            <b>{data.w >= 90 ? tail : tail.slice(1)}</b>
          </span>
          {data.detail === 'full' && <code>{state !== undefined ? pod.status : where}</code>}
        </span>
      )}
      {state !== undefined && (
        <span className={styles['podLamp']} data-detail={data.detail}>
          <Light state={state === 'crashed' ? 'off' : 'trouble'} />
        </span>
      )}
    </Thing>
  )
})

function containerOf(mirror: Mirror, id: string) {
  const [, namespace = '', pod = '', name = ''] = id.split('/')
  return mirror.scene.pods.get(`pod/${namespace}/${pod}`)?.containers.find((container) => container.name === name)
}

/** A container inside a Pod's card. */
export const ContainerFace = memo(function ContainerFace({ id }: FaceProps) {
  const container = useMirror((mirror) => containerOf(mirror, id))
  const t = useTranslate()
  if (container === undefined) return null
  const state = container.state === 'running' ? undefined : isCrashed(container) ? 'crashed' : 'waiting'
  const about = [container.image, container.state, container.reason].filter((part) => part !== '').join(t('list.clauses'))
  return (
    <Thing id={id} className={styles['container']} state={state} about={about}>
      <span lang="en">{container.name}</span>
      {container.restarts > 0 && <small>↻{container.restarts}</small>}
    </Thing>
  )
})

const SMALLEST = 9
const LARGEST = 20

/** Many Pods of one Node, as dots in slots: one drawing, one thing. The outline has each of them. */
export const PodFieldFace = memo(function PodFieldFace({ id, data }: FaceProps) {
  const node = nameIn(id)
  const pods = useMirror(useShallow((mirror) => podsOn(mirror, node)))
  const selected = useView((view) => view.selected)
  const related = useMirror(
    useShallow((mirror) =>
      selected === undefined ? [] : relatedTo(selected, mirror.scene).filter((one) => one.startsWith('pod/')),
    ),
  )
  const lit = useMemo(() => new Set(selected === undefined ? related : [...related, selected]), [related, selected])
  const t = useTranslate()
  // A low field has its dots beside the number, a high one above it.
  const isLow = data.h <= 44
  const room = isLow ? { w: data.w - 84, h: data.h - 6 } : { w: data.w - 12, h: data.h - 22 }
  const pitch = dotPitch(room, pods.length)
  const columns = Math.max(1, Math.floor(room.w / pitch))
  const rows = Math.max(1, Math.floor(room.h / pitch))
  const shown = pods.slice(0, columns * rows)
  return (
    <Thing
      id={id}
      className={`${styles['podField']} ${isLow ? styles['lowField'] : ''}`}
      name={t('canvas.podsOf', { node, count: pods.length })}
    >
      {data.detail !== 'sign' && room.w >= SMALLEST && (
        <svg width={columns * pitch} height={rows * pitch} aria-hidden="true">
          {shown.map((pod, index) => (
            <circle
              key={pod.id}
              cx={(index % columns) * pitch + pitch / 2}
              cy={Math.floor(index / columns) * pitch + pitch / 2}
              r={pitch * 0.38}
              data-state={podState(pod)}
              data-lit={lit.has(pod.id) || undefined}
            />
          ))}
        </svg>
      )}
      <span>{data.w < 50 ? pods.length : t('canvas.pods', { count: pods.length })}</span>
    </Thing>
  )
})

/** The largest distance between dots at which all have room, between two limits. */
export function dotPitch(room: { readonly w: number; readonly h: number }, count: number): number {
  for (let pitch = LARGEST; pitch > SMALLEST; pitch--)
    if (Math.floor(room.w / pitch) * Math.floor(room.h / pitch) >= count) return pitch
  return SMALLEST
}

function podsOn(mirror: Mirror, node: string): readonly ScenePod[] {
  return [...mirror.scene.pods.values()].filter((pod) => pod.node === node && hasPlace(pod))
}
