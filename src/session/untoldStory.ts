import type { LocalText, ScenarioInput, StoryStepInput } from '../scenario/index.js'
import type { StepId } from '../sim/index.js'
import type { Action } from './action.js'
import { toAction } from './scenarioInput.js'

export type { LocalText } from '../scenario/index.js'

/** A scenario as it is told: one question, one misconception, steps with predictions, something to do at the end. */
export interface ScenarioStory {
  readonly title: LocalText
  readonly summary: LocalText
  readonly question: LocalText
  readonly misconception: LocalText
  readonly steps: readonly StoryStep[]
}

export interface StoryStep {
  readonly text: LocalText
  /** Done when the person presses the step's button. */
  readonly action?: Action
  readonly actionLabel?: LocalText
  readonly level?: 'overview' | 'stations' | 'rules'
  /** Shown in the inspector when the step opens. */
  readonly open?: string
  readonly prediction?: StoryPrediction
}

export interface StoryPrediction {
  readonly question: LocalText
  readonly choices: readonly { readonly text: LocalText; readonly value: string }[]
  /** The right choice's value, as the simulation gave it; absent where it has none. */
  readonly answer?: string
  /** The step that shows why, where the story's own action made it. */
  readonly shownAt?: StepId
}

/** A scenario's story as it is written: the predictions' answers are still unknown. */
export function untoldStory(input: ScenarioInput): ScenarioStory | undefined {
  const { story } = input
  if (story === undefined) return undefined
  const { title, summary, question, misconception, steps } = story
  return { title, summary, question, misconception, steps: steps.map((step) => tellStep(step, undefined)) }
}

/** A step of the story; `answer` is its prediction's, once the simulation has given it. */
export function tellStep(
  { text, action, actionLabel, level, open, prediction }: StoryStepInput,
  answer: string | undefined,
): StoryStep {
  const done = action === undefined ? undefined : toAction(action)
  return {
    text,
    ...(done === undefined ? {} : { action: done }),
    ...(actionLabel === undefined ? {} : { actionLabel }),
    ...(level === undefined ? {} : { level }),
    ...(open === undefined ? {} : { open }),
    ...(prediction === undefined
      ? {}
      : {
          prediction: { question: prediction.question, choices: prediction.choices, ...(answer === undefined ? {} : { answer }) },
        }),
  }
}
