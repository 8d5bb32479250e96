import type { ViewState } from '../../protocol/index.js'

/** What a person has done beside acting on the cluster: where in the story, what was predicted, and who it is, if they say so. */
export interface Work {
  readonly storyStep: number
  readonly predictions: Readonly<Record<number, string>>
  /** A name or student number; empty by default. Outside data once it has come with a link. */
  readonly handedInBy: string
}

const NAME_MAX = 80
const ANSWER_MAX = 200
const STEPS_MAX = 200

/** The work as it travels in a link, beside the view. What was not done takes no room. */
export function workToLink({ storyStep, predictions, handedInBy }: Work): ViewState {
  const said: Record<string, string> = {}
  if (storyStep > 0) said['story'] = String(storyStep)
  if (Object.keys(predictions).length > 0) said['predictions'] = JSON.stringify(predictions)
  const name = handedInBy.trim().slice(0, NAME_MAX)
  if (name !== '') said['by'] = name
  return said
}

/** The work that a link tells of; what cannot be understood is left out. */
export function workFromLink(said: ViewState): Work {
  const step = Number(said['story'] ?? '0')
  return {
    storyStep: Number.isInteger(step) && step > 0 && step < STEPS_MAX ? step : 0,
    predictions: predictionsFrom(said['predictions'] ?? ''),
    handedInBy: (said['by'] ?? '').replace(/\s+/g, ' ').trim().slice(0, NAME_MAX),
  }
}

function predictionsFrom(text: string): Work['predictions'] {
  let parsed: unknown
  try {
    parsed = JSON.parse(text)
  } catch {
    return {}
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) return {}
  const predictions: Record<number, string> = {}
  for (const [key, value] of Object.entries(parsed)) {
    const step = Number(key)
    if (!/^\d+$/.test(key) || step >= STEPS_MAX || typeof value !== 'string' || value.length > ANSWER_MAX) continue
    predictions[step] = value
  }
  return predictions
}
