import type { SimTime } from '../../core/time.js'
import type { WatchMessage } from '../api/client.js'

/** What the controller manager and each of its controllers understand. */
export type ControllerMessage =
  | WatchMessage
  /** kube-controller-manager starts: informers list and watch, timers begin. To the instance `kube-controller-manager`. */
  | { readonly type: 'start' }
  /** kube-controller-manager stops: nothing is handled until it starts again. */
  | { readonly type: 'stop' }
  /** A key is due in a controller's work queue. */
  | { readonly type: 'work'; readonly key: string }
  /** A key that was added with a delay is due now. */
  | { readonly type: 'due'; readonly key: string; readonly at: SimTime }
  /** A controller's own period. `run` counts the starts of the manager, so that timers of an earlier life die. */
  | { readonly type: 'tick'; readonly timer: string; readonly run: number }

/** Instance of the process that holds the shared informers; the controllers themselves are instances by their names. */
export const MANAGER = 'kube-controller-manager'
