/**
 * Owns the editing of one card. It tells only the fields that a person changed, so that two people
 * can edit one card at once.
 */
import { type Card, COLOURS, type Colour } from '../../shared/board.js'
import { NAME_MAX, NOTE_MAX, type Payload, TITLE_MAX } from '../../shared/commands.js'
import { openDialog } from './dialog.js'
import { h } from './h.js'

type Change = Omit<Payload<'card.edit'>, 'card'>

export function openCardDialog(
  card: Card,
  people: readonly string[],
  onChange: (change: Change) => void,
): void {
  const title = h('input', {
    class: 'field is-title',
    id: 'card-title',
    required: true,
    maxlength: TITLE_MAX,
    value: card.title,
    autocomplete: 'off',
  })
  const note = h('textarea', { class: 'field', id: 'card-note', rows: 4, maxlength: NOTE_MAX })
  note.value = card.note
  const assignee = h('input', {
    class: 'field',
    id: 'card-assignee',
    list: 'card-people',
    maxlength: NAME_MAX,
    value: card.assignee,
    placeholder: 'Nobody',
    autocomplete: 'off',
  })
  const swatches = COLOURS.map((colour) =>
    h(
      'label',
      { class: 'swatch', 'data-colour': colour, title: colour },
      h('input', {
        type: 'radio',
        name: 'colour',
        value: colour,
        checked: colour === card.colour,
        'aria-label': colour,
      }),
    ),
  )
  const colourNow = (): Colour => {
    const chosen = swatches.findIndex((swatch) => swatch.querySelector('input')?.checked)
    return COLOURS[chosen] ?? card.colour
  }

  openDialog({
    title: 'Edit card',
    confirm: 'Save',
    dismiss: 'Cancel',
    body: [
      h('label', { for: 'card-title' }, 'Title'),
      title,
      h('label', { for: 'card-note' }, 'Note'),
      note,
      h(
        'div',
        { class: 'pair' },
        h('div', {}, h('label', { for: 'card-assignee' }, 'Who'), assignee),
        h(
          'fieldset',
          { class: 'swatches' },
          h('legend', {}, 'Colour'),
          h('div', { class: 'row' }, ...swatches),
        ),
      ),
      h('datalist', { id: 'card-people' }, ...people.map((name) => h('option', { value: name }))),
    ],
    onConfirm: () => {
      const change = changeOf(card, {
        title: title.value.trim(),
        note: note.value,
        assignee: assignee.value.trim(),
        colour: colourNow(),
      })
      if (!title.reportValidity()) return false
      if (change) onChange(change)
      return true
    },
  })
  title.select()
}

/** Only what differs; undefined when nothing does. */
export function changeOf(
  card: Card,
  now: Pick<Card, 'title' | 'note' | 'assignee' | 'colour'>,
): Change | undefined {
  const change: Change = {
    ...(now.title && now.title !== card.title && { title: now.title }),
    ...(now.note !== card.note && { note: now.note }),
    ...(now.assignee !== card.assignee && { assignee: now.assignee }),
    ...(now.colour !== card.colour && { colour: now.colour }),
  }
  return Object.keys(change).length > 0 ? change : undefined
}
