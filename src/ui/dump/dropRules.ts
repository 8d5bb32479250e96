import { phrase } from '../../i18n/index.js'
import { useMirror } from '../../state/mirror.js'
import { useView } from '../../state/view.js'
import { selectThing } from '../inspector/select.js'
import { openFiles } from '../share/files.js'
import { toast } from '../uiState.js'
import { looksLikeRules, setDump } from './dumpStore.js'

/** Dumps larger than this are refused before they are read. */
const LARGEST_BYTES = 20_000_000

/** Rules dropped onto a Node are tried on it; anything else opens as a cluster. */
export async function openDropped(files: readonly File[], target: EventTarget | null): Promise<void> {
  const [file] = files
  const panel = dropPanel(target)
  if (file === undefined || file.size > LARGEST_BYTES) return openFiles(files)
  const text = files.length === 1 ? await file.text() : ''
  const node = panel ?? (looksLikeRules(text) ? nodeFor(target) : undefined)
  if (node === undefined) return openFiles(files)
  setDump(node, text)
  selectThing(`node/${node}`, 'dump')
  toast(phrase('dump.dropped', { node }))
}

/** The Node in whose panel of real rules something is dropped. */
function dropPanel(target: EventTarget | null): string | undefined {
  return target instanceof Element ? target.closest<HTMLElement>('[data-drop-node]')?.dataset['dropNode'] : undefined
}

/** The Node under the pointer, else the selected one, else the first worker. */
function nodeFor(target: EventTarget | null): string | undefined {
  const { nodes } = useMirror.getState().scene
  const things = target instanceof Element ? [target.closest<HTMLElement>('[data-thing]')?.dataset['thing']] : []
  const named = [...things, useView.getState().selected].map((thing) => thing?.split('/')[1] ?? '')
  const known = named.find((name) => nodes.has(`node/${name}`))
  return known ?? [...nodes.values()].find((node) => !node.controlPlane)?.name ?? [...nodes.values()][0]?.name
}
