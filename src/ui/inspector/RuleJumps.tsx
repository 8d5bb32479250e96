import { useMemo } from 'react'
import { phrase } from '../../i18n/index.js'
import { Button } from '../common/Button.js'
import { Say } from '../common/Say.js'
import { type ChainPlaces, callersOf, targetsOf } from './chainJumps.js'
import type { RuleLine } from './ruleLines.js'
import styles from './ThingView.module.css'

/** Ways in and out that are offered. */
const OFFERED = 6

/** From a chosen rule on to the chain to which it leads, and back to what leads into its own. */
export function RuleJumps(props: {
  readonly line: RuleLine
  readonly all: readonly RuleLine[]
  readonly places: ChainPlaces
  readonly go: (line: number) => void
}) {
  const { line, all, places, go } = props
  const [targets, callers] = useMemo(() => [targetsOf(line, places), callersOf(all, line, OFFERED)], [line, all, places])
  if (targets.length === 0 && callers.length === 0) return null
  return (
    <div className={styles['jumps']}>
      {targets.slice(0, OFFERED).map(({ chain, line: to }) => (
        <Button key={chain} look="chip" onClick={() => go(to)}>
          <span>
            <span aria-hidden="true">→ </span>
            <Say phrase={phrase('rules.jump', { chain })} terms={false} />
          </span>
        </Button>
      ))}
      {callers.map((caller) => (
        <Button key={caller.number} look="chip" onClick={() => go(caller.number)}>
          <span>
            <span aria-hidden="true">← </span>
            <Say phrase={phrase('rules.callers', { chain: caller.chain ?? '', line: caller.number })} terms={false} />
          </span>
        </Button>
      ))}
    </div>
  )
}
