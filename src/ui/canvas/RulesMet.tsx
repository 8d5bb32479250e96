import { useTranslate } from '../../i18n/index.js'
import { fractionOf } from '../transport/presentModel.js'
import type { RuleMet } from './journey.js'
import styles from './packet.module.css'

/** More than these are counted, not listed: the inspector has them all. */
export const RULES_SHOWN = 5
/** Where cards of many Nodes stand close together, a long list would hide too many of them. */
export const RULES_SHOWN_CLOSE = 3

/** The rules of this hook that matched until now: chain, number, what it asks, what it does, and the chance taken. */
export function RulesMet({ rules, most }: { readonly rules: readonly RuleMet[]; readonly most: number }) {
  const t = useTranslate()
  const shown = rules.slice(-most)
  return (
    <div className={styles['rules']} lang="en" translate="no">
      {rules.length > shown.length && (
        <span className={styles['earlier']}>{t('canvas.earlier', { count: rules.length - shown.length })}</span>
      )}
      <ol>
        {shown.map((rule, index) => (
          <li key={rule.id} data-last={index === shown.length - 1} title={rule.facts.text}>
            {rule.facts.table !== shown[index - 1]?.facts.table && <span className={styles['table']}>{rule.facts.table}</span>}
            <span className={styles['chain']}>
              {shortChain(rule.facts.chain)} {rule.facts.rule}
            </span>
            <RuleText text={shortRule(rule.facts.text)} />
            {rule.facts.chance !== undefined && (
              <span className={styles['chance']}>⚄ {rule.facts.chance.share ?? fractionOf(rule.facts.chance.probability)}</span>
            )}
          </li>
        ))}
      </ol>
    </div>
  )
}

/** What a rule asks may be cut for room, what it does may not. */
function RuleText({ text }: { readonly text: string }) {
  const [asks, does] = splitRule(text)
  return (
    <span className={styles['text']}>
      <span>{asks}</span>
      <span>{does}</span>
    </span>
  )
}

/** What a rule asks and what it does, of `iptables -S` (after `-j`) or of `nft list ruleset` (from its statement on). */
export function splitRule(text: string): readonly [asks: string, does: string] {
  const target = text.lastIndexOf('-j ')
  const statement =
    target >= 0 ? target : text.search(/(?:^|(?<= ))(?:jump|goto|vmap|dnat|meta mark set|masquerade|reject|drop|accept|return)\b/)
  return statement < 0 ? [text, ''] : [text.slice(0, statement), text.slice(statement)]
}

/** A chain's name with its hash cut to the part that tells chains apart at a glance. */
export function shortChain(chain: string): string {
  return chain.replace(/^(KUBE-[A-Z]+-[A-Z0-9]{4})[A-Z0-9]{8,}$/, '$1…')
}

/** A rule's text without what every rule says: its chain, comments, the module names. */
export function shortRule(text: string): string {
  return text
    .replace(/^-A \S+\s*/, '')
    .replace(/-m comment --comment (?:"[^"]*"|\S+)\s*/g, '')
    .replace(/-m (?:tcp|udp|sctp|mark|addrtype|statistic|conntrack|physdev) /g, '')
    .replace(/--mode random /g, '')
    .replace(/(KUBE-[A-Z]+-[A-Z0-9]{4})[A-Z0-9]{8,}/g, '$1…')
    .trim()
}
