import { type KeyboardEvent, useCallback, useLayoutEffect, useMemo, useRef, useState } from 'react'
import { usePhrases, useTranslate } from '../../i18n/index.js'
import type { ThingId } from '../../protocol/index.js'
import { useMirror } from '../../state/mirror.js'
import { useView } from '../../state/view.js'
import { showThing } from '../uiState.js'
import styles from './Outline.module.css'
import { outlineRows, type Row } from './rows.js'

/** Height of a line in CSS pixels; the style sheet has the same. */
const LINE = 26
/** Lines drawn beyond the visible ones, above and below. */
const BEYOND = 12
/** Fewer lines than this are all drawn. */
const DRAW_ALL = 150

/** The tree of everything that the graph shows, also Pods that it draws as dots. Only lines in view are in the page when they are many. */
export function Outline() {
  const t = useTranslate()
  const scene = useMirror((mirror) => mirror.scene)
  const selected = useView((view) => view.selected)
  const [toggled, setToggled] = useState<ReadonlySet<ThingId>>(() => new Set())
  const rows = useMemo(() => outlineRows(scene, toggled), [scene, toggled])
  const [focused, setFocused] = useState<ThingId>('')
  const tree = useRef<HTMLDivElement>(null)
  const [view, setView] = useState({ top: 0, height: 600 })
  const at = Math.max(
    0,
    rows.findIndex((row) => row.id === focused),
  )
  const toggle = useCallback((id: ThingId) => {
    setToggled((old) => {
      const next = new Set(old)
      if (!next.delete(id)) next.add(id)
      return next
    })
  }, [])
  const measure = () => {
    const element = tree.current
    if (element !== null) setView({ top: element.scrollTop, height: element.clientHeight })
  }
  useLayoutEffect(measure, [])
  useFollowSelection(tree, rows, selected)
  const goTo = (index: number) => {
    const row = rows[Math.max(0, Math.min(rows.length - 1, index))]
    if (row === undefined) return
    setFocused(row.id)
    reveal(tree.current, rows.indexOf(row))
    requestAnimationFrame(() => tree.current?.querySelector<HTMLElement>(`[data-row="${CSS.escape(row.id)}"]`)?.focus())
  }
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return
    const row = rows[at]
    if (row !== undefined && handleKey(event.key, row, at, rows, goTo, toggle)) {
      event.preventDefault()
      event.stopPropagation()
    }
  }
  return (
    <div
      ref={tree}
      role="tree"
      tabIndex={-1}
      aria-label={t('outline.name')}
      className={styles['tree']}
      onKeyDown={onKeyDown}
      onScroll={measure}
    >
      <div role="presentation" style={{ height: rows.length * LINE }}>
        {drawn(rows, view, at).map(({ row, index }) => (
          <Line
            key={row.id}
            row={row}
            top={index * LINE}
            isFocused={index === at}
            isSelected={row.id === selected}
            onToggle={toggle}
            onFocus={setFocused}
          />
        ))}
      </div>
    </div>
  )
}

/** The lines in view, and always the one that has the focus. */
function drawn(rows: readonly Row[], view: { readonly top: number; readonly height: number }, focused: number) {
  const all = rows.length <= DRAW_ALL
  const first = all ? 0 : Math.max(0, Math.floor(view.top / LINE) - BEYOND)
  const last = all ? rows.length : Math.ceil((view.top + view.height) / LINE) + BEYOND
  return rows.flatMap((row, index) => ((index >= first && index < last) || index === focused ? [{ row, index }] : []))
}

interface LineProps {
  readonly row: Row
  readonly top: number
  readonly isFocused: boolean
  readonly isSelected: boolean
  readonly onToggle: (id: ThingId) => void
  readonly onFocus: (id: ThingId) => void
}

function Line({ row, top, isFocused, isSelected, onToggle, onFocus }: LineProps) {
  const { say } = usePhrases()
  const isHeading = row.id.startsWith('heading/')
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the tree handles keys for all its lines.
    <div
      role="treeitem"
      tabIndex={isFocused ? 0 : -1}
      aria-level={row.level}
      aria-setsize={row.count}
      aria-posinset={row.index}
      aria-expanded={row.hasChildren ? row.isOpen : undefined}
      aria-selected={isSelected}
      aria-label={say(row.name)}
      aria-description={row.detail === '' ? undefined : row.detail}
      className={styles['line']}
      data-row={row.id}
      data-heading={isHeading}
      style={{ top, paddingLeft: 6 + (row.level - 1) * 14 }}
      onFocus={() => onFocus(row.id)}
      onClick={() => {
        onFocus(row.id)
        if (isHeading) onToggle(row.id)
        else showThing(row.id)
      }}
    >
      {row.hasChildren ? (
        <span
          className={styles['turn']}
          aria-hidden="true"
          onClick={(event) => {
            event.stopPropagation()
            onToggle(row.id)
          }}
        >
          {row.isOpen ? '▾' : '▸'}
        </span>
      ) : (
        <span className={styles['turn']} aria-hidden="true" />
      )}
      <Name text={say(row.name)} isPod={row.id.startsWith('pod/')} />
      {row.detail !== '' && (
        <span className={styles['detail']} lang="en" translate="no">
          {row.detail}
        </span>
      )}
    </div>
  )
}

/** The end of a Pod's name, which tells it from its like, is never cut. */
function Name({ text, isPod }: { readonly text: string; readonly isPod: boolean }) {
  const cut = isPod ? text.lastIndexOf('-') : -1
  return (
    <span className={styles['name']}>
      <span>{cut > 0 ? text.slice(0, cut) : text}</span>
      {cut > 0 && <b>{text.slice(cut)}</b>}
    </span>
  )
}

/** Keys of a tree as the ARIA practices have them. */
function handleKey(
  key: string,
  row: Row,
  at: number,
  rows: readonly Row[],
  goTo: (index: number) => void,
  toggle: (id: ThingId) => void,
): boolean {
  switch (key) {
    case 'ArrowDown':
      goTo(at + 1)
      return true
    case 'ArrowUp':
      goTo(at - 1)
      return true
    case 'Home':
      goTo(0)
      return true
    case 'End':
      goTo(rows.length - 1)
      return true
    case 'PageDown':
      goTo(at + 15)
      return true
    case 'PageUp':
      goTo(at - 15)
      return true
    case 'ArrowRight':
      if (row.hasChildren && !row.isOpen) toggle(row.id)
      else if (row.isOpen) goTo(at + 1)
      return true
    case 'ArrowLeft':
      if (row.isOpen) toggle(row.id)
      else if (row.parent !== undefined) goTo(rows.findIndex((other) => other.id === row.parent))
      return true
    case 'Enter':
    case ' ':
      if (row.id.startsWith('heading/')) toggle(row.id)
      else showThing(row.id)
      return true
    default:
      return false
  }
}

/** Scrolls a line into view, where it is not. */
function reveal(tree: HTMLElement | null, index: number): void {
  if (tree === null || index < 0) return
  const top = index * LINE
  if (top < tree.scrollTop) tree.scrollTop = top
  else if (top + LINE > tree.scrollTop + tree.clientHeight) tree.scrollTop = top + LINE - tree.clientHeight
}

/** What is selected elsewhere comes into view here. */
function useFollowSelection(
  tree: React.RefObject<HTMLElement | null>,
  rows: readonly Row[],
  selected: ThingId | undefined,
): void {
  const latest = useRef(rows)
  latest.current = rows
  useLayoutEffect(() => {
    if (selected !== undefined)
      reveal(
        tree.current,
        latest.current.findIndex((row) => row.id === selected),
      )
  }, [tree, selected])
}
