import type { NetfilterCase } from './case.js'
import { A1, A2, ACROSS, asked, BESIDE, tcp, UDP, UDP_CLOSED, udp } from './case.js'

const SETS = `create IPS hash:ip family inet hashsize 1024 maxelem 65536
add IPS 10.244.2.2
create CIP hash:ip,port family inet hashsize 1024 maxelem 65536
add CIP 10.244.2.2,tcp:8080
add CIP 10.244.2.2,udp:5353
create LOOP hash:ip,port,ip family inet hashsize 1024 maxelem 65536
add LOOP 10.244.2.2,tcp:8080,10.244.1.2
create IPN hash:ip,port,net family inet hashsize 1024 maxelem 65536
add IPN 10.244.2.2,tcp:8080,10.244.1.0/24
create PORTS bitmap:port range 0-65535
add PORTS 8080
create BIT bitmap:ip range 10.244.1.0-10.244.1.255
add BIT 10.244.1.2
create NETS hash:net family inet hashsize 1024 maxelem 65536
add NETS 10.244.0.0/16
add NETS 10.244.2.0/24 nomatch
create NP hash:net,port family inet hashsize 1024 maxelem 65536
add NP 10.244.2.0/24,tcp:8080
create IFS hash:net,iface family inet hashsize 1024 maxelem 65536
add IFS 10.244.1.0/24,cni0
create CUT hash:ip family inet hashsize 1024 maxelem 65536 netmask 24
add CUT 10.244.1.0
create OLD hash:ip family inet hashsize 1024 maxelem 65536 timeout 600
add OLD 10.244.1.2 timeout 300
create V6 hash:ip family inet6 hashsize 1024 maxelem 65536
create ALL list:set size 8
add ALL V6
add ALL IPS
`

/** Sets of ipset. */
export const SET_CASES: readonly NetfilterCase[] = [
  {
    name: 'sets',
    sets: SETS,
    rules: asked(
      '-m set --match-set IPS dst',
      '-m set --match-set IPS src',
      '-m set ! --match-set IPS src',
      '-m set --match-set CIP dst,dst',
      '-m set --match-set CIP src,src',
      '-m set --match-set CIP dst',
      '-m set --match-set LOOP dst,dst,src',
      '-m set --match-set LOOP src,src,dst',
      '-m set --match-set IPN dst,dst,src',
      '-m set --match-set PORTS dst',
      '-m set --match-set PORTS src',
      '-m set --match-set BIT src',
      '-m set --match-set BIT dst',
      '-m set --match-set NETS src',
      '-m set --match-set NETS dst',
      '-m set ! --match-set NETS dst',
      '-m set --match-set NETS dst --return-nomatch',
      '-m set --match-set NETS src --return-nomatch',
      '-m set --match-set NP dst,dst',
      '-m set --match-set NP src,dst',
      '-m set --match-set IFS src,src',
      '-m set --match-set IFS src,dst',
      '-m set --match-set IFS dst,dst',
      '-m set --match-set CUT src',
      '-m set --match-set CUT dst',
      '-m set --match-set OLD src',
      '-m set --match-set ALL dst',
      '-m set --match-set ALL src',
      '-m set ! --match-set ALL src,dst',
    ),
    sends: [ACROSS, UDP, BESIDE, UDP_CLOSED, tcp(A2, '10.244.1.2:8080')],
  },
  {
    name: 'rules that change sets',
    sets: SETS.replaceAll('IPS', 'OTHERS')
      .replaceAll('OLD', 'TIMED')
      .replace(/^create (?!OTHERS|TIMED).*|^add (?!OTHERS|TIMED).*/gm, ''),
    rules: `filter FORWARD: -m set --match-set OTHERS src -m comment --comment known
filter FORWARD: -m set --match-set TIMED dst -m comment --comment timed
filter FORWARD: -p tcp -m conntrack --ctstate NEW -j SET --add-set OTHERS src
filter FORWARD: -p tcp -m conntrack --ctstate NEW -j SET --add-set TIMED dst --exist --timeout 1
filter FORWARD: -p udp -m conntrack --ctstate NEW -j SET --del-set OTHERS src`,
    sends: [ACROSS, ACROSS, tcp(A1, '10.244.2.2:8080', { wait: 2.2 }), UDP, ACROSS],
  },
  {
    name: 'IPv6: sets',
    family: 6,
    sets: `create IPS6 hash:ip family inet6 hashsize 1024 maxelem 65536
add IPS6 fd00:10:244:2::2
create NETS6 hash:net family inet6 hashsize 1024 maxelem 65536
add NETS6 fd00:10:244::/48
add NETS6 fd00:10:244:2::/64 nomatch
create CIP6 hash:ip,port family inet6 hashsize 1024 maxelem 65536
add CIP6 fd00:10:244:2::2,tcp:8080
create PORTS6 bitmap:port range 0-65535
add PORTS6 5353
create ALL6 list:set size 8
add ALL6 IPS6
`,
    rules: asked(
      '-m set --match-set IPS6 dst',
      '-m set --match-set NETS6 src',
      '-m set --match-set NETS6 dst',
      '-m set --match-set NETS6 dst --return-nomatch',
      '-m set --match-set CIP6 dst,dst',
      '-m set --match-set PORTS6 dst',
      '-m set --match-set ALL6 dst',
      '-m set ! --match-set ALL6 src',
    ),
    sends: [tcp(A1, '[fd00:10:244:2::2]:8080'), udp(A1, '[fd00:10:244:2::2]:5353'), tcp(A1, '[fd00:10:244:1::3]:8080')],
  },
]
