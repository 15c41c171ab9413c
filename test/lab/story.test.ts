import { createTeller } from '../../lab/story';

describe('The story of a call', () => {
  test('masks each secret wherever somebody tells it', () => {
    const teller = createTeller(['secret-key', 'secret-token']);
    const told = 'a secret-key, a secret-token, and a secret-key';
    teller.step('function', 'Twilio', 'answers', told, told);
    teller.warn(11200, told);
    teller.log(told);
    teller.print(told);

    const masked = 'a •••, a •••, and a •••';
    expect(teller.story()).toMatchObject({
      steps: [{ content: masked, raw: masked }],
      warnings: [{ text: masked }],
      log: [masked],
      printed: [masked],
    });
  });
});
