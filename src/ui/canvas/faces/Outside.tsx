import { Fragment, memo } from 'react'
import { excludedPhrase, usePhrases, useTranslate } from '../../../i18n/index.js'
import { useMirror } from '../../../state/mirror.js'
import { Thing } from '../Thing.js'
import styles from './outside.module.css'
import { Sign } from './Sign.js'
import type { FaceProps } from './types.js'

/** Somebody on the internet; above the first one is room for the control that sends a request. */
export const ClientFace = memo(function ClientFace({ id, data }: FaceProps) {
  const ip = useMirror((mirror) => mirror.scene.clients.get(id)?.ip)
  const isFirst = useMirror((mirror) => mirror.scene.clients.keys().next().value === id)
  const t = useTranslate()
  if (ip === undefined) return null
  return (
    <div className={styles['stack']} data-detail={data.detail}>
      {isFirst && <div className={styles['slot']} />}
      <Thing id={id} className={styles['client']} extent="large">
        {data.detail === 'full' && <strong>{t('canvas.client')}</strong>}
        <code>{ip}</code>
      </Thing>
    </div>
  )
})

export const RouterFace = memo(function RouterFace({ id }: FaceProps) {
  const t = useTranslate()
  return (
    <Thing id={id} className={styles['router']}>
      <span>{t('canvas.router')}</span>
    </Thing>
  )
})

/** A load balancer says on its face what it does with packets. */
export const LoadBalancerFace = memo(function LoadBalancerFace({ id, data }: FaceProps) {
  const lb = useMirror((mirror) => mirror.scene.loadBalancers.get(id))
  const t = useTranslate()
  const { say } = usePhrases()
  if (lb === undefined) return null
  const kind = t(`canvas.lb.${lb.kind}`)
  const leftOut = lb.nodes.filter((node) => !node.usable).map((node) => `✕ ${say(excludedPhrase(node))}`)
  return (
    <Thing
      id={id}
      className={styles['loadBalancer']}
      extent="large"
      about={[`${lb.ip} ${kind}`, ...leftOut].join(t('list.clauses'))}
    >
      <strong>
        <Sign name="balance" /> {data.detail === 'full' ? t('canvas.lb') : lb.service}
      </strong>
      {data.detail === 'full' && <span>{lb.service}</span>}
      <code>{breakable(lb.ip)}</code>
      {data.detail === 'full' && <span className={styles['kind']}>{kind}</span>}
    </Thing>
  )
})

/** An IPv6 address may go on in the next line, but not within a group. */
function breakable(ip: string) {
  return ip.split(/(?<=:)(?!:)/).map((group, index) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: parts of one address, never moved.
    <Fragment key={index}>
      {group}
      <wbr />
    </Fragment>
  ))
}
