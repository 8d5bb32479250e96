import { lazy, Suspense, useEffect, useRef, useState } from 'react'
import { useTranslate } from '../../i18n/index.js'
import { Button } from '../common/Button.js'
import { Contained } from '../common/Contained.js'
import { Fact, Say } from '../common/Say.js'
import { openFiles } from '../share/files.js'
import { useHere } from '../shell/HereNote.js'
import { applyDraft } from './apply.js'
import { diagnosticPhrase } from './diagnosticPhrase.js'
import { discardDraft, editDraft, useDraft } from './draft.js'
import { heaviness } from './heavy.js'
import { liveObjects } from './liveObjects.js'
import styles from './ManifestEditor.module.css'
import { PlainEditor } from './PlainEditor.js'
import { showRulesOfCursor } from './rulesOfLine.js'
import { TEMPLATES, withDocument } from './templates.js'
import { useCheckState, useChecks } from './useChecks.js'

const CodeEditor = lazy(() =>
  import('./CodeEditor.js').then(
    (module) => ({ default: module.CodeEditor }),
    () => ({ default: PlainEditor }),
  ),
)
const DiffView = lazy(() => import('./DiffView.js').then((module) => ({ default: module.DiffView })))

/** Manifests to edit and apply, with what the schema, the API server and kubectl say of them. */
export function ManifestEditor() {
  const t = useTranslate()
  const [live, setLive] = useState<string | undefined>()
  useChecks()
  return (
    <section className={styles['editor']} aria-label={t('editor.name')}>
      <Toolbar live={live} setLive={setLive} />
      <Restored />
      <div className={styles['text']}>
        <Contained>
          <Suspense fallback={<PlainEditor />}>{live === undefined ? <CodeEditor /> : <DiffView live={live} />}</Suspense>
        </Contained>
      </div>
      <Footing />
      <div className={styles['messages']}>
        <Problems />
        <Report />
      </div>
    </section>
  )
}

function Toolbar({ live, setLive }: { readonly live: string | undefined; readonly setLive: (live: string | undefined) => void }) {
  const t = useTranslate()
  const here = useHere(true)
  const applying = useCheckState((checks) => checks.applying)
  const chooser = useRef<HTMLInputElement>(null)
  const compare = async () => {
    if (live !== undefined) return setLive(undefined)
    setLive(await liveObjects(useDraft.getState().text))
  }
  return (
    <div className={styles['tools']}>
      <Button look="strong" disabled={applying} onClick={() => void applyDraft()}>
        {t('editor.apply')}
      </Button>
      <span className={styles['here']}>{here}</span>
      <select
        aria-label={t('editor.insert')}
        value=""
        onChange={(event) => {
          const template = TEMPLATES.find(({ name }) => name === event.target.value)
          if (template !== undefined) editDraft(withDocument(useDraft.getState().text, template.text))
        }}
      >
        <option value="">{t('editor.insert')}</option>
        {TEMPLATES.map(({ name }) => (
          <option key={name} value={name} lang="en" translate="no">
            {name}
          </option>
        ))}
      </select>
      <div className={styles['looks']}>
        <Button look="quiet" title={t('editor.diff.hint')} aria-pressed={live !== undefined} onClick={() => void compare()}>
          {t(live === undefined ? 'editor.diff' : 'editor.diff.end')}
        </Button>
        <Button look="quiet" onClick={() => void showRulesOfCursor()}>
          {t('rules.ofLine')}
        </Button>
        <Button look="quiet" onClick={() => chooser.current?.click()}>
          {t('editor.open')}
        </Button>
      </div>
      <input
        ref={chooser}
        type="file"
        hidden
        multiple
        accept=".yaml,.yml,.json"
        onChange={(event) => void openFiles([...(event.target.files ?? [])])}
      />
    </div>
  )
}

/** How to get out by keyboard, or why the editor's own helpers are silent. */
function Footing() {
  const t = useTranslate()
  const heavy = useDraft((draft) => heaviness(draft.text))
  return <p className={styles['leave']}>{heavy === undefined ? t('editor.leave') : t(`editor.heavy.${heavy}`)}</p>
}

function Restored() {
  const t = useTranslate()
  const restored = useDraft((draft) => draft.restored)
  if (!restored) return null
  return (
    <p className={styles['restored']}>
      {t('editor.restored')}{' '}
      <Button look="chip" onClick={discardDraft}>
        {t('editor.discard')}
      </Button>
    </p>
  )
}

const SHOWN = 20

function Problems() {
  const t = useTranslate()
  const diagnostics = useCheckState((checks) => checks.diagnostics)
  if (diagnostics.length === 0) return null
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling box must be reachable by keyboard
    <section className={styles['problems']} aria-label={t('editor.problems')} tabIndex={0}>
      <h2>{t('editor.problems')}</h2>
      <ul>
        {diagnostics.slice(0, SHOWN).map((problem) => (
          <li key={`${problem.line} ${problem.column} ${problem.message} ${problem.code}`} data-severity={problem.severity}>
            <span className={styles['place']}>{t('editor.problem', { line: problem.line, column: problem.column })}</span>{' '}
            {problem.fix !== undefined && <FixButton text={problem.fix.text} />}
            <Say phrase={diagnosticPhrase(problem)} />
          </li>
        ))}
      </ul>
    </section>
  )
}

function FixButton({ text }: { readonly text: string }) {
  const t = useTranslate()
  return (
    <Button look="plain" onClick={() => editDraft(text)}>
      {t('editor.fix')}
    </Button>
  )
}

function Report() {
  const t = useTranslate()
  const report = useCheckState((checks) => checks.report)
  const box = useRef<HTMLElement>(null)
  useEffect(() => {
    if (report !== undefined) box.current?.scrollIntoView({ block: 'nearest' })
  }, [report])
  if (report === undefined) return null
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling box must be reachable by keyboard
    <section ref={box} className={styles['report']} data-failed={report.exit !== 0} aria-label={t('editor.report')} tabIndex={0}>
      <h2>{t('editor.report')}</h2>
      <div role="log">
        {report.text.split('\n').map((line, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: lines of one text, replaced as a whole
          <p key={index}>
            <Fact>{line}</Fact>
          </p>
        ))}
      </div>
    </section>
  )
}
