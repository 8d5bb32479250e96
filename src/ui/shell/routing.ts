import { phrase } from '../../i18n/index.js'
import type { Source } from '../../protocol/index.js'
import { ask } from '../../state/client.js'
import { useMirror } from '../../state/mirror.js'
import { keepSaved, loadSaved } from '../../state/persist.js'
import { pause } from '../../state/transport.js'
import { INITIAL_VIEW, useView } from '../../state/view.js'
import { refusalPhrase } from '../common/refusalPhrase.js'
import { openDraft } from '../editor/draft.js'
import { useCheckState } from '../editor/useChecks.js'
import { viewFromLink, viewToLink } from '../share/viewLink.js'
import { workFromLink, workToLink } from '../share/workLink.js'
import { toast, useUi } from '../uiState.js'
import { FIRST_SCENARIO, sourceOfHash } from './address.js'

/** Opens what the address asks for, and again whenever its fragment changes. Resolves when the first cluster is there. */
export function startRouting(): Promise<void> {
  useView.setState({ embed: new URLSearchParams(location.search).get('embed') === '1' })
  addEventListener('hashchange', () => {
    const source = sourceOfHash(location.hash)
    if (source !== undefined) void openSource(source)
  })
  return openFirst().finally(() => {
    keepSaved(() => ({ ...viewToLink(useView.getState()), ...workToLink(useUi.getState()) }))
    addEventListener('pagehide', rememberPlace)
  })
}

const PLACE = 'podpath.savedAt'

/** A reload brings back what the tab had; another address opens what it names. */
function rememberPlace(): void {
  try {
    sessionStorage.setItem(PLACE, location.hash)
  } catch {
    // No storage: a reload begins with the address.
  }
}

function savedHere(): string | undefined {
  try {
    return sessionStorage.getItem(PLACE) === location.hash ? loadSaved() : undefined
  } catch {
    return undefined
  }
}

async function openFirst(): Promise<void> {
  const asked = sourceOfHash(location.hash)
  const saved = savedHere()
  if (saved !== undefined && (await openSource({ type: 'saved', text: saved }))) return
  if (asked !== undefined && (await openSource(asked))) return
  await openSource({ type: 'builtin', id: FIRST_SCENARIO }, true)
}

/**
 * Opens a cluster in place of the one on the page. When that is impossible, what was there stays and the reason is told.
 *
 * @param keepRefusal leaves an earlier refusal on the page: the cluster is opened in place of what could not be.
 */
export async function openSource(source: Source, keepRefusal = false): Promise<boolean> {
  pause()
  const reply = await ask({ type: 'open', source })
  if (reply.type === 'refused') {
    useUi.setState({ refusal: reply.refusal })
    if (useMirror.getState().phase === 'ready') toast(refusalPhrase(reply.refusal), { tone: 'problem' })
    return false
  }
  if (reply.type !== 'opened') return false
  const { theme, embed, speed } = useView.getState()
  useView.setState({ ...INITIAL_VIEW, theme, embed, speed, ...viewFromLink(reply.opened.view) })
  const work = workFromLink(reply.opened.view)
  useUi.setState((ui) => ({
    refusal: keepRefusal ? ui.refusal : undefined,
    panel: 'step',
    why: false,
    explored: undefined,
    narrowTab: reply.opened.scenario === undefined ? 'steps' : 'story',
    ...work,
    fileNames: source.type === 'files' ? source.files.map((file) => file.name).join(', ') : '',
    galleryOpen: false,
    draft: { ...ui.draft, from: 'client', to: '', custom: '' },
  }))
  openDraft(reply.opened.id, reply.opened.manifests)
  useCheckState.setState({ diagnostics: [], report: undefined })
  if (source.type === 'link' && work.handedInBy !== '') toast(phrase('share.by', { name: work.handedInBy }))
  for (const warning of reply.opened.warnings)
    toast(phrase(warning === 'older-engine' ? 'shell.warning.olderEngine' : 'shell.warning.replayDiffers'))
  return true
}
