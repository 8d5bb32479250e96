import type { NetfilterCase } from './case.js'
import { A1, ACROSS, asked, B1, BESIDE, tcp, UDP, udp } from './case.js'

/** What draws, counts and remembers. */
export const MEMORY_CASES: readonly NetfilterCase[] = [
  {
    name: 'statistic: every nth',
    rules: `${asked(
      '-m conntrack --ctstate NEW -m statistic --mode nth --every 3 --packet 0',
      '-m conntrack --ctstate NEW -m statistic --mode nth --every 2 --packet 1',
      '-m conntrack --ctstate NEW -m statistic --mode nth ! --every 3 --packet 2',
      '-m statistic --mode random --probability 1.00000000000',
      '-m statistic --mode random ! --probability 1.00000000000',
    )}`,
    sends: [ACROSS, ACROSS, UDP, ACROSS, BESIDE, ACROSS, ACROSS],
  },
  {
    name: 'statistic: one endpoint after the other',
    rules: `nat PREROUTING: -d 10.96.0.10/32 -p tcp -m statistic --mode nth --every 2 --packet 0 -j DNAT --to-destination 10.244.2.2:8080
nat PREROUTING: -d 10.96.0.10/32 -p tcp -j DNAT --to-destination 10.244.1.3:8080`,
    sends: [1, 2, 3, 4].map(() => tcp(A1, '10.96.0.10:80')),
  },
  {
    name: 'recent: set, rcheck, update, remove',
    rules: asked(
      '-m conntrack --ctstate NEW -m recent --rcheck --name one --mask 255.255.255.255 --rsource',
      '-m conntrack --ctstate NEW -m recent ! --rcheck --name one --mask 255.255.255.255 --rsource',
      '-p udp -m conntrack --ctstate NEW -m recent --remove --name one --mask 255.255.255.255 --rsource',
      '-p tcp -m conntrack --ctstate NEW -m recent --set --name one --mask 255.255.255.255 --rsource',
      '-m conntrack --ctstate NEW -m recent --update --hitcount 3 --name two --mask 255.255.255.255 --rdest',
      '-p tcp -m conntrack --ctstate NEW -m recent ! --set --name two --mask 255.255.255.255 --rdest',
    ),
    sends: [ACROSS, ACROSS, BESIDE, ACROSS, UDP, ACROSS, UDP, UDP, ACROSS],
  },
  {
    name: 'recent: seconds, hits, reaping, networks',
    rules: `${asked(
      '-m conntrack --ctstate NEW -m recent --rcheck --seconds 1 --name a --mask 255.255.255.255 --rsource',
      '-m conntrack --ctstate NEW -m recent --rcheck --seconds 1 --reap --name b --mask 255.255.255.255 --rsource',
      '-m conntrack --ctstate NEW -m recent --rcheck --seconds 60 --hitcount 2 --name a --mask 255.255.255.255 --rsource',
      '-m conntrack --ctstate NEW -m recent --rcheck --name c --mask 255.255.255.0 --rsource',
      '-m conntrack --ctstate NEW -m recent --update --seconds 1 --name d --mask 255.255.255.255 --rsource',
      '-m conntrack --ctstate NEW -m recent --set --name a --mask 255.255.255.255 --rsource',
      '-m conntrack --ctstate NEW -m recent --set --name b --mask 255.255.255.255 --rsource',
      '-m conntrack --ctstate NEW -m recent --set --name c --mask 255.255.255.0 --rsource',
      '-s 10.244.1.2/32 -m conntrack --ctstate NEW -m recent ! --rcheck --name d --mask 255.255.255.255 --rsource -j NEWONE',
    )}
filter NEWONE: -m recent --set --name d --mask 255.255.255.255 --rsource`,
    sends: [ACROSS, ACROSS, tcp(B1, '10.244.2.2:8080'), tcp(A1, '10.244.2.2:8080', { wait: 2.3 }), ACROSS],
  },
  {
    name: 'recent: lifetimes',
    rules: `mangle PREROUTING: -p udp -j TTL --ttl-set 9
mangle PREROUTING: -m conntrack --ctstate NEW -m recent --rcheck --rttl --name t2 --mask 255.255.255.255 --rsource
mangle PREROUTING: -m conntrack --ctstate NEW -m recent --update --rttl --hitcount 2 --name t2 --mask 255.255.255.255 --rsource
${asked(
  '-m conntrack --ctstate NEW -m recent --rcheck --rttl --name t1 --mask 255.255.255.255 --rsource',
  '-m conntrack --ctstate NEW -m recent ! --rcheck --rttl --name t1 --mask 255.255.255.255 --rsource',
  '-m conntrack --ctstate NEW -m recent --rcheck --name t1 --mask 255.255.255.255 --rsource',
  '-m conntrack --ctstate NEW -m recent --set --name t1 --mask 255.255.255.255 --rsource',
  '-m conntrack --ctstate NEW -m recent --set --name t2 --mask 255.255.255.255 --rsource',
)}`,
    sends: [ACROSS, UDP, ACROSS, ACROSS, BESIDE, UDP],
  },
  {
    name: 'how many connections at once',
    rules: asked(
      '-m conntrack --ctstate NEW -m connlimit --connlimit-above 1 --connlimit-mask 32 --connlimit-saddr',
      '-m conntrack --ctstate NEW -m connlimit --connlimit-upto 1 --connlimit-mask 32 --connlimit-saddr',
      '-m conntrack --ctstate NEW -m connlimit --connlimit-above 2 --connlimit-mask 24 --connlimit-saddr',
      '-m conntrack --ctstate NEW -m connlimit --connlimit-above 2 --connlimit-mask 32 --connlimit-daddr',
      '-p udp -m conntrack --ctstate NEW -m connlimit --connlimit-above 3 --connlimit-mask 0 --connlimit-saddr -j REJECT',
    ),
    sends: [
      UDP,
      ACROSS,
      udp(A1, '10.244.2.2:5353', { sport: 50_101 }),
      udp(B1, '10.244.2.2:5353', { sport: 50_102 }),
      ACROSS,
      ACROSS,
      udp(A1, '10.244.2.2:5353', { sport: 50_103 }),
      udp(B1, '10.244.1.2:5353', { sport: 50_104 }),
      udp(A1, '10.244.2.2:5353', { sport: 50_101 }),
    ],
  },
  {
    name: 'limits',
    rules: `filter FORWARD: -m conntrack --ctstate NEW -m limit --limit 30/min --limit-burst 2 -j LOG --log-prefix "podpath test "
filter FORWARD: -m conntrack --ctstate NEW -m limit --limit 3/hour --limit-burst 1
filter FORWARD: -m conntrack --ctstate NEW -m hashlimit --hashlimit-upto 30/min --hashlimit-burst 2 --hashlimit-mode srcip --hashlimit-name pp1
filter FORWARD: -m conntrack --ctstate NEW -m hashlimit --hashlimit-above 1/min --hashlimit-burst 1 --hashlimit-mode srcip,dstport --hashlimit-name pp2`,
    sends: [ACROSS, ACROSS, ACROSS, tcp(B1, '10.244.2.2:8080'), UDP, tcp(A1, '10.244.2.2:8080', { wait: 2.3 }), ACROSS],
  },
]
