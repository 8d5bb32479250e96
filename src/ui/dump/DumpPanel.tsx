import { useEffect, useMemo, useRef, useState } from 'react'
import { phrase, useTranslate } from '../../i18n/index.js'
import { ask } from '../../state/client.js'
import { Button } from '../common/Button.js'
import { Say } from '../common/Say.js'
import { toast } from '../uiState.js'
import { DumpDiffView } from './DumpDiffView.js'
import { DumpNotesView } from './DumpNotesView.js'
import styles from './DumpPanel.module.css'
import { DumpWalkView } from './DumpWalkView.js'
import { dropDump, excerptOf, kindOfText, putDumpBack, setDump, typeDump, useDump, useDumps } from './dumpStore.js'

/** Larger files are refused before they are read. */
const LARGEST_BYTES = 20_000_000

/** What if this Node held the rules of a real one: their text, what differs, and a packet's way through them. */
export function DumpPanel({ node }: { readonly node: string }) {
  const t = useTranslate()
  const dump = useDump(node)
  const chooser = useRef<HTMLInputElement>(null)
  const field = useRef<HTMLTextAreaElement>(null)
  const take = async (file: File | undefined) => {
    if (file === undefined) return
    if (file.size > LARGEST_BYTES) toast(phrase('dump.tooLarge', { most: LARGEST_BYTES / 1_000_000 }), { tone: 'problem' })
    else setDump(node, await file.text())
  }
  const fault = dump.tried?.fault
  const [sought, setSought] = useState<number | undefined>()
  const excerpt = useMemo(() => excerptOf(dump.text, sought ?? 1), [dump.text, sought])
  // What is sought may stand in a part that has yet to be shown.
  useEffect(() => {
    if (sought === undefined) return
    markLine(field.current, sought - (excerpt?.from ?? 1) + 1)
    setSought(excerpt === undefined ? undefined : sought)
  }, [sought, excerpt])
  const canPutBack = useDumps(({ taken }) => dump.text === '' && taken.has(node))
  // Only a text that cannot be read is looked at for what else it may be.
  const kind = fault === undefined || fault.line === 0 ? undefined : kindOfText(dump.text)
  return (
    <div className={styles['panel']} data-drop-node={node}>
      <p className={styles['intro']}>
        <Say phrase={phrase('dump.intro', { node })} />
      </p>
      <div className={styles['tools']}>
        <Button onClick={() => chooser.current?.click()}>{t('dump.file')}</Button>
        <Button look="quiet" onClick={() => void ownRules(node).then((text) => setDump(node, text))}>
          {t('dump.own', { node })}
        </Button>
        {dump.text !== '' && (
          <Button look="quiet" onClick={() => dropDump(node)}>
            {t('dump.clear')}
          </Button>
        )}
        {canPutBack && (
          <Button look="quiet" onClick={() => putDumpBack(node)}>
            {t('dump.putBack')}
          </Button>
        )}
        <input ref={chooser} type="file" hidden onChange={(event) => void take(event.target.files?.[0])} />
      </div>
      <textarea
        ref={field}
        className={styles['text']}
        aria-label={t('dump.text')}
        lang="en"
        translate="no"
        spellCheck={false}
        wrap="off"
        placeholder={'*nat\n:KUBE-SERVICES - [0:0]\n-A KUBE-SERVICES ...'}
        value={excerpt?.text ?? dump.text}
        readOnly={excerpt !== undefined}
        onChange={(event) => typeDump(node, event.target.value)}
        aria-invalid={fault !== undefined && fault.line > 0}
      />
      {excerpt !== undefined && (
        <p className={styles['note']}>
          <Say
            phrase={phrase('dump.long', {
              size: Math.round(dump.text.length / 100_000) / 10,
              from: excerpt.from,
              to: excerpt.to,
              count: excerpt.count,
            })}
          />
        </p>
      )}
      {fault !== undefined && (
        <p className={styles['fault']} role="alert">
          {kind !== undefined && `${t(`dump.${kind}`)} `}
          {kind !== 'binary' && (
            <Say
              phrase={
                fault.line > 0
                  ? phrase('dump.fault', { line: fault.line, message: fault.message })
                  : phrase('dump.refused', { message: fault.message })
              }
            />
          )}{' '}
          {fault.line > 0 && kind !== 'binary' && (
            <Button look="chip" onClick={() => setSought(fault.line)}>
              {t('dump.goto')}
            </Button>
          )}
        </p>
      )}
      {((dump.text !== '' && dump.text.trim() === '') || dump.tried?.diff?.rules === 0) && <p>{t('dump.noRules')}</p>}
      {dump.tried?.diff !== undefined && dump.tried.diff.rules > 0 && (
        <>
          <DumpNotesView notes={dump.tried.diff.notes} showLine={setSought} />
          <DumpWalkView node={node} dump={dump} />
          <DumpDiffView node={node} diff={dump.tried.diff} />
        </>
      )}
    </div>
  )
}

function markLine(field: HTMLTextAreaElement | null, line: number): void {
  if (field === null) return
  const lines = field.value.split('\n')
  const start = lines.slice(0, line - 1).reduce((sum, each) => sum + each.length + 1, 0)
  field.focus()
  field.setSelectionRange(start, start + (lines[line - 1]?.length ?? 0))
  field.scrollTop = Math.max(0, (field.scrollHeight / lines.length) * (line - 3))
}

/** What the simulated Node holds, to be changed a little. */
async function ownRules(node: string): Promise<string> {
  const reply = await ask({ type: 'inspect', thing: `node/${node}` })
  return reply.type === 'answer' && reply.answer.type === 'inspect' ? (reply.answer.details.kernel?.rules ?? '') : ''
}
