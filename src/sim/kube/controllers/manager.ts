import { fail, ok, type Result } from '../../core/result.js'
import { BACKGROUND } from '../../core/step.js'
import { thing } from '../../core/thing.js'
import type { WatchMessage } from '../api/client.js'
import { applyWatch, cacheOf, startInformer, stopInformers } from '../api/informer.js'
import type { ResourceName } from '../api/resources.js'
import type { Behaviour, Ctx } from '../context.js'
import type { Controller } from './framework.js'
import { openRun, takeDelayed, work } from './framework.js'
import { CONTROLLERS, KNOWN_CONTROLLERS, OFF_BY_DEFAULT } from './list.js'
import { MANAGER } from './messages.js'
import type { ControllersPart } from './part.js'
import { indexChange } from './podIndex.js'

/**
 * Whether a list in the form of `--controllers` switches a controller on: its own name first, `-name` off, `*` all that are on by default.
 * Source: kubernetes staging/src/k8s.io/controller-manager/app/helper.go IsControllerEnabled
 */
export function isControllerEnabled(list: string, name: string): boolean {
  let all = false
  for (const each of list.split(',').map((word) => word.trim())) {
    if (each === name) return true
    if (each === `-${name}`) return false
    if (each === '*') all = true
  }
  return all && !OFF_BY_DEFAULT.has(name)
}

/** Checks a `--controllers` list; the error is the text of kube-controller-manager. */
export function checkControllers(list: string): Result<string, string> {
  for (const each of list.split(',').map((word) => word.trim())) {
    const name = each.startsWith('-') ? each.slice(1) : each
    if (each === '*' || KNOWN_CONTROLLERS.includes(name)) continue
    return fail(`"${name}" is not in the list of known controllers`)
  }
  return ok(list)
}

/** Controllers that run with this list. */
function enabled(part: ControllersPart): readonly Controller[] {
  return CONTROLLERS.filter(({ name }) => isControllerEnabled(part.controllers, name))
}

/** By name and by watched resource; a function of the constant list alone. */
const byName: ReadonlyMap<string, Controller> = new Map(CONTROLLERS.map((each) => [each.name, each]))

/** Ends the process: nothing is handled, all it knew is gone. Objects stay as they are. */
export function stopControllerManager(ctx: Ctx): void {
  const part = ctx.world.parts.controllers
  part.stopped = true
  part.ready = false
  stopInformers(ctx, 'controller', MANAGER)
  for (const memory of [
    part.queues,
    part.busy,
    part.failures,
    part.delayed,
    part.expectations,
    part.writes,
    part.orphans,
    part.podsByLabel,
  ])
    memory.clear()
  for (const memory of [
    part.nodeHealth,
    part.taintEvictions,
    part.missingNodes,
    part.moments,
    part.recommendations,
    part.scaleEvents,
    part.topology,
  ])
    memory.clear()
}

/** Starts the process (again): informers list and watch, timers begin, everything is looked at anew. */
export function startControllerManager(ctx: Ctx): void {
  ctx.world.parts.controllers.stopped = false
  ctx.send({ kind: 'controller', instance: MANAGER }, { type: 'start' })
}

/** kube-controller-manager and its controllers. */
export const controllerBehaviour: Behaviour<'controller'> = (ctx, message) => {
  const part = ctx.world.parts.controllers
  switch (message.type) {
    case 'start':
      start(ctx, part)
      return
    case 'stop':
      stopControllerManager(ctx)
      return
    default:
      break
  }
  if (part.stopped) return
  switch (message.type) {
    case 'watch':
    case 'watch-closed':
      takeChanges(ctx, part, message)
      return
    case 'due':
      takeDelayed(ctx, ctx.self.instance, message.key, message.at)
      return
    case 'work': {
      const controller = byName.get(ctx.self.instance)
      if (controller !== undefined) work(ctx, controller, message.key)
      return
    }
    case 'tick': {
      const controller = byName.get(ctx.self.instance)
      if (controller === undefined || message.run !== part.run) return
      scheduleTick(ctx, controller, message.timer)
      if (part.ready) controller.tick?.(openRun(ctx, controller.name), message.timer)
      return
    }
  }
}

function start(ctx: Ctx, part: ControllersPart): void {
  if (part.run > 0 && !part.stopped) stopControllerManager(ctx)
  part.stopped = false
  part.run++
  const controllers = enabled(part)
  const resources = watchedBy(controllers)
  startInformer(ctx, resources, { thing: thing.controllerManager })
  for (const controller of controllers) for (const timer of controller.timers ?? []) scheduleTick(ctx, controller, timer.name)
  if (resources.length === 0) part.ready = true
}

function watchedBy(controllers: readonly Controller[]): readonly ResourceName[] {
  return [...new Set(controllers.flatMap((each) => each.watches))]
}

function scheduleTick(ctx: Ctx, controller: Controller, name: string): void {
  const timer = controller.timers?.find((each) => each.name === name)
  if (timer === undefined) return
  const run = openRun(ctx, controller.name)
  ctx.send(
    { kind: 'controller', instance: controller.name },
    { type: 'tick', timer: name, run: run.part.run },
    timer.every(run),
    {
      background: true,
      flow: BACKGROUND,
    },
  )
}

function takeChanges(ctx: Ctx, part: ControllersPart, message: WatchMessage): void {
  const controllers = enabled(part)
  for (const change of applyWatch(ctx, message)) {
    indexChange(part, change)
    for (const controller of controllers) {
      if (controller.watches.includes(change.resource)) controller.changed(openRun(ctx, controller.name), change)
    }
  }
  if (part.ready || !cacheOf(ctx).isSynced(watchedBy(controllers))) return
  part.ready = true
  for (const [controller, keys] of part.queues) {
    for (const key of keys) ctx.send({ kind: 'controller', instance: controller }, { type: 'work', key }, 1_000)
  }
}
