import type { Level, ViewState } from '../../protocol/index.js'
import type { View } from '../../state/view.js'

const LEVELS: readonly Level[] = ['overview', 'stations', 'rules']

/** The part of the view that travels in a link. */
export function viewToLink(view: View): ViewState {
  const said: Record<string, string> = {}
  if (view.level !== 'overview') said['level'] = view.level
  if (view.following !== 'all') said['following'] = view.following
  if (view.selected !== undefined) said['selected'] = view.selected
  if (view.openNodes.length > 0) said['open'] = view.openNodes.join(',')
  const moved = Object.entries(view.moved).map(([id, at]) => `${id}@${Math.round(at.x)},${Math.round(at.y)}`)
  if (moved.length > 0) said['moved'] = moved.join(';')
  return said
}

/** The view that a link asks for; what cannot be understood is left out. */
export function viewFromLink(said: ViewState): Partial<View> {
  const level = LEVELS.find((known) => known === said['level'])
  const moved = movedFrom(said['moved'] ?? '')
  return {
    ...(level === undefined ? {} : { level }),
    ...(said['following'] === undefined ? {} : { following: said['following'] }),
    ...(said['selected'] === undefined ? {} : { selected: said['selected'] }),
    ...(said['open'] === undefined ? {} : { openNodes: said['open'].split(',') }),
    ...(Object.keys(moved).length === 0 ? {} : { moved }),
  }
}

function movedFrom(text: string): View['moved'] {
  const moved: Record<string, { readonly x: number; readonly y: number }> = {}
  for (const entry of text.split(';')) {
    const match = /^(.+)@(-?\d{1,6}),(-?\d{1,6})$/.exec(entry)
    if (match?.[1] !== undefined) moved[match[1]] = { x: Number(match[2]), y: Number(match[3]) }
  }
  return moved
}
