import { Component, type ReactNode } from 'react'
import { useTranslate } from '../../i18n/index.js'
import { Button } from './Button.js'

interface State {
  readonly message: string | undefined
}

/** Keeps a panel's bug inside the panel: the rest of the page, the cluster and the text stay. */
export class Contained extends Component<{ readonly children: ReactNode }, State> {
  override state: State = { message: undefined }

  static getDerivedStateFromError(error: unknown): State {
    return { message: error instanceof Error ? error.message : String(error) }
  }

  override render(): ReactNode {
    if (this.state.message === undefined) return this.props.children
    return <Broken message={this.state.message} onAgain={() => this.setState({ message: undefined })} />
  }
}

function Broken({ message, onAgain }: { readonly message: string; readonly onAgain: () => void }) {
  const t = useTranslate()
  return (
    <div role="alert" style={{ padding: 16 }}>
      <p>{t('shell.crash.page')}</p>
      <p lang="en" translate="no" className="fact">
        {message}
      </p>
      <Button onClick={onAgain}>{t('shell.crash.again')}</Button>
    </div>
  )
}
