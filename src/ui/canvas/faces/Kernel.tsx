import { memo } from 'react'
import { useTranslate } from '../../../i18n/index.js'
import { useMirror } from '../../../state/mirror.js'
import { Thing } from '../Thing.js'
import { thing } from '../things.js'
import styles from './kernel.module.css'
import type { FaceProps } from './types.js'

/**
 * The tables that are asked at each hook, in the kernel's order.
 * Source: Linux include/uapi/linux/netfilter_ipv4.h enum nf_ip_hook_priorities
 */
const TABLES: Readonly<Record<string, readonly string[]>> = {
  PREROUTING: ['raw', 'mangle', 'nat'],
  INPUT: ['mangle', 'filter', 'nat'],
  FORWARD: ['mangle', 'filter'],
  OUTPUT: ['raw', 'mangle', 'nat', 'filter'],
  POSTROUTING: ['mangle', 'nat'],
}
const NO_TABLES: readonly string[] = []

/** A hook: where the kernel asks its tables about a packet. */
export const StationFace = memo(function StationFace({ id }: FaceProps) {
  const t = useTranslate()
  const [, node = '', hook = ''] = id.split('/')
  const held = useMirror((mirror) => mirror.scene.nodes.get(thing.node(node))?.tables ?? NO_TABLES)
  const tables = (TABLES[hook] ?? NO_TABLES).map((table) => ({ table, hasRules: held.includes(`${table} ${hook}`) }))
  const about = tables.map(({ table, hasRules }) => (hasRules ? table : t('canvas.table.empty', { table }))).join(' → ')
  return (
    <Thing id={id} className={styles['station']} about={about}>
      <span lang="en" translate="no">
        {hook}
      </span>
      <span className={styles['tables']} aria-hidden="true">
        {tables.map(({ table, hasRules }) => (
          <i key={table} data-table={table} data-rules={hasRules} />
        ))}
      </span>
    </Thing>
  )
})

/** The decision between this machine and the next. */
export const RoutingFace = memo(function RoutingFace({ id }: FaceProps) {
  return (
    <Thing id={id} className={styles['routing']}>
      <svg viewBox="0 0 24 24" width="24" height="24" aria-hidden="true">
        <path d="M12 1.5 22.5 12 12 22.5 1.5 12Z" />
      </svg>
    </Thing>
  )
})

export const LocalFace = memo(function LocalFace({ id }: FaceProps) {
  const t = useTranslate()
  return (
    <Thing id={id} className={styles['local']}>
      <span>{t('canvas.local')}</span>
    </Thing>
  )
})

/** The ledger beside the track: looked up before nat, written on leaving; packets do not pass through it. */
export const ConntrackFace = memo(function ConntrackFace({ id }: FaceProps) {
  const t = useTranslate()
  return (
    <Thing id={id} className={styles['conntrack']} about={t('canvas.entries')}>
      <span lang="en">{t('canvas.ledger')}</span>
    </Thing>
  )
})
