import { type KeyboardEvent, useEffect, useId, useMemo, useRef, useState } from 'react'
import { phrase, useTranslate } from '../../i18n/index.js'
import type { KernelDetails } from '../../protocol/index.js'
import { useMirror } from '../../state/mirror.js'
import { Say } from '../common/Say.js'
import { useCurrentStep } from '../transport/usePresent.js'
import { type ChainPlaces, placesOf } from './chainJumps.js'
import { Origin } from './Origin.js'
import { RuleJumps } from './RuleJumps.js'
import { familyOfStep, linesShown, litElement, litLine, type RuleLine, readLines, rulesOfFamily } from './ruleLines.js'
import { useSought } from './soughtRule.js'
import styles from './ThingView.module.css'

/** Lines drawn at once; a cluster with thousands of Services is searched. */
const LINES = 1_200
/** Chains up to which they are offered in a list; with more of them one searches. */
const CHAINS = 600

/** A Node's rules as its own tool prints them, the present step's rule lit and in view. A chosen rule says why it is there. */
export function RulesTab({ kernel }: { readonly kernel: KernelDetails }) {
  const t = useTranslate()
  const step = useCurrentStep()
  const [chosenFamily, setFamily] = useState<4 | 6 | undefined>()
  const isNode6 = useMirror((mirror) => mirror.scene.nodes.get(`node/${kernel.node}`)?.ip.includes(':') === true)
  const family = chosenFamily ?? familyOfStep(step) ?? (isNode6 ? 6 : 4)
  const [sought, setSought] = useState('')
  const [chosen, setChosen] = useState<number | undefined>()
  const lit = litLine(kernel, step, family)
  const { rules } = rulesOfFamily(kernel, family)
  const read = useMemo(() => readLines(kernel.format, rules), [kernel.format, rules])
  const hasBoth = kernel.ipv6 !== undefined || read.some((line) => line.family === 6)
  const all = useMemo(() => read.filter((line) => line.family === undefined || line.family === family), [read, family])
  const element = useMemo(() => litElement(read, lit, step), [read, lit, step])
  const [around, setAround] = useState<number | undefined>()
  const middle = around ?? lit
  const shown = useMemo(() => linesShown(all, sought, middle, LINES), [all, sought, middle])
  const places = useMemo(() => placesOf(all), [all])
  const go = (line: number) => {
    setSought('')
    setAround(line)
    setChosen(line)
  }
  const seek = useSought((state) => state.sought)
  useEffect(() => {
    if (seek === undefined || seek.node !== kernel.node) return
    useSought.setState({ sought: undefined })
    const found = read.find(({ rule, text }) => rule?.text === seek.rule.text || text.includes(seek.rule.text))
    if (found?.family !== undefined) setFamily(found.family)
    setSought('')
    setAround(found?.number)
    setChosen(found?.number)
  }, [seek, kernel.node, read])
  const picked = read[(chosen ?? 0) - 1]
  return (
    <div className={styles['rules']}>
      <div className={styles['search']}>
        <input
          type="search"
          aria-label={t('inspector.search')}
          placeholder={t('inspector.search')}
          value={sought}
          onChange={(event) => setSought(event.target.value)}
        />
        {hasBoth && (
          <select
            aria-label={t('rules.family')}
            value={family}
            onChange={(event) => setFamily(event.target.value === '6' ? 6 : 4)}
          >
            <option value="4">IPv4</option>
            <option value="6">IPv6</option>
          </select>
        )}
        {places.size <= CHAINS && <GoToChain places={places} go={go} />}
        <span>{t('inspector.rules.of', { shown: shown.length, count: all.length })}</span>
        {picked?.rule === undefined && (
          <span className={styles['hint']}>
            <Say phrase={phrase('rules.origin.pick')} /> {kernel.format === 'iptables' && t('rules.counters')}
          </span>
        )}
      </div>
      <Lines
        shown={shown}
        lit={lit}
        element={element}
        chosen={chosen}
        choose={setChosen}
        node={kernel.node}
        format={kernel.format}
      />
      {picked?.rule !== undefined && (
        <div className={styles['origin']}>
          <RuleJumps line={picked} all={all} places={places} go={go} />
          <Origin node={kernel.node} rule={picked.rule} brief />
        </div>
      )}
    </div>
  )
}

/** A list of all chains: choosing one shows it. */
function GoToChain({ places, go }: { readonly places: ChainPlaces; readonly go: (line: number) => void }) {
  const t = useTranslate()
  const chains = [...places.values()]
  return (
    <select data-chains aria-label={t('rules.chain')} value="" onChange={(event) => go(Number(event.target.value))}>
      <option value="" disabled>
        {t('rules.chain.pick')}
      </option>
      {[...new Set(chains.map(({ table }) => table))].map((table) => (
        <optgroup key={table} label={table}>
          {chains
            .filter((each) => each.table === table)
            .map(({ chain, line }) => (
              <option key={chain} value={line} lang="en" translate="no">
                {chain}
              </option>
            ))}
        </optgroup>
      ))}
    </select>
  )
}

/** One list box: arrows walk the rules, the one they stand on is explained below. */
function Lines(props: {
  readonly shown: readonly RuleLine[]
  readonly lit: number | undefined
  /** Of nftables: the element of a set or map that the lit rule found. */
  readonly element: number | undefined
  readonly chosen: number | undefined
  readonly choose: (line: number) => void
  readonly node: string
  readonly format: KernelDetails['format']
}) {
  const { shown, lit, element, chosen, choose, node, format } = props
  const t = useTranslate()
  const base = useId()
  const box = useRef<HTMLDivElement>(null)
  const current = useRef<HTMLDivElement>(null)
  // biome-ignore lint/correctness/useExhaustiveDependencies: scrolls whenever another rule is lit
  useEffect(() => {
    // The box alone is scrolled, never the page.
    if (current.current !== null && box.current !== null)
      box.current.scrollTop = current.current.offsetTop - box.current.clientHeight / 2
  }, [lit, element, node])
  useEffect(() => {
    const line = document.getElementById(`${base}-${chosen}`)
    if (line === null || box.current === null) return
    const { offsetTop, offsetHeight } = line
    const { scrollTop, clientHeight } = box.current
    if (offsetTop < scrollTop || offsetTop + offsetHeight > scrollTop + clientHeight)
      box.current.scrollTop = offsetTop - clientHeight / 2
  }, [chosen, base])
  const walk = (event: KeyboardEvent) => {
    const rules = shown.filter((line) => line.rule !== undefined)
    const at = rules.findIndex((line) => line.number === (chosen ?? lit))
    const to = { ArrowDown: at + 1, ArrowUp: Math.max(0, at - 1), Home: 0, End: rules.length - 1 }[event.key]
    const line = to === undefined ? undefined : rules[Math.min(to, rules.length - 1)]
    if (line === undefined) return
    event.preventDefault()
    choose(line.number)
  }
  return (
    <div
      ref={box}
      role="listbox"
      className={styles['lines']}
      lang="en"
      translate="no"
      tabIndex={0}
      aria-label={`${format === 'nftables' ? 'nft list ruleset' : 'iptables-save'} · ${t('rules.lines', { node })}`}
      {...(chosen === undefined ? {} : { 'aria-activedescendant': `${base}-${chosen}` })}
      onKeyDown={walk}
    >
      {shown.map(({ text, number, kind, rule }) => (
        <div
          key={number}
          id={`${base}-${number}`}
          ref={number === (element ?? lit) ? current : null}
          className={styles['line']}
          data-kind={kind}
          data-nft={format === 'nftables'}
          {...(rule === undefined ? { role: 'presentation' } : { role: 'option', 'aria-selected': number === chosen })}
          {...(number === lit ? { 'aria-current': true } : {})}
          data-element={number === element}
          {...(rule === undefined ? {} : { onClick: () => choose(number) })}
        >
          {format === 'nftables' ? text.replaceAll('\t', '  ') : text}
        </div>
      ))}
    </div>
  )
}
