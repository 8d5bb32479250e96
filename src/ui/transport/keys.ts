import type { KeyboardEvent } from 'react'
import { chapterBack, chapterForward, pause, play, stepBack, stepForward } from '../../state/transport.js'
import { useView } from '../../state/view.js'

export async function togglePlay(): Promise<void> {
  if (useView.getState().playing) pause()
  else play()
}

/**
 * Single keys with the focus in the graph, unless the graph used them itself: arrows step, with Shift by chapter, space plays.
 * Nothing is taken from fields and buttons.
 */
export function graphKeys(event: KeyboardEvent): void {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return
  const target = event.target
  if (target instanceof HTMLElement && target.closest('button, input, select, textarea, a, [contenteditable]') !== null) return
  const move = {
    ArrowRight: event.shiftKey ? chapterForward : stepForward,
    ArrowLeft: event.shiftKey ? chapterBack : stepBack,
    ' ': togglePlay,
  }[event.key]
  if (move === undefined) return
  event.preventDefault()
  if (event.key !== ' ') pause()
  void move()
}
