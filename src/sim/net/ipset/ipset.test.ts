import { describe, expect, it } from 'vitest'
import { setRuleset } from '../rules/ruleset.js'
import { parseIptablesSave, printIptablesSave } from '../rules/save.js'
import { sendTo, testNet } from '../testNet.js'

const SETS = `create IPS hash:ip family inet hashsize 1024 maxelem 65536 bucketsize 12 initval 0x5b8b5c65
add IPS 10.244.2.10
create CIP hash:ip,port family inet hashsize 1024 maxelem 65536
add CIP 10.244.2.10,tcp:8080
create LOOP hash:ip,port,ip family inet hashsize 1024 maxelem 65536
add LOOP 10.244.2.10,tcp:8080,10.244.1.10
create PORTS bitmap:port range 0-65535
add PORTS 8080
create NETS hash:net family inet hashsize 1024 maxelem 65536
add NETS 10.244.0.0/16
add NETS 10.244.2.0/24 nomatch
add NETS 10.244.2.10
create HOLE hash:net family inet hashsize 1024 maxelem 65536
add HOLE 10.244.0.0/16
add HOLE 10.244.2.0/24 nomatch
create V6 hash:ip family inet6 hashsize 1024 maxelem 65536
create OLD hash:ip family inet hashsize 1024 maxelem 65536 timeout 600
add OLD 10.244.1.10 timeout 12 comment "a Pod"
create IFS hash:net,iface family inet hashsize 1024 maxelem 65536
add IFS 10.244.1.0/24,cni0
create CUT hash:ip family inet hashsize 1024 maxelem 65536 netmask 24
add CUT 10.244.1.0
create ALL list:set size 8
add ALL V6
add ALL IPS
create MACS hash:mac hashsize 1024 maxelem 65536
add MACS 00:11:22:33:44:55
`

function ending(rules: string, ...options: readonly number[]) {
  const net = testNet()
  const chains = rules
    .split('\n')
    .map((rule) => `-A FORWARD ${rule}\n`)
    .join('')
  const parsed = parseIptablesSave(
    `${SETS}*filter\n:INPUT ACCEPT [0:0]\n:FORWARD ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\n${chains}COMMIT\n`,
  )
  if (!parsed.ok) throw new Error(parsed.error.message)
  setRuleset(net, 'node1', parsed.value)
  const send = (now: number, sport: number) =>
    sendTo(net, 'pod/default/a1', '10.244.2.10', 8080, { live: true, now: now * 1_000_000, sport }).ending
  return (options.length === 0 ? [0] : options).map((now, index) => send(now, 40_000 + index))
}

describe('[NF2] sets of ipset', () => {
  it.each([
    ['-m set --match-set IPS dst', true],
    ['-m set --match-set IPS src', false],
    ['-m set ! --match-set IPS src', true],
    ['-m set --match-set CIP dst,dst', true],
    ['-m set --match-set CIP dst,src', false],
    ['-m set --match-set CIP dst', false],
    ['-m set --match-set LOOP dst,dst,src', true],
    ['-m set --match-set LOOP dst,dst,dst', false],
    ['-m set --match-set PORTS dst', true],
    ['-m set --match-set PORTS src', false],
    ['-m set --match-set NETS src', true],
    ['-m set --match-set NETS dst', true],
    ['-m set --match-set HOLE dst', false],
    ['-m set --match-set HOLE dst --return-nomatch', true],
    ['-m set --match-set HOLE src --return-nomatch', false],
    ['-m set --match-set V6 src', false],
    ['-m set --match-set OLD src', true],
    ['-m set --match-set IFS src,src', true],
    ['-m set --match-set IFS src,dst', false],
    ['-m set --match-set CUT src', true],
    ['-m set --match-set CUT dst', false],
    ['-m set --match-set ALL dst', true],
    ['-m set --match-set ALL src', false],
  ])('%s: %s', (condition, expected) => {
    // Its answer has the ends the other way round.
    expect(ending(`-m conntrack --ctstate NEW ${condition} -j DROP`)[0]?.verdict).toBe(expected ? 'dropped' : 'delivered')
  })

  it.each([
    [
      '-m set --match-set NONE src',
      'not modelled: -m set --match-set NONE src: set NONE is not in the dump: add the text of "ipset save"',
    ],
    ['-m set --match-set MACS src', 'not modelled: -m set --match-set MACS src: set type hash:mac'],
  ])('[NF5] stops at %s', (condition, why) => {
    expect(ending(`${condition} -j DROP`)[0]).toMatchObject({ verdict: 'timeout', with: why })
    // What cannot match whatever the set holds is passed over.
    expect(ending(`-p udp ${condition} -j DROP`)[0]?.verdict).toBe('delivered')
  })

  it('lets rules put addresses in and take them out', () => {
    const verdicts = ending(
      '-m conntrack --ctstate NEW -m set --match-set IPS src -j DROP\n-s 10.244.1.10 -m conntrack --ctstate NEW -j SET --add-set IPS src --exist --timeout 30',
      0,
      10,
      31,
    ).map(({ verdict }) => verdict)
    expect(verdicts).toEqual(['delivered', 'dropped', 'delivered'])
    expect(ending('-j SET --del-set IPS dst\n-m set --match-set IPS dst -j DROP')[0]?.verdict).toBe('delivered')
  })

  it('[NF1] parsing and printing gives the same text, sets before or after the rules', () => {
    const rules =
      '*filter\n:INPUT ACCEPT [0:0]\n:FORWARD ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\n-A INPUT -m set --match-set IPS src -j ACCEPT\nCOMMIT\n'
    for (const text of [`${SETS}${rules}`, `${rules}${SETS}`]) {
      const parsed = parseIptablesSave(text)
      expect(parsed.ok ? printIptablesSave(parsed.value) : parsed.error).toBe(`${SETS}${rules}`)
    }
  })

  it.each([
    ['add NONE 10.0.0.1', 'The set with the given name does not exist: NONE'],
    ['create IPS hash:ip', 'Set cannot be created: set with the same name already exists'],
    ['add IPS 10.0.0.1,80', 'Syntax error: 10.0.0.1,80 does not fit hash:ip'],
    ['add IPS ten', 'Syntax error: cannot parse ten: resolving to IPv4 address failed'],
    ['add ALL NONE', 'The set with the given name does not exist: NONE'],
  ])('[NF5] refuses %s', (line, message) => {
    const parsed = parseIptablesSave(`${SETS}${line}\n`)
    expect(parsed).toEqual({ ok: false, error: { line: SETS.split('\n').length, message } })
  })
})

describe('[NF2] rates', () => {
  it('lets as many packets through as the bucket holds, and one more for each that trickles in', () => {
    const rule = '-m conntrack --ctstate NEW -m limit --limit 6/min --limit-burst 2 -j ACCEPT\n-m conntrack --ctstate NEW -j DROP'
    const verdicts = ending(rule, 0, 0, 0, 10, 11, 19, 20, 60, 60, 60).map(({ verdict }) => verdict === 'delivered')
    expect(verdicts).toEqual([true, true, false, true, false, false, true, true, true, false])
  })

  it('keeps a bucket for each source', () => {
    const rule =
      '-m conntrack --ctstate NEW -m hashlimit --hashlimit-above 1/sec --hashlimit-burst 1 --hashlimit-mode srcip --hashlimit-name a -j DROP'
    expect(ending(rule, 0, 0.5, 1, 1.2, 3).map(({ verdict }) => verdict === 'delivered')).toEqual([
      true,
      false,
      true,
      false,
      true,
    ])
  })
})
