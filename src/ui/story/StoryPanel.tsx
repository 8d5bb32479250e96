import { useMemo } from 'react'
import { localText, useLanguage, useTranslate } from '../../i18n/index.js'
import type { ScenarioStory, StoryStep } from '../../protocol/index.js'
import { useMirror } from '../../state/mirror.js'
import { pause, seek, toEnd } from '../../state/transport.js'
import { useView } from '../../state/view.js'
import { perform } from '../act.js'
import { Button } from '../common/Button.js'
import { Term } from '../common/Term.js'
import { useUi } from '../uiState.js'
import { missingBefore } from './missingBefore.js'
import styles from './StoryPanel.module.css'
import { storyPieces } from './storyTerms.js'
import { Tasks } from './Tasks.js'

/** Terms that stories use and the glossary has a word for. */
const STORY_TERMS = [
  'api-server',
  'cloud-controller-manager',
  'conntrack',
  'container',
  'control-plane',
  'controller-manager',
  'deployment',
  'endpointslice',
  'etcd',
  'iptables',
  'kube-proxy',
  'kubelet',
  'lease',
  'load-balancer',
  'node',
  'nodeport',
  'pod',
  'replicaset',
  'scheduler',
  'service',
] as const

/** The scenario, told step by step, with predictions that may be skipped. */
export function StoryPanel() {
  const t = useTranslate()
  const story = useMirror((mirror) => mirror.opened?.scenario)
  const at = useUi((ui) => ui.storyStep)
  if (story === undefined)
    return (
      <div className={styles['story']}>
        <p className={styles['none']}>{t('story.none')}</p>
        <Tasks />
      </div>
    )
  const step = story.steps[at]
  return (
    <div className={styles['story']}>
      {step !== undefined && (
        <>
          <Question story={story} first={at === 0} />
          <Missing story={story} at={at} />
          <StoryText story={story} at={at} />
          <Prediction step={step} index={at} />
          <Tasks />
          <div className={styles['foot']}>
            {step.action !== undefined && <ActionButton step={step} />}
            <div className={styles['walk']}>
              <Button look="quiet" disabled={at === 0} onClick={() => openStoryStep(story, at - 1)}>
                {t('story.previous')}
              </Button>
              <span className={styles['count']}>{t('story.step', { n: at + 1, count: story.steps.length })}</span>
              <Button look="plain" disabled={at >= story.steps.length - 1} onClick={() => openStoryStep(story, at + 1)}>
                {t('story.next')}
              </Button>
            </div>
          </div>
        </>
      )}
    </div>
  )
}

/** The step's text; a term opens its definition where the story first uses it. */
function StoryText({ story, at }: { readonly story: ScenarioStory; readonly at: number }) {
  const t = useTranslate()
  const language = useLanguage()
  const pieces = useMemo(() => {
    const texts = story.steps.slice(0, at + 1).map((step) => localText(step.text, language))
    const words = STORY_TERMS.map((term) => ({ term, word: bareWord(t(`word.${term}`)) }))
    return storyPieces(texts[at] ?? '', texts.slice(0, at), words)
  }, [story, at, language, t])
  return (
    <p className={styles['text']}>
      {pieces.map((piece) =>
        piece.type === 'text' ? (
          piece.text
        ) : (
          <Term key={piece.term} id={piece.term}>
            {piece.text}
          </Term>
        ),
      )}
    </p>
  )
}

/** A term without its article, or its English name in brackets. */
function bareWord(word: string): string {
  return word.replace(/^(?:An?|The) /, '').replace(/（.*）$/, '')
}

/** What the scenario asks, and what many believe: open before the first step, one line from then on. */
function Question({ story, first }: { readonly story: ScenarioStory; readonly first: boolean }) {
  const t = useTranslate()
  const language = useLanguage()
  return (
    <details key={String(first)} className={styles['about']} open={first}>
      <summary className={styles['question']}>{localText(story.question, language)}</summary>
      <p>
        <span className={styles['label']}>{t('story.misconception')}</span> {localText(story.misconception, language)}
      </p>
    </details>
  )
}

/** What an earlier step asks for and nobody has done: without it the story tells of another cluster than the one in view. */
function Missing({ story, at }: { readonly story: ScenarioStory; readonly at: number }) {
  const t = useTranslate()
  const language = useLanguage()
  const actions = useMirror((mirror) => mirror.actions)
  const missing = missingBefore(story, at, actions)
  if (missing?.action === undefined) return null
  const { action, actionLabel } = missing
  const label = actionLabel === undefined ? t('story.do') : localText(actionLabel, language)
  return (
    <p className={styles['missing']}>
      {t('story.before', { action: label })} <Button onClick={() => void perform(action)}>{t('story.doBefore')}</Button>
    </p>
  )
}

function ActionButton({ step }: { readonly step: StoryStep }) {
  const t = useTranslate()
  const language = useLanguage()
  const action = step.action
  if (action === undefined) return null
  return (
    <Button
      look="strong"
      onClick={() => {
        if (step.level !== undefined) useView.setState({ level: step.level })
        void perform(action)
      }}
    >
      {step.actionLabel === undefined ? t('story.do') : localText(step.actionLabel, language)}
    </Button>
  )
}

function Prediction({ step, index }: { readonly step: StoryStep; readonly index: number }) {
  const t = useTranslate()
  const language = useLanguage()
  const chosen = useUi((ui) => ui.predictions[index])
  const hasActed = useMirror((mirror) => mirror.actions.length > 0)
  const prediction = step.prediction
  if (prediction === undefined) return null
  const known = prediction.answer !== undefined && chosen !== undefined
  const shownAt = prediction.shownAt
  const wrong = known && chosen !== prediction.answer
  return (
    <fieldset className={styles['prediction']}>
      <legend className={styles['label']}>{t('story.predict')}</legend>
      <p className={styles['question']}>{localText(prediction.question, language)}</p>
      {prediction.choices.map((choice) => (
        <label key={choice.value} className={styles['choice']} data-right={known && choice.value === prediction.answer}>
          <input
            type="radio"
            name={`prediction-${index}`}
            checked={chosen === choice.value}
            onChange={() => useUi.setState((ui) => ({ predictions: { ...ui.predictions, [index]: choice.value } }))}
          />
          <span>{localText(choice.text, language)}</span>
        </label>
      ))}
      <p className={styles['verdict']} aria-live="polite">
        {chosen === undefined
          ? t('story.skip')
          : prediction.answer === undefined
            ? t('story.notYet')
            : chosen === prediction.answer
              ? t('story.right')
              : t(shownAt === undefined && !hasActed ? 'story.wrongGoOn' : 'story.wrong')}
      </p>
      {wrong && (shownAt !== undefined || hasActed) && (
        <Button
          onClick={() => {
            pause()
            if (shownAt === undefined) void toEnd()
            else {
              useView.setState({ level: 'rules' })
              void seek(shownAt)
            }
          }}
        >
          {t('story.show')}
        </Button>
      )}
    </fieldset>
  )
}

/** Opens a step of the story: its level, and what it wants seen. */
function openStoryStep(story: ScenarioStory, to: number): void {
  const step = story.steps[to]
  if (step === undefined) return
  useUi.setState({ storyStep: to })
  if (step.level !== undefined) useView.setState({ level: step.level })
  if (step.open !== undefined) useView.setState({ selected: step.open })
}
