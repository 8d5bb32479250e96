import { own } from '../core/own.js'
/** A port on which an image's program listens by itself, whatever the manifest declares. */
export interface ImagePort {
  readonly port: number
  readonly proto?: 'tcp' | 'udp'
  /** Environment variable that moves it. */
  readonly env?: string
  /** Command-line flags that move it: `--port`. */
  readonly flags?: readonly string[]
}

/** How the answer reads. */
export type Greeting = 'nginx' | 'httpd' | 'whoami' | 'hostname' | 'echo' | 'text' | 'plain' | 'opaque'

/** What is known of an image: an image is not run here, it is imitated. */
export interface ImageEntry {
  /** Ports it listens on; empty where it serves nothing. */
  readonly ports: readonly ImagePort[]
  readonly greeting: Greeting
  /** Ends by itself when started without a command: at once, with this code. A shell without a terminal does. */
  readonly exits?: number
  /** Refuses to start without one of these environment variables. */
  readonly needsEnv?: { readonly oneOf: readonly string[]; readonly message: string }
  /** Paths that it serves unless content or configuration is mounted; any other is a 404. All when absent. */
  readonly paths?: readonly string[]
  /** Mega-bytes to pull; 60 when absent. */
  readonly megabytes?: number
}

const shell: ImageEntry = { ports: [], greeting: 'opaque', exits: 0, megabytes: 5 }
const idle: ImageEntry = { ports: [], greeting: 'opaque' }

function http(port: number, greeting: Greeting = 'plain', more: Partial<ImageEntry> = {}): ImageEntry {
  return { ports: [{ port }], greeting, ...more }
}

function tcp(...ports: readonly number[]): ImageEntry {
  return { ports: ports.map((port) => ({ port })), greeting: 'opaque' }
}

function service(port: number, greeting: Greeting = 'plain'): ImageEntry {
  return { ports: [{ port, env: 'PORT' }], greeting }
}

/**
 * Images that manifests commonly name, by the last parts of their repository (the longest that matches decides):
 * `nginx` is also `docker.io/library/nginx:1.27`. What each really listens on comes from its own documentation or Dockerfile.
 */
export const IMAGES: Readonly<Record<string, ImageEntry>> = {
  // web servers
  nginx: http(80, 'nginx', { paths: ['/', '/index.html', '/50x.html'], megabytes: 72 }),
  'nginxinc/nginx-unprivileged': http(8080, 'nginx', { paths: ['/', '/index.html', '/50x.html'] }),
  'nginx-unprivileged': http(8080, 'nginx', { paths: ['/', '/index.html', '/50x.html'] }),
  'nginxdemos/hello': http(80, 'whoami'),
  httpd: http(80, 'httpd', { paths: ['/', '/index.html'] }),
  caddy: tcp(80, 443),
  tomcat: http(8080),
  traefik: tcp(80, 8080),
  wordpress: http(80),
  ghost: http(2368),
  jenkins: tcp(8080, 50000),
  'jenkins/jenkins': tcp(8080, 50000),
  // programs that say who they are
  'traefik/whoami': {
    ports: [{ port: 80, env: 'WHOAMI_PORT_NUMBER', flags: ['--port', '-port'] }],
    greeting: 'whoami',
    megabytes: 7,
  },
  'containous/whoami': { ports: [{ port: 80, flags: ['--port', '-port'] }], greeting: 'whoami', megabytes: 7 },
  'hashicorp/http-echo': { ports: [{ port: 5678, flags: ['-listen', '--listen'] }], greeting: 'text', megabytes: 6 },
  'http-echo': { ports: [{ port: 5678, flags: ['-listen', '--listen'] }], greeting: 'text', megabytes: 6 },
  'ealen/echo-server': { ports: [{ port: 80, env: 'PORT' }], greeting: 'echo' },
  'jmalloc/echo-server': { ports: [{ port: 8080, env: 'PORT' }], greeting: 'echo' },
  'kicbase/echo-server': { ports: [{ port: 8080, env: 'PORT' }], greeting: 'echo' },
  'mendhak/http-https-echo': {
    ports: [
      { port: 8080, env: 'HTTP_PORT' },
      { port: 8443, env: 'HTTPS_PORT' },
    ],
    greeting: 'echo',
  },
  echoserver: { ports: [{ port: 8080 }, { port: 8443 }], greeting: 'echo' },
  agnhost: { ports: [], greeting: 'hostname' },
  serve_hostname: http(9376, 'hostname'),
  'kennethreitz/httpbin': http(80, 'echo'),
  'mccutchen/go-httpbin': service(8080, 'echo'),
  'paulbouwer/hello-kubernetes': service(8080, 'whoami'),
  'google-samples/hello-app': service(8080, 'whoami'),
  'hello-app': service(8080, 'whoami'),
  'node-hello': http(8080, 'plain'),
  'stefanprodan/podinfo': {
    ports: [
      { port: 9898, flags: ['--port'] },
      { port: 9999, flags: ['--grpc-port'] },
    ],
    greeting: 'whoami',
  },
  'kuard-amd64': http(8080, 'whoami'),
  'hpa-example': http(80, 'text'),
  'luksa/kubia': http(8080, 'whoami'),
  kubernetes_bootcamp: http(8080, 'whoami'),
  'kubernetes-bootcamp': http(8080, 'whoami'),
  // shells and one-shots
  busybox: shell,
  alpine: shell,
  ubuntu: { ...shell, megabytes: 30 },
  debian: { ...shell, megabytes: 50 },
  centos: shell,
  fedora: shell,
  bash: shell,
  python: { ...shell, megabytes: 350 },
  node: { ...shell, megabytes: 350 },
  golang: { ...shell, megabytes: 300 },
  perl: { ...shell, megabytes: 330 },
  'hello-world': { ports: [], greeting: 'opaque', exits: 0, megabytes: 1 },
  'nicolaka/netshoot': shell,
  'curlimages/curl': { ports: [], greeting: 'opaque', exits: 2, megabytes: 8 },
  dnsutils: { ports: [], greeting: 'opaque' },
  pause: { ...idle, megabytes: 1 },
  // stores and queues
  redis: { ports: [{ port: 6379, flags: ['--port'] }], greeting: 'opaque', megabytes: 45 },
  valkey: { ports: [{ port: 6379, flags: ['--port'] }], greeting: 'opaque' },
  memcached: { ports: [{ port: 11211, flags: ['-p', '--port'] }], greeting: 'opaque' },
  postgres: {
    ports: [{ port: 5432, env: 'PGPORT' }],
    greeting: 'opaque',
    needsEnv: {
      oneOf: ['POSTGRES_PASSWORD', 'POSTGRES_PASSWORD_FILE', 'POSTGRES_HOST_AUTH_METHOD'],
      message: 'Error: Database is uninitialized and superuser password is not specified.',
    },
    megabytes: 150,
  },
  mysql: {
    ports: [{ port: 3306 }],
    greeting: 'opaque',
    needsEnv: {
      oneOf: ['MYSQL_ROOT_PASSWORD', 'MYSQL_ROOT_PASSWORD_FILE', 'MYSQL_ALLOW_EMPTY_PASSWORD', 'MYSQL_RANDOM_ROOT_PASSWORD'],
      message: 'Database is uninitialized and password option is not specified',
    },
    megabytes: 230,
  },
  mariadb: {
    ports: [{ port: 3306 }],
    greeting: 'opaque',
    needsEnv: {
      oneOf: [
        'MARIADB_ROOT_PASSWORD',
        'MYSQL_ROOT_PASSWORD',
        'MARIADB_ALLOW_EMPTY_ROOT_PASSWORD',
        'MYSQL_ALLOW_EMPTY_PASSWORD',
        'MARIADB_RANDOM_ROOT_PASSWORD',
        'MARIADB_ROOT_PASSWORD_FILE',
        'MARIADB_ROOT_PASSWORD_HASH',
      ],
      message: 'Database is uninitialized and password option is not specified',
    },
    megabytes: 120,
  },
  mongo: { ports: [{ port: 27017, flags: ['--port'] }], greeting: 'opaque', megabytes: 250 },
  rabbitmq: tcp(5672, 15672),
  elasticsearch: tcp(9200, 9300),
  kibana: http(5601),
  zookeeper: tcp(2181),
  kafka: tcp(9092),
  nats: tcp(4222, 8222),
  etcd: tcp(2379, 2380),
  consul: tcp(8500),
  vault: tcp(8200),
  influxdb: tcp(8086),
  minio: tcp(9000),
  registry: http(5000),
  cassandra: tcp(9042),
  // watching
  'grafana/grafana': http(3000),
  'prom/prometheus': http(9090),
  'prom/node-exporter': http(9100),
  'node-exporter': http(9100),
  'fluent/fluent-bit': http(2020),
  fluentd: tcp(24224),
  'metrics-server/metrics-server': tcp(10250),
  // Kubernetes' own
  coredns: {
    ports: [{ port: 53, proto: 'udp' }, { port: 53 }, { port: 8080 }, { port: 8181 }, { port: 9153 }],
    greeting: 'opaque',
    megabytes: 23,
  },
  // Its ports are opened by the kube-proxy of the Node, as its configuration says.
  'kube-proxy': { ports: [], greeting: 'opaque', megabytes: 30 },
  'kube-apiserver': tcp(6443),
  'kube-controller-manager': tcp(10257),
  'kube-scheduler': tcp(10259),
  'ingress-nginx/controller': tcp(80, 443, 10254, 8443),
  'kubernetesui/dashboard': tcp(8443, 9090),
  // the PHP guestbook
  'gb-frontend': http(80),
  'gb-redis-follower': tcp(6379),
  'gb-redisslave': tcp(6379),
  'guestbook-go': http(3000),
  // the voting app
  examplevotingapp_vote: http(80),
  examplevotingapp_result: http(80),
  examplevotingapp_worker: idle,
  'example-voting-app-vote': http(80),
  'example-voting-app-result': http(80),
  'example-voting-app-worker': idle,
  'voting-app': http(80),
  'result-app': http(80),
  'worker-app': idle,
  // the microservices shop
  'microservices-demo/frontend': service(8080),
  'microservices-demo/adservice': service(9555, 'opaque'),
  'microservices-demo/cartservice': tcp(7070),
  'microservices-demo/checkoutservice': service(5050, 'opaque'),
  'microservices-demo/currencyservice': service(7000, 'opaque'),
  'microservices-demo/emailservice': service(8080, 'opaque'),
  'microservices-demo/paymentservice': service(50051, 'opaque'),
  'microservices-demo/productcatalogservice': service(3550, 'opaque'),
  'microservices-demo/recommendationservice': service(8080, 'opaque'),
  'microservices-demo/shippingservice': service(50051, 'opaque'),
  'microservices-demo/loadgenerator': idle,
  adservice: service(9555, 'opaque'),
  cartservice: tcp(7070),
  checkoutservice: service(5050, 'opaque'),
  currencyservice: service(7000, 'opaque'),
  emailservice: service(8080, 'opaque'),
  paymentservice: service(50051, 'opaque'),
  productcatalogservice: service(3550, 'opaque'),
  recommendationservice: service(8080, 'opaque'),
  shippingservice: service(50051, 'opaque'),
  loadgenerator: idle,
  // Sock Shop and Bookinfo
  'weaveworksdemos/front-end': http(8079),
  'weaveworksdemos/catalogue': http(80),
  'weaveworksdemos/user': http(80),
  'weaveworksdemos/carts': http(80),
  'weaveworksdemos/orders': http(80),
  'weaveworksdemos/shipping': http(80),
  'weaveworksdemos/payment': http(80),
  'examples-bookinfo-productpage-v1': http(9080),
  'examples-bookinfo-details-v1': http(9080),
  'examples-bookinfo-ratings-v1': http(9080),
  'examples-bookinfo-reviews-v1': http(9080),
  'examples-bookinfo-reviews-v2': http(9080),
  'examples-bookinfo-reviews-v3': http(9080),
}

/** Parts of an image's name. `tag` is `latest` when neither tag nor digest is given. */
export interface ImageName {
  readonly registry: string
  readonly repository: string
  readonly tag: string
  readonly digest: string
}

/** Reads an image reference; undefined when it is none. Source: distribution/reference reference.go, normalize.go */
export function parseImage(image: string): ImageName | undefined {
  const match =
    /^(?<name>[^@:]+(?::\d+(?=\/)[^@:]*)?)(?::(?<tag>[\w][\w.-]{0,127}))?(?:@(?<digest>[A-Za-z][\w.+-]*:[0-9a-fA-F]{32,}))?$/.exec(
      image,
    )
  const name = match?.groups?.['name']
  if (name === undefined) return undefined
  const slash = name.indexOf('/')
  const first = slash < 0 ? '' : name.slice(0, slash)
  const hasRegistry = first.includes('.') || first.includes(':') || first === 'localhost'
  const registry = hasRegistry ? first : 'docker.io'
  const path = hasRegistry ? name.slice(slash + 1) : name
  if (!/^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*$/.test(path)) return undefined
  const digest = match?.groups?.['digest'] ?? ''
  return {
    registry,
    repository: registry === 'docker.io' && !path.includes('/') ? `library/${path}` : path,
    tag: match?.groups?.['tag'] ?? (digest === '' ? 'latest' : ''),
    digest,
  }
}

/** The full name under which runtimes list an image: `docker.io/library/nginx:1.27`. */
export function fullImageName(image: string): string {
  const parsed = parseImage(image)
  if (parsed === undefined) return image
  return `${parsed.registry}/${parsed.repository}${parsed.tag === '' ? '' : `:${parsed.tag}`}${parsed.digest === '' ? '' : `@${parsed.digest}`}`
}

/** What is known of an image; undefined for one that is not in the table. */
export function findImage(image: string): ImageEntry | undefined {
  const parsed = parseImage(image)
  if (parsed === undefined) return undefined
  const parts = parsed.repository.split('/').filter((part, index) => !(index === 0 && part === 'library'))
  for (let from = 0; from < parts.length; from++) {
    const entry = own(IMAGES, parts.slice(from).join('/'))
    if (entry !== undefined) return entry
  }
  return undefined
}

/**
 * Why an image cannot be pulled, in the container runtime's words; undefined when it can.
 *
 * An image is taken for missing when its tag says so (`doesnotexist`, `does-not-exist`, `nonexistent`, `invalid`, `missing`, `broken`, `badtag`, `typo`)
 * or its repository does, or its registry is under `.invalid` or `.example`.
 * Source: containerd core/remotes/docker/resolver.go, pull errors as the CRI reports them
 */
export function pullError(image: string): string | undefined {
  const parsed = parseImage(image)
  if (parsed === undefined) return undefined
  const full = fullImageName(image)
  const { registry, repository, tag } = parsed
  if (/\.(?:invalid|example)(?::\d+)?$/.test(registry)) {
    const host = registry.replace(/:\d+$/, '')
    return `failed to pull and unpack image "${full}": failed to resolve reference "${full}": failed to do request: Head "https://${registry}/v2/${repository}/manifests/${tag}": dial tcp: lookup ${host}: no such host`
  }
  if (BROKEN.test(repository)) {
    return `failed to pull and unpack image "${full}": failed to resolve reference "${full}": pull access denied, repository does not exist or may require authorization: server message: insufficient_scope: authorization failed`
  }
  if (BROKEN.test(tag))
    return `rpc error: code = NotFound desc = failed to pull and unpack image "${full}": failed to resolve reference "${full}": ${full}: not found`
  return undefined
}

const BROKEN =
  /(?:^|[^a-z])(?:does-?not-?exist|non-?exist(?:ent|ing)|no-?such|not-?found|invalid|missing|broken|bad-?(?:tag|image)|typo)(?:$|[^a-z])/
