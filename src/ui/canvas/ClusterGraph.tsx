import '@xyflow/react/dist/base.css'
import type { NodeChange } from '@xyflow/react'
import { ReactFlow, ReactFlowProvider, useStore, ViewportPortal } from '@xyflow/react'
import { type ReactNode, useCallback, useEffect, useMemo, useRef } from 'react'
import { thingPhrase, usePhrases, useTranslate } from '../../i18n/index.js'
import type { ThingId } from '../../protocol/index.js'
import { useMirror } from '../../state/mirror.js'
import { useView } from '../../state/view.js'
import styles from './canvas.module.css'
import { useCanvas } from './canvasStore.js'
import { nodeTypes } from './faces/index.js'
import { LaneLayer, TrailLayer } from './LaneLayer.js'
import type { Layout } from './layout.js'
import { badgesOf, lightsOf } from './lit.js'
import { Messenger } from './Messenger.js'
import { Packet } from './Packet.js'
import { SendPlace } from './SendPlace.js'
import { Tools } from './Tools.js'
import { houseOf } from './things.js'
import { useCamera } from './useCamera.js'
import { moveThing, useGraphKeys } from './useGraphKeys.js'
import { type Happening, useFlowNodes, useHappening, useLayoutOf } from './usePicture.js'
import { useSize } from './useSize.js'

export interface ClusterGraphProps {
  /** The emphasised control that stands on the first client; on a phone it stands elsewhere, within the thumb's reach. */
  readonly sendButton?: ReactNode
}

/** The cluster as a picture, with the packet on its way. Reads the mirror and the view; writes only the view. */
export function ClusterGraph({ sendButton }: ClusterGraphProps) {
  return (
    <ReactFlowProvider>
      <Picture sendButton={sendButton} />
    </ReactFlowProvider>
  )
}

/** Below this zoom small things are too small to hit (24 px); their house takes the click. */
const FAR_BELOW = 0.95
const NOTHING_ENTERED: readonly string[] = []

function Picture({ sendButton }: ClusterGraphProps) {
  const t = useTranslate()
  const root = useRef<HTMLElement>(null)
  const size = useSize(root)
  const scene = useMirror((mirror) => mirror.scene)
  const happening = useHappening()
  const layout = useLayoutOf(size, happening.journey?.entered ?? NOTHING_ENTERED)
  const nodes = useFlowNodes(layout)
  const focusOn = useFocusOn(root)
  const onKeyDown = useGraphKeys(layout, focusOn)
  const isFar = useStore((store) => store.transform[2] < FAR_BELOW)
  useLights(layout, happening)
  useKeptFocus(layout, root)
  const camera = useCamera(layout, size, happening)
  const onNodesChange = useCallback((changes: readonly NodeChange[]) => keepMoves(changes, layout), [layout])
  const isPacketNow = happening.journey !== undefined && happening.message === undefined
  return (
    <section
      ref={root}
      className={styles['canvas']}
      aria-label={t('canvas.name')}
      data-far={isFar}
      data-narrow={layout.narrow}
      onKeyDown={onKeyDown}
    >
      <p id="canvas-help" className="visually-hidden">
        {t('canvas.help')}
      </p>
      {sendButton !== undefined && (
        <SendPlace layout={layout} size={size}>
          {sendButton}
        </SendPlace>
      )}
      <ReactFlow
        nodes={nodes}
        nodeTypes={nodeTypes}
        onNodesChange={onNodesChange}
        onPaneClick={clearSelection}
        onMoveStart={camera.onMoveStart}
        onNodeDragStart={camera.take}
        nodesFocusable={false}
        edgesFocusable={false}
        nodesConnectable={false}
        elementsSelectable={false}
        disableKeyboardA11y
        ariaLabelConfig={{ 'node.a11yDescription.default': t('canvas.help'), 'edge.a11yDescription.default': '' }}
        deleteKeyCode={null}
        selectionKeyCode={null}
        panActivationKeyCode={null}
        multiSelectionKeyCode={null}
        nodeDragThreshold={4}
        minZoom={0.2}
        maxZoom={2.5}
        attributionPosition="bottom-left"
      >
        <ViewportPortal>
          <LaneLayer layout={layout} />
          {isPacketNow && happening.journey !== undefined && (
            <>
              <TrailLayer journey={happening.journey} layout={layout} scene={scene} />
              <Packet journey={happening.journey} layout={layout} scene={scene} size={size} />
            </>
          )}
          {happening.message !== undefined && <Messenger message={happening.message} layout={layout} scene={scene} />}
        </ViewportPortal>
      </ReactFlow>
      {!(layout.narrow && isPacketNow) && <Tools camera={camera} />}
      <Said />
    </section>
  )
}

function clearSelection(): void {
  useView.setState({ selected: undefined })
}

/** Dragging writes the view; the layout then moves the thing with all that stands in it. What is let go stays where it is shown. */
function keepMoves(changes: readonly NodeChange[], layout: Layout): void {
  for (const change of changes) {
    if (change.type !== 'position' || change.dragging === undefined) continue
    const { id, dragging } = change
    const at = dragging ? change.position : layout.things.get(id)?.box
    if (at !== undefined) moveThing(id, at)
  }
}

/** Puts what stands out where the faces read it. */
function useLights(layout: Layout, { present, past }: Happening): void {
  const scene = useMirror((mirror) => mirror.scene)
  const selected = useView((view) => view.selected)
  const lights = useMemo(() => lightsOf(scene, layout, present, selected), [scene, layout, present, selected])
  const badges = useMemo(() => badgesOf(past), [past])
  useEffect(() => useCanvas.setState({ lights, badges }), [lights, badges])
}

function useFocusOn(root: React.RefObject<HTMLElement | null>) {
  return useCallback(
    (id: ThingId) => {
      useCanvas.setState({ focus: id })
      root.current?.querySelector<HTMLElement>(`[data-thing="${CSS.escape(id)}"]`)?.focus()
    },
    [root],
  )
}

/** One thing is always in the Tab order. When the focused one vanishes, focus goes to its Node, and this is said. */
function useKeptFocus(layout: Layout, root: React.RefObject<HTMLElement | null>): void {
  const { say } = usePhrases()
  const t = useTranslate()
  const focusOn = useFocusOn(root)
  const home = useRef(new Map<ThingId, ThingId | undefined>())
  const wasInside = useRef(false)
  useEffect(() => {
    const element = root.current
    if (element === null) return
    const note = () => {
      wasInside.current = element.contains(document.activeElement)
    }
    const leave = (event: FocusEvent) => {
      if (event.relatedTarget instanceof Node) wasInside.current = element.contains(event.relatedTarget)
    }
    element.addEventListener('focusin', note)
    element.addEventListener('focusout', leave)
    return () => {
      element.removeEventListener('focusin', note)
      element.removeEventListener('focusout', leave)
    }
  }, [root])
  useEffect(() => {
    const { focus } = useCanvas.getState()
    if (focus === undefined || !layout.things.has(focus)) {
      const old = focus === undefined ? undefined : home.current.get(focus)
      const next = old !== undefined && layout.things.has(old) ? old : layout.things.keys().next().value
      const lostFocus = focus !== undefined && wasInside.current && document.activeElement === document.body
      useCanvas.setState({ focus: next })
      if (lostFocus && next !== undefined) {
        focusOn(next)
        useCanvas.setState({ said: t('canvas.gone', { thing: say(thingPhrase(focus)) }) })
      }
    }
    for (const placed of layout.things.values()) home.current.set(placed.id, placed.parent ?? nodeOf(placed.id))
  }, [layout, focusOn, say, t])
}

function nodeOf(id: ThingId): ThingId | undefined {
  const node = houseOf(id)
  return node === undefined ? undefined : `node/${node}`
}

/** Words for screen readers that the picture itself would only show. */
function Said() {
  const moving = useCanvas((canvas) => canvas.moving)
  const said = useCanvas((canvas) => canvas.said)
  const { say } = usePhrases()
  const t = useTranslate()
  return (
    <div className="visually-hidden" aria-live="polite">
      {moving === undefined ? said : t('canvas.moving', { thing: say(thingPhrase(moving)) })}
    </div>
  )
}
