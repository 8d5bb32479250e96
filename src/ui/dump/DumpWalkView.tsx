import { useId, useMemo, useState } from 'react'
import { phrase, unmodelled, useTranslate } from '../../i18n/index.js'
import type { DumpPacket, DumpWalk } from '../../protocol/index.js'
import { useMirror } from '../../state/mirror.js'
import { Button } from '../common/Button.js'
import { Say } from '../common/Say.js'
import { verdictPhrase } from '../request/requestModel.js'
import { fractionOf } from '../transport/presentModel.js'
import styles from './DumpPanel.module.css'
import { changeDump, type Dump, destinationsIn, tryDump, withDestination } from './dumpStore.js'

/** A packet put into the Node, and every rule of the dump that it meets, there and back. */
export function DumpWalkView({ node, dump }: { readonly node: string; readonly dump: Dump }) {
  const t = useTranslate()
  const list = useId()
  const { packet } = dump
  const change = (part: Partial<DumpPacket>) => changeDump(node, { packet: { ...packet, ...part } })
  const walk = dump.tried?.walk
  const known = useMemo(() => destinationsIn(dump.text), [dump.text])
  return (
    <section className={styles['walk']}>
      <h3>{t('dump.walk')}</h3>
      <form
        className={styles['form']}
        onSubmit={(event) => {
          event.preventDefault()
          void tryDump(node, true)
        }}
      >
        <label>
          <span>{t('dump.src')}</span>
          <input value={packet.src} onChange={(event) => change({ src: event.target.value })} lang="en" spellCheck={false} />
        </label>
        <label>
          <span>{t('dump.dst')}</span>
          <input
            value={packet.dst}
            list={list}
            placeholder="10.96.0.10:53"
            onChange={(event) => changeDump(node, { packet: withDestination(packet, { dst: event.target.value }) })}
            lang="en"
            spellCheck={false}
          />
        </label>
        <datalist id={list}>
          {known.map(({ dst, proto }) => (
            <option key={`${dst} ${proto}`} value={dst} label={proto} />
          ))}
        </datalist>
        <label>
          <span>{t('dump.proto')}</span>
          <select value={packet.proto} onChange={(event) => change({ proto: protoOf(event.target.value) })}>
            <option>tcp</option>
            <option>udp</option>
            <option>sctp</option>
          </select>
        </label>
        <Button type="submit" look="strong" disabled={dump.asking || packet.dst === ''}>
          {t('dump.go')}
        </Button>
      </form>
      {walk !== undefined && <Outcomes key={JSON.stringify(packet)} walk={walk} isStranger={isStranger(packet.src)} />}
    </section>
  )
}

function isStranger(src: string): boolean {
  const { clients, nodes, pods } = useMirror.getState().scene
  return ![...clients.values(), ...nodes.values(), ...pods.values()].some(({ ip }) => ip === src)
}

function protoOf(text: string): DumpPacket['proto'] {
  return text === 'udp' || text === 'sctp' ? text : 'tcp'
}

/** @param isStranger nobody here has the sender's address, so that nothing can be said of who hears an answer. */
function Outcomes({ walk, isStranger }: { readonly walk: DumpWalk; readonly isStranger: boolean }) {
  const t = useTranslate()
  const [index, setIndex] = useState(0)
  const outcome = walk.outcomes[index]
  if (outcome === undefined) return null
  const to =
    outcome.to === undefined ? '' : `${endpoint(outcome.to)}${outcome.to.pod === undefined ? '' : ` (${outcome.to.pod})`}`
  const stopped = unmodelled(outcome.with)
  return (
    <div aria-live="polite">
      <p className={styles['whatIf']}>{t('dump.whatIf')}</p>
      {walk.outcomes.length > 1 && (
        <select aria-label={t('dump.walk')} value={index} onChange={(event) => setIndex(Number(event.target.value))}>
          {walk.outcomes.map((each, at) => (
            <option key={`${each.to?.ip} ${each.to?.port} ${each.probability} ${at.toString()}`} value={at}>
              {t('dump.outcome', { n: at + 1, count: walk.outcomes.length, share: fractionOf(each.probability) })}
              {each.to === undefined ? '' : ` · ${endpoint(each.to)}`}
            </option>
          ))}
        </select>
      )}
      <p className={styles['verdict']}>
        <Say
          phrase={
            stopped !== undefined
              ? phrase('dump.stopped', { to, what: stopped })
              : outcome.verdict === 'delivered'
                ? phrase('dump.verdict.delivered', { to, source: outcome.sourceSeen ?? '' })
                : phrase('dump.verdict.other', {
                    verdict:
                      outcome.with === undefined
                        ? verdictPhrase(outcome.verdict)
                        : phrase('dump.verdict.with', { verdict: verdictPhrase(outcome.verdict), with: outcome.with }),
                    to,
                  })
          }
        />
      </p>
      {outcome.unheard === true && !isStranger && <p>{t('dump.unheard')}</p>}
      <Hops title={t('dump.hops')} hops={outcome.hops} />
      {outcome.reply.length > 0 && <Hops title={t('dump.replyHops')} hops={outcome.reply} />}
      {walk.more > 0 && <p className={styles['note']}>{t('dump.more', { count: walk.more })}</p>}
    </div>
  )
}

function endpoint({ ip, port }: { readonly ip: string; readonly port: number }): string {
  return ip.includes(':') ? `[${ip}]:${port}` : `${ip}:${port}`
}

function Hops({ title, hops }: { readonly title: string; readonly hops: DumpWalk['outcomes'][number]['hops'] }) {
  const t = useTranslate()
  return (
    <>
      <h4>{title}</h4>
      {hops.length === 0 && <p className={styles['note']}>{t('dump.noHops')}</p>}
      <ol className={styles['hops']} lang="en" translate="no">
        {hops.map((hop, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a rule can be met twice; the list is replaced as a whole
          <li key={index}>
            <span className={styles['where']}>
              {hop.host} {hop.hook} · {hop.table} {hop.chain} {hop.rule}
            </span>
            <code>{hop.text.replace(/^-A \S+ /, '')}</code>
            <span className={styles['where']}>
              {hop.packet} → {hop.action}
            </span>
          </li>
        ))}
      </ol>
    </>
  )
}
