import { memo } from 'react'
import { useMirror } from '../../../state/mirror.js'
import { podCounts } from '../podCounts.js'
import { Thing } from '../Thing.js'
import styles from './field.module.css'
import { nodeState } from './House.js'
import { Light } from './Sign.js'
import { type FaceProps, nameIn } from './types.js'

/** One of some dozens of Nodes: its name and how many Pods it has. */
export const CardFace = memo(function CardFace({ id }: FaceProps) {
  const node = useMirror((mirror) => mirror.scene.nodes.get(id))
  const count = useMirror((mirror) => podCounts(mirror.scene.pods).get(nameIn(id)) ?? 0)
  if (node === undefined) return null
  const state = nodeState(node)
  return (
    <Thing id={id} className={styles['card']} extent="large" state={state} about={node.ip} expanded={false}>
      <strong>
        <Light state={state === undefined ? 'up' : state === 'not-ready' ? 'trouble' : 'off'} /> {node.name}
      </strong>
      <svg className={styles['dots']} width="124" height="10" aria-hidden="true">
        {Array.from({ length: Math.min(count, 12) }, (_, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: the dots are counted, not told apart.
          <circle key={index} cx={index * 10 + 4} cy={5} r={3.5} />
        ))}
      </svg>
    </Thing>
  )
})

/** One of many Nodes: a tile with the number of its Pods. */
export const TileFace = memo(function TileFace({ id }: FaceProps) {
  const state = useMirror((mirror) => nodeState(mirror.scene.nodes.get(id)))
  const count = useMirror((mirror) => podCounts(mirror.scene.pods).get(nameIn(id)) ?? 0)
  return (
    <Thing id={id} className={styles['tile']} state={state} expanded={false}>
      {state === undefined ? <span>{count}</span> : <Light state={state === 'not-ready' ? 'trouble' : 'off'} />}
    </Thing>
  )
})
