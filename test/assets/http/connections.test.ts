import { Socket } from 'node:net';
import { hasAnswered } from '../../../src/assets/http/connections.private';

describe('A connection', () => {
  test('that was never idle counts as alive: nothing shows that it was dead', () => {
    expect(hasAnswered(new Socket())).toBe(true);
  });
});
