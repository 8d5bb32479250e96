import { BaseImage, Cluster } from '@ngrok/webernetes'

class Answering extends BaseImage {
  static imageName = 'answering'
  static imageVersion = '1.0'
  defaultCommand = ['server']

  async exec(ctx, argv) {
    if (argv[0] !== 'server') return await super.exec(ctx, argv)
    ctx.listenHttp(8080, async () => ({ statusCode: 200, body: 'hello\n' }))
    return await ctx.waitUntilKilled()
  }
}

const URL_OF_SERVICE = 'http://node-1:31000'

function pod(name) {
  const containers = [{ name: 'c', image: 'answering:1.0' }]
  return { apiVersion: 'v1', kind: 'Pod', metadata: { name, labels: { app: 'answering' } }, spec: { containers } }
}

/** Brings up a cluster of three Pods behind one NodePort Service; gives what tells its requests per second over so many milliseconds. */
export async function open() {
  const cluster = new Cluster()
  cluster.registerImage(Answering)
  await cluster.init()
  await cluster.apply([pod('a'), pod('b'), pod('c')])
  const ports = [{ port: 80, targetPort: 8080, nodePort: 31000, protocol: 'TCP' }]
  const spec = { type: 'NodePort', ports, selector: { app: 'answering' } }
  await cluster.apply([{ apiVersion: 'v1', kind: 'Service', metadata: { name: 'answering' }, spec }])
  await untilAnswered(cluster)
  return async (forMs) => {
    let answered = 0
    const started = performance.now()
    while (performance.now() - started < forMs) {
      const response = await cluster.fetch(URL_OF_SERVICE)
      if (response.statusCode !== 200) throw new Error(`answered ${response.statusCode}`)
      answered++
    }
    return answered / ((performance.now() - started) / 1_000)
  }
}

async function untilAnswered(cluster) {
  for (let attempt = 0; attempt < 200; attempt++) {
    const response = await cluster.fetch(URL_OF_SERVICE).catch(() => undefined)
    if (response?.statusCode === 200) return
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  throw new Error('the Service did not answer')
}
