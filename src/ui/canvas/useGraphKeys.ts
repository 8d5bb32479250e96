import { type KeyboardEvent, useCallback } from 'react'
import type { ThingId } from '../../protocol/index.js'
import { useView } from '../../state/view.js'
import { showThing } from '../uiState.js'
import { useCanvas } from './canvasStore.js'
import { toggleNode } from './faces/House.js'
import type { Point } from './geometry.js'
import type { Layout } from './layout.js'
import { firstInside, type Heading, neighbourOf, siblingsOf } from './walk.js'

const HEADINGS: Readonly<Record<string, Heading>> = {
  ArrowLeft: 'left',
  ArrowRight: 'right',
  ArrowUp: 'up',
  ArrowDown: 'down',
}
const MOVE = 10
const MOVE_FAR = 50

/** Keys of the graph: arrows walk, Enter goes in, Escape comes out, M moves. Others are left to the page. */
export function useGraphKeys(layout: Layout, focusOn: (id: ThingId) => void) {
  return useCallback(
    (event: KeyboardEvent) => {
      const id = thingAt(event.target)
      if (id === undefined || event.ctrlKey || event.metaKey || event.altKey) return
      const isHandled = useCanvas.getState().moving === id ? moveKey(event, id, layout) : walkKey(event, id, layout, focusOn)
      if (isHandled) event.preventDefault()
    },
    [layout, focusOn],
  )
}

function thingAt(target: EventTarget | null): ThingId | undefined {
  return target instanceof HTMLElement ? target.dataset['thing'] : undefined
}

function walkKey(event: KeyboardEvent, id: ThingId, layout: Layout, focusOn: (id: ThingId) => void): boolean {
  const { things } = layout
  const heading = HEADINGS[event.key]
  if (heading !== undefined) {
    if (event.shiftKey) return false
    const next = neighbourOf(things, id, heading)
    if (next !== undefined) focusOn(next)
    return true
  }
  switch (event.key) {
    case 'Enter':
      goIn(id, layout, focusOn)
      return true
    case ' ':
      showThing(id)
      return true
    case 'Escape':
      return comeOut(id, layout, focusOn)
    case 'Home':
    case 'End': {
      const end = siblingsOf(things, id).at(event.key === 'Home' ? 0 : -1)
      if (end !== undefined) focusOn(end.id)
      return true
    }
    case 'm':
    case 'M':
      if (!layout.movable.has(id)) return false
      useCanvas.setState({ moving: id })
      return true
    default:
      return false
  }
}

/** Selects; what is folded opens; what was selected before is entered. */
function goIn(id: ThingId, layout: Layout, focusOn: (id: ThingId) => void): void {
  const isSelected = useView.getState().selected === id
  showThing(id)
  const placed = layout.things.get(id)
  const isFolded = placed?.face === 'house' && !placed.open
  if (isFolded) toggleNode(id.slice(5))
  const inside = firstInside(layout.things, id)
  if (inside !== undefined && (isSelected || !isFolded)) focusOn(inside)
}

function comeOut(id: ThingId, layout: Layout, focusOn: (id: ThingId) => void): boolean {
  const parent = layout.things.get(id)?.parent
  if (parent !== undefined) focusOn(parent)
  else if (useView.getState().selected === undefined) return false
  else useView.setState({ selected: undefined })
  return true
}

function moveKey(event: KeyboardEvent, id: ThingId, layout: Layout): boolean {
  const heading = HEADINGS[event.key]
  if (heading === undefined) {
    if (!['Enter', 'Escape', 'm', 'M', 'Tab'].includes(event.key)) return false
    const shown = layout.things.get(id)?.box
    if (shown !== undefined && useView.getState().moved[id] !== undefined) moveThing(id, shown)
    useCanvas.setState({ moving: undefined })
    return event.key !== 'Tab'
  }
  // What is in the way is passed in the end: keys count on from where the thing would be without it.
  const box = useView.getState().moved[id] ?? layout.things.get(id)?.box
  if (box === undefined) return false
  const by = event.shiftKey ? MOVE_FAR : MOVE
  const dx = heading === 'left' ? -by : heading === 'right' ? by : 0
  const dy = heading === 'up' ? -by : heading === 'down' ? by : 0
  moveThing(id, { x: box.x + dx, y: box.y + dy })
  return true
}

/** Puts a thing somewhere in the picture. The latest comes last: it gives way to what was put somewhere before. */
export function moveThing(id: ThingId, { x, y }: Point): void {
  const to = { x: Math.round(x), y: Math.round(y) }
  useView.setState(({ moved: { [id]: _before, ...others } }) => ({ moved: { ...others, [id]: to } }))
}
