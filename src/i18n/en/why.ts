/** Why a request ended so: what no rule says by itself, and what of a dump is not as on a real Node. */
export const why = {
  'step.packet-link.to': 'The packet goes from {from} to {to}.',
  'step.packet-link.to.reply': 'The reply goes from {from} to {to}.',
  'step.done.unheard':
    'Request from {from} to {asked}: a rule rejected it with {with}, but that answer never reaches the program on {from}, which waits in vain.',
  'step.done.source-range':
    'Request from {from} to {asked}: the load balancer itself dropped the packet, and {from} waits in vain.',
  'step.done.not-modelled':
    'Request from {from} to {asked}: followed up to a rule that uses what this sandbox does not model ({with}). What comes of it is not guessed.',
  'because.no-local.internal':
    'The Service sends what comes from within the cluster only to endpoints on the sender’s own Node (internalTrafficPolicy: Local), and this one has none that could take it.',
  'because.source-range': 'The load balancer lets only the sources in loadBalancerSourceRanges in; {src} is not among them.',
  'because.headless':
    '{service} is headless (clusterIP: None): DNS gave the address of an endpoint itself. kube-proxy writes no rules for such a Service, so that nothing turns its port into the targetPort.',
  'because.external-name':
    '{service} is another name for {name} (type: ExternalName). DNS answers with that name, and nothing here knows addresses outside the cluster.',
  'because.other-proxy':
    '{service} has the label service.kubernetes.io/service-proxy-name: {proxy}, which hands it to another proxy. kube-proxy writes no rules for it.',
  'because.no-node-port':
    '{service} has no nodePort for this port (allocateLoadBalancerNodePorts: false), and its load balancer sends to nodePorts: it has nowhere to send. One that passes packets through, or sends to Pods directly, needs none (annotation podpath.dev/load-balancer).',
  'because.no-backend': 'The load balancer has no Node that it may send to.',
  'why.unresolved': 'No packet was sent: DNS gave no address for this name.',
  'why.outside': 'No Node saw the packet.',
  'left-out.title': '{used:endpoint takes/endpoints take} part on {node}. Left out:',
  'left-out.fallback': 'No endpoint is ready: those that are stopping and still serve are used.',
  'left-out.not-ready': 'not ready',
  'left-out.terminating': 'stopping, while others are ready',
  'left-out.terminating.alone': 'stopping',
  'left-out.other-node': 'not on this Node (traffic policy Local)',
  'left-out.hinted-zone': 'its hints name another zone (trafficDistribution)',
  'left-out.hinted-node': 'its hints name another Node (trafficDistribution: PreferSameNode)',
  'rules.chain': 'Go to a chain',
  'rules.chain.pick': 'Chain…',
  'rules.jump': 'Go to {chain}',
  'rules.callers': 'Led here by {chain}, line {line}',
  'sync.counts.nft':
    '{added:rule or element/rules and elements} written, {removed} taken away, in {chains:chain, set or map/chains, sets and maps}.',
  'dump.stopped':
    'The walk stops on the way to {to}: the next rule uses {what}, which this sandbox does not model. It does not guess.',
  'dump.unheard': 'This answer never reaches the program that asked: it waits in vain.',
  'dump.unmodelled': '{count:rule uses/rules use} what is not modelled. A walk that comes to one stops there:',
  'dump.unmodelled.line': 'line {line}: {what}',
  'dump.twice':
    'Table {table} stands in it twice, as where iptables-legacy and iptables-nft both hold rules. A kernel asks both; here the later one counts.',
  'dump.cut': 'The text ends without COMMIT: it may be cut off.',
  'dump.bothFamilies': 'It holds rules of IPv4 and of IPv6: each is compared with its own family.',
  'dump.long': 'It is {size} MB long: lines {from} to {to} of {count} are shown, and it cannot be changed here.',
  'rules.counters': 'Counters count what is followed packet by packet: of each connection the first packet and its reply.',
  'dump.notRules': 'This is not text of iptables-save, ip6tables-save or nft list ruleset.',
  'dump.binary': 'This is not text.',
  'dump.listForm': 'This is the output of iptables -L or -S, which leaves out what is needed. Use that of iptables-save.',
  'dump.jsonForm': 'This is JSON. Use the output of nft list ruleset without -j.',
  'dump.noRules': 'There are no rules in this text.',
  'dump.putBack': 'Put it back',
  'dump.inLink': 'Real rules that were pasted are not in the link: they stay on this page.',
  'diff.onlyFirst': 'only in the simulation:',
  'diff.onlySecond': 'only in the dump:',
  'story.before': 'This step builds on one before it that has not been done: {action}.',
  'story.doBefore': 'Do it now',
} as const
