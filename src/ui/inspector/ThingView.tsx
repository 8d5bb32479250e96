import { useMemo } from 'react'
import { usePhrases, useTranslate } from '../../i18n/index.js'
import type { Details, ThingId } from '../../protocol/index.js'
import { useMirror } from '../../state/mirror.js'
import { type Tab, Tabs } from '../common/Tabs.js'
import { useThingName } from '../common/thingName.js'
import { DumpPanel } from '../dump/DumpPanel.js'
import { useUi } from '../uiState.js'
import { Overview } from './Overview.js'
import { RulesTab } from './RulesTab.js'
import { ServiceRules } from './ServiceRules.js'
import styles from './ThingView.module.css'
import { summaryOf } from './thingRows.js'
import { type Asked, useDetails } from './useDetails.js'

const TABS = ['overview', 'rules', 'dump', 'conntrack', 'routes', 'interfaces', 'yaml', 'describe', 'events'] as const
type ThingTab = (typeof TABS)[number]
const KERNEL: ReadonlySet<ThingTab> = new Set(['rules', 'conntrack', 'routes', 'interfaces'])
const ENGLISH: ReadonlySet<ThingTab> = new Set(['yaml', 'describe', 'events', 'conntrack'])

const SERVICE = 'object/Service/'
/** Things whose inspector offers to try a real Node's rules. */
const OF_NODE: ReadonlySet<string> = new Set(['node', 'iptables', 'kube-proxy'])

/** The tab that one wants of a part of a Node that has one of its own. */
const NATURAL: Readonly<Record<string, ThingTab>> = {
  iptables: 'rules',
  hook: 'rules',
  conntrack: 'conntrack',
  routing: 'routes',
  eth0: 'interfaces',
  bridge: 'interfaces',
}

/** A thing of the cluster: facts and actions, its object in three forms, a Node's kernel. */
export function ThingView({ id }: { readonly id: ThingId }) {
  const t = useTranslate()
  const { say } = usePhrases()
  const name = useThingName(id)
  const scene = useMirror((mirror) => mirror.scene)
  const summary = useMemo(() => summaryOf(scene, id), [scene, id])
  const asked = useDetails(id)
  const chosen = useUi((ui) => ui.thingTab)
  const kernel = asked.state === 'here' ? asked.details.kernel : undefined
  const hasObject = asked.state !== 'here' || asked.details.yaml !== ''
  const tabs: readonly Tab<ThingTab>[] = TABS.filter((tab) => {
    if (tab === 'rules' && id.startsWith(SERVICE)) return true
    if (tab === 'dump') return summary.node !== undefined && OF_NODE.has(id.split('/')[0] ?? '')
    return KERNEL.has(tab)
      ? kernel !== undefined || (asked.state === 'asking' && summary.node !== undefined)
      : tab === 'overview' || hasObject
  }).map((tab) => ({ id: tab, label: t(tab === 'dump' ? 'dump.tab' : `inspector.tab.${tab}`), english: ENGLISH.has(tab) }))
  const natural = NATURAL[id.split('/')[0] ?? '']
  const wanted = chosen === 'overview' ? (natural ?? 'overview') : chosen
  const current = tabs.find((tab) => tab.id === wanted)?.id ?? 'overview'
  return (
    <>
      <h2 className={styles['title']}>{say(name)}</h2>
      <Tabs label={t('inspector.view')} tabs={tabs} current={current} onChange={(thingTab) => useUi.setState({ thingTab })} dense>
        <Panel id={id} tab={current} asked={asked} />
      </Tabs>
    </>
  )
}

function Panel({ id, tab, asked }: { readonly id: ThingId; readonly tab: ThingTab; readonly asked: Asked }) {
  const t = useTranslate()
  if (tab === 'overview') return <Overview id={id} asked={asked} />
  if (asked.state === 'asking') return <p className={styles['note']}>{t('inspector.loading')}</p>
  if (asked.state === 'gone') return <p className={styles['note']}>{t('inspector.gone')}</p>
  const kernel = asked.details.kernel
  if (tab === 'rules' && id.startsWith(SERVICE)) return <ServiceRules service={id.slice(SERVICE.length)} />
  if (tab === 'dump') return <DumpPanel node={id.split('/')[1] ?? ''} />
  if (tab === 'rules' && kernel !== undefined) return <RulesTab kernel={kernel} />
  return <Text text={textOf(tab, asked.details)} label={t(`inspector.tab.${tab}`)} />
}

function textOf(tab: ThingTab, details: Details): string {
  const kernel = details.kernel
  switch (tab) {
    case 'yaml':
      return details.yaml
    case 'describe':
      return details.describe
    case 'events':
      return details.events
    case 'conntrack':
      return kernel?.conntrack.join('\n') ?? ''
    case 'routes':
      return kernel?.routes.join('\n') ?? ''
    case 'interfaces':
      return [
        ...(kernel?.interfaces.map(
          ({ name, addresses, up, peer }) =>
            `${name}  ${up ? 'UP' : 'DOWN'}  ${addresses.join(' ')}${peer === '' ? '' : `  peer ${peer}`}`,
        ) ?? []),
        ...(kernel === undefined || kernel.sockets.length === 0 ? [] : ['', ...kernel.sockets]),
      ].join('\n')
    default:
      return ''
  }
}

function Text({ text, label }: { readonly text: string; readonly label: string }) {
  const t = useTranslate()
  if (text.trim() === '') return <p className={styles['note']}>{t('inspector.empty')}</p>
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling box must be reachable by keyboard
    <section className={styles['text']} lang="en" translate="no" tabIndex={0} aria-label={label}>
      <pre>{text}</pre>
    </section>
  )
}
