import { localText, useLanguage, useTranslate } from '../../i18n/index.js'
import { useMirror } from '../../state/mirror.js'
import { Button } from '../common/Button.js'
import { useUi } from '../uiState.js'
import { showPanels } from './NarrowPanels.js'
import styles from './StoryStrip.module.css'

/** On a phone the story is a tab below the picture: this says above it what it is about, and leads there. */
export function StoryStrip() {
  const t = useTranslate()
  const language = useLanguage()
  const story = useMirror((mirror) => mirror.opened?.scenario)
  const begun = useMirror((mirror) => mirror.position.end > 0)
  const at = useUi((ui) => ui.storyStep)
  const step = story?.steps[at]
  if (story === undefined || step === undefined) return null
  return (
    <section className={styles['strip']} data-begun={begun} aria-label={t('story.about')}>
      <p className={styles['question']}>{localText(story.question, language)}</p>
      <p className={styles['text']}>{localText(step.text, language)}</p>
      <Button
        look="chip"
        className={styles['more'] ?? ''}
        onClick={() => {
          useUi.setState({ narrowTab: 'story' })
          showPanels()
        }}
      >
        {t('story.open', { n: at + 1, count: story.steps.length })}
      </Button>
    </section>
  )
}
