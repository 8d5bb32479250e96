import type { NetfilterCase, Send } from './case.js'
import { A1, ACROSS, asked, B1, tcp, udp } from './case.js'

/** The same ends again, so many seconds later. */
const again = (sport: number, wait?: number): Send =>
  udp(A1, '10.244.2.2:5353', { sport, ...(wait === undefined ? {} : { wait }) })
const unanswered = (sport: number, wait?: number): Send =>
  udp(A1, '10.96.0.10:53', { sport, ...(wait === undefined ? {} : { wait }) })

const KNOWN = `${asked(
  '-m conntrack --ctstate NEW',
  '-m conntrack --ctstate ESTABLISHED',
  '-m conntrack --ctstatus SEEN_REPLY',
  '-m conntrack --ctstatus ASSURED',
)}
nat PREROUTING: -m comment --comment first`

/** What passing time and earlier connections do. */
export const TIME_CASES: readonly NetfilterCase[] = [
  {
    name: 'datagrams that are answered are remembered, as a stream after two seconds',
    timeouts: { 'udp new': 2, 'udp replied': 4 },
    rules: KNOWN,
    sends: [
      again(50_201),
      again(50_201, 1),
      again(50_201, 2.5),
      again(50_201, 1.2),
      again(50_201, 1.3),
      again(50_201, 3),
      again(50_201, 4.6),
    ],
  },
  {
    name: 'datagrams that are not answered are remembered',
    timeouts: { 'udp new': 2 },
    rules: `raw PREROUTING: -s 10.244.2.2/32 -p udp -j DROP
nat PREROUTING: -d 10.96.0.10/32 -p udp -m statistic --mode nth --every 2 --packet 0 -j DNAT --to-destination 10.244.2.2:5353
nat PREROUTING: -d 10.96.0.10/32 -p udp -j DNAT --to-destination 10.244.2.2:5354
${KNOWN}`,
    sends: [unanswered(50_211), unanswered(50_211), unanswered(50_211, 2.6), unanswered(50_211), unanswered(50_212)],
  },
  {
    name: 'a closed connection’s port again',
    timeouts: { TIME_WAIT: 2, SYN_SENT: 2 },
    rules: `nat PREROUTING: -d 10.96.0.10/32 -p tcp -m statistic --mode nth --every 2 --packet 0 -j DNAT --to-destination 10.244.2.2:8080
nat PREROUTING: -d 10.96.0.10/32 -p tcp -j DNAT --to-destination 10.244.3.2:8080
raw PREROUTING: -s 10.244.2.2/32 -p tcp -m tcp --sport 81 -j DROP
${KNOWN}`,
    sends: [
      tcp(A1, '10.96.0.10:80', { sport: 50_221 }),
      tcp(A1, '10.96.0.10:80', { sport: 50_221, wait: 0.3 }),
      tcp(A1, '10.96.0.10:80', { sport: 50_221, wait: 0.3 }),
      tcp(A1, '10.96.0.10:80', { sport: 50_221, wait: 2.6 }),
      tcp(A1, '10.244.2.2:81', { sport: 50_222 }),
      tcp(A1, '10.244.2.2:81', { sport: 50_222 }),
      tcp(A1, '10.244.2.2:81', { sport: 50_222, wait: 2.8 }),
    ],
  },
  {
    name: 'a source port is free again',
    timeouts: { 'udp new': 2 },
    rules: `nat POSTROUTING: -s 10.244.1.0/24 -o eth0 -j SNAT --to-source 172.18.0.11
${KNOWN}`,
    sends: [
      udp(A1, '10.244.2.2:5353', { sport: 50_231 }),
      udp(B1, '10.244.2.2:5353', { sport: 50_231 }),
      udp(B1, '10.244.2.2:5353', { sport: 50_231, wait: 2.8 }),
      udp(A1, '10.244.2.2:5353', { sport: 50_231 }),
    ],
  },
  {
    name: 'a socket keeps the port that it was given',
    rules: `nat POSTROUTING: -s 10.244.1.0/24 -o eth0 -d 10.244.0.0/16 -j SNAT --to-source 172.18.0.11
${KNOWN}`,
    sends: [
      udp(A1, '10.244.2.2:5353', { sport: 50_241 }),
      udp(B1, '10.244.2.2:5353', { sport: 50_241 }),
      udp(B1, '10.244.3.2:5353', { sport: 50_241 }),
      udp(A1, '10.244.3.2:5353', { sport: 50_241 }),
      tcp(A1, '10.244.2.2:8080', { sport: 50_242 }),
      tcp(B1, '10.244.2.2:8080', { sport: 50_242 }),
      tcp('node1', '10.244.2.2:8080', { sport: 50_242 }),
      tcp(B1, '10.244.3.2:8080', { sport: 50_242 }),
      tcp('node1', '10.244.3.2:8080', { sport: 50_242 }),
    ],
  },
  {
    name: 'recent: hits within a time, and lists that are asked for what is not on them',
    rules: asked(
      '-m conntrack --ctstate NEW -m recent --update --seconds 2 --hitcount 3 --name h --mask 255.255.255.255 --rsource',
      '-m conntrack --ctstate NEW -m recent ! --update --seconds 2 --name n --mask 255.255.255.255 --rsource',
      '-m conntrack --ctstate NEW -m recent ! --update --seconds 2 --hitcount 2 --name n --mask 255.255.255.255 --rsource',
      '-m conntrack --ctstate NEW -m recent --rcheck --seconds 2 --reap --name r --mask 255.255.255.255 --rsource',
      '-m conntrack --ctstate NEW -m recent --rcheck --name r --mask 255.255.255.255 --rsource',
      '-m conntrack --ctstate NEW -m recent ! --remove --name r --mask 255.255.255.255 --rdest',
      '-m conntrack --ctstate NEW -m recent --set --name h --mask 255.255.255.255 --rsource',
      '-p tcp -m conntrack --ctstate NEW -m recent --set --name r --mask 255.255.255.255 --rsource',
      '-s 10.244.1.3/32 -m conntrack --ctstate NEW -m recent --set --name n --mask 255.255.255.255 --rsource',
    ),
    sends: [
      ACROSS,
      ACROSS,
      ACROSS,
      tcp(B1, '10.244.2.2:8080'),
      tcp(B1, '10.244.2.2:8080'),
      tcp(A1, '10.244.2.2:8080', { wait: 2.4 }),
      ACROSS,
      tcp(B1, '10.244.2.2:8080'),
    ],
  },
  {
    name: 'rates: tokens come back one by one',
    rules: asked(
      '-m conntrack --ctstate NEW -m limit --limit 1/sec --limit-burst 2',
      '-m conntrack --ctstate NEW -m hashlimit --hashlimit-upto 1/sec --hashlimit-burst 2 --hashlimit-mode srcip,dstip --hashlimit-name tt1',
      '-m conntrack --ctstate NEW -m hashlimit --hashlimit-above 30/min --hashlimit-burst 1 --hashlimit-mode dstport --hashlimit-name tt2',
      '-m conntrack --ctstate NEW -m hashlimit --hashlimit-upto 1/min --hashlimit-burst 1 --hashlimit-mode srcip --hashlimit-name tt3 --hashlimit-htable-expire 2000',
    ),
    sends: [
      ACROSS,
      ACROSS,
      ACROSS,
      tcp(A1, '10.244.2.2:8080', { wait: 1.4 }),
      ACROSS,
      tcp(B1, '10.244.2.2:8080'),
      tcp(A1, '10.244.2.2:8080', { wait: 3.3 }),
      ACROSS,
      ACROSS,
    ],
  },
]
