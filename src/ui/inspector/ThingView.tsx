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

const TABS = ['overview', 'rules', 'dump', 'conntrack', 'network', 'yaml', 'describe', 'events'] as const
type ThingTab = (typeof TABS)[number]
const KERNEL: ReadonlySet<ThingTab> = new Set(['rules', 'conntrack', 'network'])
const ENGLISH: ReadonlySet<ThingTab> = new Set(['yaml', 'describe', 'events', 'conntrack'])

const SERVICE = 'object/Service/'
/** Things whose inspector offers to try a real Node's rules. */
const OF_NODE: ReadonlySet<string> = new Set(['node', 'iptables', 'kube-proxy'])

/** Things that are about rules alone. */
const OF_RULES: ReadonlySet<string> = new Set(['iptables', 'kube-proxy', 'hook'])

/** The tab that one wants of a part of a Node that has one of its own. */
const NATURAL: Readonly<Record<string, ThingTab>> = {
  iptables: 'rules',
  hook: 'rules',
  conntrack: 'conntrack',
  routing: 'network',
  eth0: 'network',
  bridge: 'network',
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
    // A Pod's kernel seldom has rules or connections of its own to show: then there is nothing to open.
    if (id.startsWith('pod/') && isBare(tab, kernel)) return false
    if (tab === 'network' && OF_RULES.has(id.split('/')[0] ?? '')) return false
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

function isBare(tab: ThingTab, kernel: Details['kernel']): boolean {
  if (tab === 'rules') return kernel === undefined || kernel.rules === ''
  return tab === 'conntrack' && (kernel === undefined || kernel.conntrack.length === 0)
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
    case 'network':
      return [
        ...section('ip route', kernel?.routes),
        ...section(
          'ip address',
          kernel?.interfaces.map(
            ({ name, addresses, up, peer }) =>
              `${name}  ${up ? 'UP' : 'DOWN'}  ${addresses.join(' ')}${peer === '' ? '' : `  peer ${peer}`}`,
          ),
        ),
        ...section('ss -lntup', kernel?.sockets),
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

/** Lines under the command that would print them on a real host, in its own form. */
function section(command: string, lines: readonly string[] = []): readonly string[] {
  return lines.length === 0 ? [] : [`# ${command}`, ...lines, '']
}
