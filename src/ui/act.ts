import { phrase } from '../i18n/index.js'
import type { Action, DoneReport } from '../protocol/index.js'
import { ask } from '../state/client.js'
import { useMirror } from '../state/mirror.js'
import { pause, play, seek, stepForward } from '../state/transport.js'
import { useView } from '../state/view.js'
import { refusalPhrase } from './common/refusalPhrase.js'
import { toast, useUi } from './uiState.js'

/**
 * Does something to the cluster at the present position and starts showing what follows.
 *
 * @param isToldElsewhere whether kubectl's words stand where the person acted, and need no note of their own
 * @returns what came of it; undefined when it could not be done (the person has then been told).
 */
export async function perform(action: Action, isToldElsewhere = false): Promise<DoneReport | undefined> {
  pause()
  const reply = await ask({ type: 'act', action })
  if (reply.type === 'refused') {
    useUi.setState({ refusal: reply.refusal })
    toast(refusalPhrase(reply.refusal), { tone: 'problem' })
    return undefined
  }
  if (reply.type !== 'done') return undefined
  keepStoryAbreast(action)
  if (!isToldElsewhere) tellKubectl(reply.done)
  await follow(reply.done, action)
  return reply.done
}

/**
 * Who does what the story's next step asks, by whatever control, is at that step: its prediction is asked now.
 * Where the present step asks for the same kind of thing, it is the present step's that was done.
 */
function keepStoryAbreast(action: Action): void {
  const at = useUi.getState().storyStep
  const steps = useMirror.getState().opened?.scenario?.steps
  if (steps?.[at]?.action?.type === action.type) return
  if (steps?.[at + 1]?.action?.type === action.type) useUi.setState({ storyStep: at + 1 })
}

/** What was done from a panel below the picture is seen in the picture: on a phone the page goes back up to it. */
function showPicture(): void {
  const graph = document.getElementById('graph')
  if (graph !== null && graph.getBoundingClientRect().top < 0) window.scrollTo({ top: 0 })
}

/** Follows the flow that an action began: from its first step, playing; at its first chapter's end when motion is unwelcome. */
async function follow(done: DoneReport, action: Action): Promise<void> {
  useUi.setState({ refusal: undefined, panel: 'step', why: false })
  tellDropped(done)
  if (done.flow === undefined || done.first === undefined) return
  // While time passes, or a Node is silent, it is the others that act.
  useView.setState({ following: action.type === 'wait' || isSilence(action) ? 'all' : done.flow })
  showPicture()
  if (useMirror.getState().position.step > done.first) await seek(done.first)
  if (prefersStill()) await stepForward('overview')
  else play()
}

function tellKubectl({ kubectl }: DoneReport): void {
  if (kubectl === undefined || kubectl.exit === 0) return
  toast(phrase('shell.toast.kubectlFailed', { message: kubectl.stderr.trim().split('\n')[0] ?? '' }), { tone: 'problem' })
}

/** Nobody tells the control plane of these: what follows begins with somebody who notices, in a flow of its own. */
const SILENCES: readonly string[] = ['stop-node', 'cut-node', 'stop-kubelet']

function isSilence(action: Action): boolean {
  return action.type === 'fault' && action.active && SILENCES.includes(action.fault)
}

function tellDropped(done: DoneReport): void {
  const dropped = done.dropped
  if (dropped === undefined || dropped.steps === 0) return
  const text =
    dropped.actions > 0
      ? phrase('shell.toast.dropped', { steps: dropped.steps, actions: dropped.actions })
      : phrase('shell.toast.droppedSteps', { steps: dropped.steps })
  toast(text, { canUndo: true })
}

/** Takes back the latest action. */
export async function undo(): Promise<void> {
  pause()
  await ask({ type: 'undo' })
  forgetLostFlow()
}

/** Back to the scenario's start; Undo brings back what was. */
export async function startOver(): Promise<void> {
  pause()
  const reply = await ask({ type: 'start-over' })
  if (reply.type !== 'done') return
  useView.setState({ following: 'all' })
  toast(phrase('shell.startOverDone'), { canUndo: true })
}

function forgetLostFlow(): void {
  const { following } = useView.getState()
  if (following !== 'all' && !useMirror.getState().flows.some((flow) => flow.id === following))
    useView.setState({ following: 'all' })
}

export function prefersStill(): boolean {
  return matchMedia('(prefers-reduced-motion: reduce)').matches
}
