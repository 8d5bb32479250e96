import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'

export interface Machine {
  /** Environment in which the tests find what was found. */
  readonly env: Readonly<Record<string, string>>
  /** Why there is no browser, and how to get one; undefined when there is. */
  readonly browserMissing: string | undefined
  /** Why the kernel tests cannot run; undefined when they can. */
  readonly kernelMissing: string | undefined
}

const KERNEL_TOOLS: Readonly<Record<string, string>> = {
  iptables: 'iptables',
  nft: 'nftables',
  conntrack: 'conntrack',
  ip: 'iproute2',
}
/** Without it sets are left out of the kernel tests, which say so. */
const OPTIONAL_TOOLS: Readonly<Record<string, string>> = { ipset: 'ipset' }
const CJK_FONT_DIRECTORIES = ['/usr/share/fonts/opentype/noto', '/usr/share/fonts/noto-cjk']

const isRoot = process.getuid?.() === 0
const mayInstall = process.env['PODPATH_NO_INSTALL'] !== '1'
const hasApt = has('apt-get')

/** Finds a browser and the kernel's tools; installs with Debian's packages what is missing, when root and allowed, after saying so. */
export function prepareMachine(): Machine {
  const wanted = [
    ...(findBrowser() === undefined ? ['chromium'] : []),
    ...(CJK_FONT_DIRECTORIES.some((each) => existsSync(each)) || !isRoot ? [] : ['fonts-noto-cjk']),
    ...(isRoot
      ? Object.entries({ ...KERNEL_TOOLS, ...OPTIONAL_TOOLS }).flatMap(([tool, name]) => (has(tool) ? [] : [name]))
      : []),
  ]
  if (wanted.length > 0) install(wanted)
  const browser = findBrowser()
  const missing = Object.keys(KERNEL_TOOLS).filter((tool) => !has(tool))
  return {
    env: browser === undefined ? {} : { PODPATH_CHROMIUM: browser },
    browserMissing:
      browser === undefined
        ? "no Chromium was found; 'npx playwright install chromium' or Debian's package chromium brings one"
        : undefined,
    kernelMissing: !isRoot
      ? 'laying out network namespaces needs root'
      : missing.length > 0
        ? `${missing.join(', ')} not found; Debian's packages ${missing.map((tool) => KERNEL_TOOLS[tool]).join(', ')} bring them`
        : undefined,
  }
}

function install(packages: readonly string[]): void {
  if (!mayInstall) {
    process.stdout.write(`not installing ${packages.join(', ')}: PODPATH_NO_INSTALL=1\n`)
    return
  }
  if (!isRoot || !hasApt) {
    if (packages.includes('chromium')) installPlaywrightBrowser()
    return
  }
  process.stdout.write(`installing with apt-get: ${packages.join(', ')}\n`)
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  spawnSync('apt-get', ['update', '-q'], { stdio: 'ignore', env })
  const result = spawnSync('apt-get', ['install', '-y', '-q', '--no-install-recommends', ...packages], { encoding: 'utf8', env })
  if (result.status !== 0) process.stdout.write(`apt-get failed: ${result.stderr}\n`)
}

function installPlaywrightBrowser(): void {
  process.stdout.write("installing Playwright's Chromium for this user\n")
  spawnSync('npx', ['playwright', 'install', 'chromium'], { stdio: 'inherit' })
}

function has(command: string): boolean {
  return (process.env['PATH'] ?? '')
    .split(':')
    .concat('/usr/sbin', '/sbin')
    .some((directory) => existsSync(join(directory, command)))
}

/** Path of a Chromium: named by PODPATH_CHROMIUM, Playwright's own, or the system's. */
function findBrowser(): string | undefined {
  const named = process.env['PODPATH_CHROMIUM']
  if (named !== undefined && existsSync(named)) return named
  const system = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome', '/opt/google/chrome/chrome']
  return playwrightBrowser() ?? system.find((each) => existsSync(each))
}

function playwrightBrowser(): string | undefined {
  const cache = process.env['PLAYWRIGHT_BROWSERS_PATH'] ?? join(homedir(), '.cache', 'ms-playwright')
  if (!existsSync(cache)) return undefined
  for (const directory of readdirSync(cache).sort().reverse()) {
    for (const inside of ['chrome-linux/chrome', 'chrome-linux64/chrome', 'chrome-mac/Chromium.app/Contents/MacOS/Chromium']) {
      const path = join(cache, directory, inside)
      if (directory.startsWith('chromium-') && existsSync(path)) return path
    }
  }
  return undefined
}
