import type { SceneNode } from '../../protocol/index.js'
import type { Box, Point } from './geometry.js'
import type { SlottedPod } from './layoutPods.js'

export const HEADER = 31
export const ETH0_WIDTH = 24
/** A folded house in a row of many. */
export const FOLDED_HEIGHT = 66
/** The least height of a house that can open without moving its neighbours. */
export const OPEN_HEIGHT = 132
export const NARROW_FOLDED_HEIGHT = 66
export const NARROW_OPEN_HEIGHT = 234

export interface HouseSpec {
  readonly node: SceneNode
  readonly box: Box
  readonly open: boolean
  readonly pods: readonly SlottedPod[]
  readonly narrow: boolean
  /** Space at the top that belongs to something else (the control plane's star). */
  readonly inset?: number
}

/** Where a house meets the outside. */
export interface HousePlugs {
  readonly eth0: Point
  readonly control: Point
}
