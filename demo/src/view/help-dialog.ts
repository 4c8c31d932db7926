/**
 * Owns the help: what the keys do, and what is worth trying here.
 */
import { KEYS } from '../input/keymap.js'
import { openDialog } from './dialog.js'
import { h } from './h.js'

const EXPERIMENTS = [
  'Open this board in ten tabs. They share one connection.',
  'Stop the server and go on working. Start it again.',
  'Go offline, add cards, close all tabs, come back.',
  'Put a fifth card into Doing. The server refuses it.',
  'Stop the server and ring the bell. After 20 seconds it is too late.',
  'Open ten tabs and let a second person give you a card. You are told once.',
  'Type a card and close the tab before you press Enter. It is there.',
] as const

export function openHelpDialog(): void {
  openDialog({
    title: 'Help',
    confirm: 'Close',
    onConfirm: () => true,
    body: [
      h(
        'table',
        { class: 'keys' },
        h(
          'tbody',
          {},
          ...KEYS.map(([keys, what]) =>
            h(
              'tr',
              {},
              h('th', { scope: 'row' }, ...keys.map((key) => h('kbd', {}, key))),
              h('td', {}, what),
            ),
          ),
        ),
      ),
      h('h3', {}, 'Worth trying'),
      h('ul', { class: 'experiments' }, ...EXPERIMENTS.map((text) => h('li', {}, text))),
    ],
  })
}
