// One process in one network namespace: listens where it is told to, answers who it is and what source it saw,
// and makes connections when asked. Speaks JSON lines on standard input and output.
import dgram from 'node:dgram'
import net from 'node:net'
import readline from 'node:readline'

const say = (message) => process.stdout.write(`${JSON.stringify(message)}\n`)
const plain = (address) => (address ?? '').replace(/^::ffff:/, '')

function listen({ who, proto, port, address = '0.0.0.0' }, done) {
  const answer = (address, from) => `${JSON.stringify({ who, source: plain(address), sourcePort: from })}\n`
  if (proto === 'udp') {
    const socket = address.includes(':') ? dgram.createSocket({ type: 'udp6', ipv6Only: true }) : dgram.createSocket('udp4')
    socket.on('message', (_, peer) => socket.send(answer(peer.address, peer.port), peer.port, peer.address))
    socket.on('error', (error) => done(error.code))
    socket.bind(port, address, () => done())
    return
  }
  const server = net.createServer((socket) => {
    socket.on('error', () => {})
    socket.end(answer(socket.remoteAddress, socket.remotePort))
  })
  server.on('error', (error) => done(error.code))
  server.listen({ port, host: address, backlog: 512, ipv6Only: address.includes(':') }, () => done())
}

function parse(text) {
  try {
    return { verdict: 'answered', ...JSON.parse(text) }
  } catch {
    return { verdict: 'garbled', text }
  }
}

function connect({ proto, ip, port, timeout, sport }, done) {
  let isOver = false
  const finish = (result) => {
    if (isOver) return
    isOver = true
    clearTimeout(timer)
    // Its port is free for the next one.
    if (proto === 'udp' && socket) socket.close()
    done(result)
  }
  let isConnected = false
  const timer = setTimeout(() => {
    socket.destroy?.()
    finish({ verdict: isConnected ? 'silent' : 'timeout' })
  }, timeout)
  let socket
  if (proto === 'udp') {
    socket = dgram.createSocket(ip.includes(':') ? 'udp6' : 'udp4')
    socket.on('message', (text) => finish(parse(String(text))))
    socket.on('error', (error) => finish({ verdict: 'error', code: error.code }))
    if (sport) socket.bind(sport)
    // A connected socket hears ICMP errors.
    socket.connect(port, ip, (error) => {
      if (error) finish({ verdict: 'error', code: error.code })
      else socket.send('?')
    })
    return
  }
  let text = ''
  socket = net.connect({ host: ip, port, ...(sport ? { localPort: sport } : {}) })
  socket.on('connect', () => {
    isConnected = true
  })
  socket.on('data', (chunk) => {
    text += chunk
  })
  socket.on('end', () => finish(parse(text)))
  socket.on('error', (error) => finish(isConnected ? { verdict: 'silent' } : { verdict: 'error', code: error.code }))
}

readline.createInterface({ input: process.stdin }).on('line', (line) => {
  const command = JSON.parse(line)
  const reply = (result) => say({ id: command.id, ...result })
  if (command.kind === 'listen') listen(command, (error) => reply({ error }))
  else if (command.kind === 'connect') connect(command, reply)
})
process.stdin.on('end', () => process.exit(0))
say({ ready: true })
