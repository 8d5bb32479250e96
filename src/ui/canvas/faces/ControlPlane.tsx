import { memo } from 'react'
import { thingPhrase, usePhrases, useTranslate } from '../../../i18n/index.js'
import { useMirror } from '../../../state/mirror.js'
import { Thing } from '../Thing.js'
import styles from './controlPlane.module.css'
import { HouseHeader, Turn } from './House.js'
import house from './house.module.css'
import { splitName } from './Pods.js'
import { Light, Sign } from './Sign.js'
import { type FaceProps, nameIn } from './types.js'

/** The control plane's own Node, folded: the star stands in it. */
export const ControlPlaneFace = memo(function ControlPlaneFace({ id, data }: FaceProps) {
  const isDown = useMirror((mirror) => mirror.scene.nodes.get(id)?.powered === false)
  return (
    <>
      <Thing id={id} className={house['controlPlane']} extent="holder" state={isDown ? 'off' : undefined} expanded={false}>
        <HouseHeader id={id} short={data.w < 450} />
      </Thing>
      <Turn node={nameIn(id)} isOpen={false} />
    </>
  )
})

/** Narrower than this a line has room for the sign alone; its word is in the description. */
const TIGHT = 150

/** Scheduler, controller managers, API server and etcd: each a process that can stop. */
export const ComponentFace = memo(function ComponentFace({ id, type, data }: FaceProps) {
  const isRunning = useMirror((mirror) => mirror.scene.components.get(id)?.running ?? true)
  const { say } = usePhrases()
  const t = useTranslate()
  const isLine = type !== 'api-server' && type !== 'etcd'
  const kind = type === 'api-server' ? styles['apiServer'] : type === 'etcd' ? styles['etcd'] : styles['component']
  return (
    <Thing id={id} className={kind} state={isRunning ? undefined : 'stopped'} about={isRunning ? '' : t('canvas.stopped')}>
      <span>{say(thingPhrase(id))}</span>
      {!isRunning && (
        <em className={styles['trouble']}>
          <Light state="off" /> {!(isLine && data.w < TIGHT) && t('canvas.stopped')}
        </em>
      )}
    </Thing>
  )
})

/** A record behind etcd: a Service, what keeps Pods, a Pod that no Node has yet. */
export const ObjectFace = memo(function ObjectFace({ id }: FaceProps) {
  const service = useMirror((mirror) => mirror.scene.services.get(id))
  const workload = useMirror((mirror) => mirror.scene.workloads.get(id))
  const pod = useMirror((mirror) => mirror.scene.pods.get(id))
  const t = useTranslate()
  if (service !== undefined)
    return (
      <Thing id={id} className={styles['object']} about={`${service.type} ${service.clusterIP}`}>
        <Sign name="service" />
        <span>{service.name}</span>
        <small>{SHORT_TYPES[service.type] ?? service.type}</small>
      </Thing>
    )
  if (workload !== undefined)
    return (
      <Thing id={id} className={styles['object']} about={`${workload.ready}/${workload.desired} ${workload.image}`}>
        <Sign name="workload" />
        <span>{workload.name}</span>
        <small>
          {workload.ready}/{workload.desired}
        </small>
      </Thing>
    )
  if (pod !== undefined)
    return (
      <Thing
        id={id}
        className={styles['object']}
        state="pending"
        about={[pod.status, t('canvas.waiting')].join(t('list.clauses'))}
      >
        <Sign name="pod" />
        <b>…{splitName(pod.name)[1]}</b>
        <small>{pod.status}</small>
      </Thing>
    )
  return null
})

const SHORT_TYPES: Readonly<Record<string, string>> = {
  LoadBalancer: 'LB',
  ClusterIP: 'IP',
  NodePort: 'NodePort',
  ExternalName: 'name',
}

export const MoreFace = memo(function MoreFace({ id }: FaceProps) {
  const count = Number(nameIn(id))
  const t = useTranslate()
  return (
    <Thing id={id} className={styles['object']} name={t('canvas.moreSpoken', { count })}>
      <span>{t('canvas.more', { count })}</span>
    </Thing>
  )
})
