import { useRef } from 'react'
import { phrase, useTranslate } from '../../i18n/index.js'
import { ask } from '../../state/client.js'
import { Button } from '../common/Button.js'
import { Say } from '../common/Say.js'
import { toast } from '../uiState.js'
import { DumpDiffView } from './DumpDiffView.js'
import styles from './DumpPanel.module.css'
import { DumpWalkView } from './DumpWalkView.js'
import { dropDump, setDump, typeDump, useDump } from './dumpStore.js'

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
        value={dump.text}
        onChange={(event) => typeDump(node, event.target.value)}
        aria-invalid={fault !== undefined && fault.line > 0}
      />
      {fault !== undefined && (
        <p className={styles['fault']} role="alert">
          <Say
            phrase={
              fault.line > 0
                ? phrase('dump.fault', { line: fault.line, message: fault.message })
                : phrase('dump.refused', { message: fault.message })
            }
          />{' '}
          {fault.line > 0 && (
            <Button look="chip" onClick={() => showLine(field.current, fault.line)}>
              {t('dump.goto')}
            </Button>
          )}
        </p>
      )}
      {dump.tried?.diff !== undefined && (
        <>
          <DumpWalkView node={node} dump={dump} />
          <DumpDiffView node={node} diff={dump.tried.diff} />
        </>
      )}
    </div>
  )
}

function showLine(field: HTMLTextAreaElement | null, line: number): void {
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
