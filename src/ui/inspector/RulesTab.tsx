import { useEffect, useMemo, useRef, useState } from 'react'
import { useTranslate } from '../../i18n/index.js'
import type { KernelDetails, Step } from '../../protocol/index.js'
import { useCurrentStep } from '../transport/usePresent.js'
import styles from './ThingView.module.css'

/** Lines drawn at once; a cluster with thousands of Services is searched. */
const LINES = 1_200

/** A Node's rules as its own tool prints them, the present step's rule lit and in view. */
export function RulesTab({ kernel }: { readonly kernel: KernelDetails }) {
  const t = useTranslate()
  const step = useCurrentStep()
  const [sought, setSought] = useState('')
  const lit = litLine(kernel, step)
  const all = useMemo(() => kernel.rules.split('\n').map((text, index) => ({ text, number: index + 1 })), [kernel.rules])
  const shown = useMemo(() => linesShown(all, sought, lit), [all, sought, lit])
  const current = useRef<HTMLDivElement>(null)
  // biome-ignore lint/correctness/useExhaustiveDependencies: scrolls whenever another rule is lit
  useEffect(() => {
    const line = current.current
    const box = line?.parentElement
    // The box alone is scrolled, never the page.
    if (line !== null && box !== null && box !== undefined) box.scrollTop = line.offsetTop - box.clientHeight / 2
  }, [lit, kernel.node])
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
        <span>{t('inspector.rules.of', { shown: shown.length, count: all.length })}</span>
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling box must be reachable by keyboard */}
      <section className={styles['lines']} lang="en" translate="no" tabIndex={0} aria-label="iptables-save">
        {shown.map(({ text, number }) => (
          <div
            key={number}
            ref={number === lit ? current : null}
            className={styles['line']}
            data-kind={text.startsWith('*') ? 'table' : text.startsWith(':') ? 'chain' : 'rule'}
            {...(number === lit ? { 'aria-current': true } : {})}
          >
            {text}
          </div>
        ))}
      </section>
    </div>
  )
}

/** The line of the rule that the present step is about, if it is this Node's. */
export function litLine(kernel: KernelDetails, step: Step | undefined): number | undefined {
  if (step === undefined || !('chain' in step.facts) || !('rule' in step.facts)) return undefined
  const { host, table, chain, rule } = step.facts
  return host === kernel.node ? kernel.lines[`${table} ${chain} ${rule}`] : undefined
}

interface Line {
  readonly text: string
  readonly number: number
}

/** Lines that hold the sought text; without one, those around the lit line. */
export function linesShown(all: readonly Line[], sought: string, lit: number | undefined): readonly Line[] {
  const words = sought.trim().toLowerCase()
  if (words !== '') return all.filter((line) => line.text.toLowerCase().includes(words)).slice(0, LINES)
  if (all.length <= LINES || lit === undefined) return all.slice(0, LINES)
  const from = Math.max(0, Math.min(lit - LINES / 2, all.length - LINES))
  return all.slice(from, from + LINES)
}
