export type { Action, ActionRecord, RequestSpec } from './action.js'
export type * from './scene.js'
