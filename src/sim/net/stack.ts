/** The door of a host's network stack: what comes in by a device. What goes out stands in `send.ts`. */
import { carry } from './balance.js'
import { receiveOnBridge } from './bridge.js'
import type { Handled, Transit } from './handled.js'
import { receiveIp } from './ip.js'
import type { Kernel } from './kernel.js'
import { machineOf } from './machine.js'
import { stop } from './send.js'
import { openSkb } from './skb.js'

/**
 * A packet comes in at a port: everything that the host's kernel does with it until it leaves, arrives or ends.
 * Source: Linux net/core/dev.c __netif_receive_skb_core, net/bridge/br_input.c br_handle_frame
 */
export function receive(kernel: Kernel, { packet, direction, at, target }: Transit, handled: Handled): void {
  const machine = machineOf(kernel.view, at.host)
  const device = machine.devices.get(at.device)
  const skb = openSkb(machine, packet, direction, at.device, handled)
  if (!machine.isUp || device?.up !== true) stop(kernel, skb, { why: 'link-down' })
  else if (device.master !== undefined) receiveOnBridge(kernel, skb, device, device.master, target)
  else if (!machine.isBalancer || !carry(kernel, skb)) receiveIp(kernel, skb)
}
