/** The canvas alone, with a made-up scene: for looking at it while drawing. Not part of the build. */
import { createRoot } from 'react-dom/client'
import { startLanguage } from '../i18n/index.js'
import { useMirror } from '../state/mirror.js'
import { useView } from '../state/view.js'
import '../ui/tokens.css'
import '../ui/base.css'
import { ClusterGraph } from '../ui/canvas/index.js'
import { Outline } from '../ui/outline/index.js'
import { fixtureScene, fixtureSteps } from './sceneFixture.js'

const asked = new URLSearchParams(location.search)
const nodes = asked.get('nodes')
const steps = fixtureSteps()
await startLanguage()
if (asked.get('theme') !== null) document.documentElement.dataset['theme'] = asked.get('theme') ?? ''
useMirror.setState({
  phase: 'ready',
  scene: fixtureScene(nodes === null ? undefined : { nodes: Number(nodes), podsPerNode: Number(asked.get('pods') ?? 3) }),
  steps,
  flows: [...new Set(steps.map((step) => step.flow))].map((id) => {
    const own = steps.filter((step) => step.flow === id)
    return { id, kind: 'request', facts: {}, first: own[0]?.id ?? 0, last: own.at(-1)?.id ?? 0, at: 0 }
  }),
  position: { step: Number(asked.get('step') ?? 0), at: 0, end: steps.length, endAt: 0 },
})
Object.assign(window, { useMirror, useView, steps })
const root = document.getElementById('root')
if (root !== null)
  createRoot(root).render(
    <div style={{ height: '100vh', display: 'flex' }}>
      <div style={{ flex: 1, minWidth: 0 }}>
        <ClusterGraph
          sendButton={
            <button
              type="button"
              style={{ height: 32, background: 'var(--request)', color: 'var(--on-accent)', border: 0, borderRadius: 6 }}
            >
              Send request
            </button>
          }
        />
      </div>
      {asked.get('outline') !== null && <Outline />}
    </div>,
  )
