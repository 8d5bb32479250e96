import { useEffect, useState } from 'react'
import { localText, useLanguage, useTranslate } from '../../i18n/index.js'
import { askFor } from '../../state/client.js'
import { useMirror } from '../../state/mirror.js'
import { useView } from '../../state/view.js'
import { Say } from '../common/Say.js'
import { useDumps } from '../dump/dumpStore.js'
import { addressOfLink } from '../shell/address.js'
import { useUi } from '../uiState.js'
import { actionText } from './actionText.js'
import styles from './SharePanel.module.css'
import { viewToLink } from './viewLink.js'
import { workToLink } from './workLink.js'

type Made =
  | { readonly state: 'making' | 'failed' }
  | { readonly state: 'made'; readonly address: string; readonly copied: boolean }

/** Makes a link of what is on the page, puts it on the clipboard, and says what it holds. */
export function SharePanel() {
  const t = useTranslate()
  const name = useUi((ui) => ui.handedInBy)
  const made = useLink(name)
  const hasDump = useDumps(({ dumps }) => dumps.size > 0)
  const actions = useMirror((mirror) => mirror.actions)
  return (
    <div className={styles['share']}>
      {made.state === 'making' && <p>{t('share.making')}</p>}
      {made.state === 'failed' && <p>{t('share.failed')}</p>}
      {made.state === 'made' && (
        <>
          <input
            className={styles['link']}
            readOnly
            aria-label={t('share.link')}
            lang="en"
            translate="no"
            value={made.address}
            onFocus={(event) => event.target.select()}
          />
          <p aria-live="polite">
            {t(made.copied ? 'share.copied' : 'share.notCopied')} {t('share.length', { count: made.address.length })}
          </p>
          <p className={styles['note']}>{t('share.holds')}</p>
          {hasDump && <p className={styles['note']}>{t('dump.inLink')}</p>}
        </>
      )}
      <label className={styles['name']}>
        <span>{t('share.name')}</span>
        <input
          value={name}
          maxLength={80}
          autoComplete="off"
          spellCheck={false}
          onChange={(event) => useUi.setState({ handedInBy: event.target.value })}
        />
      </label>
      <Predictions />
      <h2>{t('share.actions')}</h2>
      {actions.length === 0 && <p className={styles['note']}>{t('share.noActions')}</p>}
      <ol className={styles['actions']}>
        {actions.map((record, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: the list only grows; its place is what an action is known by
          <li key={index}>
            <Say phrase={actionText(record.action)} />
          </li>
        ))}
      </ol>
    </div>
  )
}

/** What was predicted, and whether it came so: for whoever marks it. */
function Predictions() {
  const t = useTranslate()
  const language = useLanguage()
  const steps = useMirror((mirror) => mirror.opened?.scenario?.steps)
  const predictions = useUi((ui) => ui.predictions)
  const made = (steps ?? []).flatMap((step, index) => {
    const chosen = step.prediction?.choices.find((choice) => choice.value === predictions[index])
    return chosen === undefined ? [] : [{ index, chosen, prediction: step.prediction }]
  })
  if (made.length === 0) return null
  return (
    <>
      <h2>{t('share.predictions')}</h2>
      <ul className={styles['actions']}>
        {made.map(({ index, chosen, prediction }) => (
          <li key={index}>
            {prediction !== undefined && localText(prediction.question, language)} {localText(chosen.text, language)}
            <span className={styles['note']}>
              {' · '}
              {t(
                prediction?.answer === undefined
                  ? 'share.prediction.open'
                  : prediction.answer === chosen.value
                    ? 'share.prediction.right'
                    : 'share.prediction.wrong',
              )}
            </span>
          </li>
        ))}
      </ul>
    </>
  )
}

/** Typing a name makes the link anew, when the hand rests. */
const REST_MS = 300

function useLink(name: string): Made {
  const [made, setMade] = useState<Made>({ state: 'making' })
  const isFirst = made.state === 'making'
  // biome-ignore lint/correctness/useExhaustiveDependencies: the name is in the link; the first one is made at once
  useEffect(() => {
    let wanted = true
    const timer = setTimeout(
      () =>
        void makeLink().then((result) => {
          if (wanted) setMade(result)
        }),
      isFirst ? 0 : REST_MS,
    )
    return () => {
      wanted = false
      clearTimeout(timer)
    }
  }, [name])
  return made
}

async function makeLink(): Promise<Made> {
  const view = { ...viewToLink(useView.getState()), ...workToLink(useUi.getState()) }
  const answer = await askFor({ type: 'link', view }, 'link')
  if (answer === undefined) return { state: 'failed' }
  const address = addressOfLink(location, answer.text)
  try {
    await navigator.clipboard.writeText(address)
    return { state: 'made', address, copied: true }
  } catch {
    return { state: 'made', address, copied: false }
  }
}
