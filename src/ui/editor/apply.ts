import { phrase } from '../../i18n/index.js'
import { perform } from '../act.js'
import { toast } from '../uiState.js'
import { useDraft } from './draft.js'
import { useCheckState } from './useChecks.js'

/** What one action may hold; more is refused before it is sent. */
const LIMIT_MB = 5

/** `kubectl apply -f manifests.yaml` with the editor's text; kubectl's words are kept for the report. */
export async function applyDraft(): Promise<void> {
  const { text } = useDraft.getState()
  if (text.length > LIMIT_MB * 1_000_000) {
    toast(phrase('editor.tooLarge', { megabytes: Math.ceil(text.length / 1_000_000), limit: LIMIT_MB }), { tone: 'problem' })
    return
  }
  useCheckState.setState({ applying: true })
  const action = { type: 'kubectl', args: ['apply', '-f', 'manifests.yaml'], files: { 'manifests.yaml': text } } as const
  const done = await perform(action, true)
  useCheckState.setState({
    applying: false,
    ...(done?.kubectl === undefined
      ? {}
      : {
          report: {
            exit: done.kubectl.exit,
            text: [done.kubectl.stdout, done.kubectl.stderr].filter((part) => part !== '').join('\n'),
          },
        }),
    ...(done?.diagnostics === undefined ? {} : { diagnostics: done.diagnostics }),
  })
}
