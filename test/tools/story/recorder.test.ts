import { createRecorder } from '../../../tools/story/recorder';

describe('The story of a call', () => {
  test('masks each secret everywhere', () => {
    const recorder = createRecorder(['secret-key', 'secret-token'], { now: () => 0, inRealTime: (work) => work });
    const told = 'a secret-key, a secret-token, and a secret-key';
    recorder.step('function', 'Twilio', 'answers', told, told);
    recorder.warn(11200, told);
    recorder.log(told);
    recorder.print(told);

    const masked = 'a •••, a •••, and a •••';
    expect(recorder.story()).toMatchObject({
      steps: [{ content: masked, raw: masked }],
      warnings: [{ text: masked }],
      log: [masked],
      printed: [masked],
    });
  });
});
