import type { ThingId } from '../../protocol/index.js'
import { useView } from '../../state/view.js'
import { useUi } from '../uiState.js'

/** Shows a thing in the inspector, wherever the page has it, at one of its tabs. */
export function selectThing(id: ThingId, thingTab = 'overview'): void {
  useView.setState({ selected: id })
  useUi.setState({ thingTab, panel: 'thing', narrowTab: 'details', drawerOpen: true, selectedBefore: id })
}
