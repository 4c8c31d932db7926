/** Who is away decides what may be sent: the model has to know it before it judges [P13]. */
import { expect, it } from 'vitest'
import { createDice } from '../../e2e/support/random.js'
import { createPeople } from './people.js'

function signingOut() {
  const people = createPeople({ ...createDice(1), chance: () => true })
  people.enter('ann')
  people.leaves('ann', 'ann')
  return people
}

it('[P13] whoever has signed out is away, until the next sign-in', () => {
  const people = signingOut()
  people.left('ann', true)
  expect([...people.away]).toEqual(['ann'])
  people.enter('ann')
  expect([...people.away]).toEqual([])
})

it('[P13] whoever signs in again before the sign-out is answered is not away', () => {
  const people = signingOut()
  people.left('ann', false)
  people.enter('ann')
  people.left('ann', true)
  expect([...people.away]).toEqual([])
})
