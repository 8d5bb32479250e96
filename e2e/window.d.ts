interface Window {
  readonly podpath: {
    readonly ready: Promise<void>
    position(): { step: number; at: number }
    digest(): Promise<string>
  }
}
