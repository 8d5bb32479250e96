import type { ActionRecord, ScenarioStory, StoryStep } from '../../protocol/index.js'

/**
 * The first step before this one whose action changes the cluster and has not been done; undefined when the cluster is as the story takes
 * it to be. A request may have been sent in another way, so that any will do.
 */
export function missingBefore(story: ScenarioStory, at: number, done: readonly ActionRecord[]): StoryStep | undefined {
  const known = done.map(({ action }) => JSON.stringify(action))
  const hasSent = done.some(({ action }) => action.type === 'request')
  return story.steps.slice(0, at).find(({ action }) => {
    if (action === undefined) return false
    return action.type === 'request' ? !hasSent : !known.includes(JSON.stringify(action))
  })
}
