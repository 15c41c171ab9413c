import { watchUnhandled } from '../../src/assets/unhandled.private';

const events = ['unhandledRejection', 'uncaughtException'] as const;
const node: NodeJS.EventEmitter = process;
const promise = Promise.resolve();
const listener = { unhandledRejection: jest.fn(), uncaughtException: jest.fn() };
beforeAll(() => {
  // As AWS Lambda's runtime, before the first request.
  for (const event of events) node.on(event, listener[event]);
});
beforeEach(() => jest.clearAllMocks());

describe.each(events)('An error that nobody awaits (%s)', (event) => {
  test("belongs to the request that is under way, although Node.js doesn't say so, and ends nothing", () => {
    const [one, other] = [watchUnhandled(), watchUnhandled()];
    other.end();
    node.emit(event, 'first', promise);
    node.emit(event, 'second', promise);
    one.end();

    expect(one.first()).toEqual({ error: 'first' });
    expect(other.first()).toBeUndefined();
    expect(listener[event]).not.toHaveBeenCalled();
  });

  test('belongs to the request whose code raised it, and to nobody once that is over', async () => {
    const [one, other] = [watchUnhandled(), watchUnhandled()];
    const late = (): Promise<void> => Promise.resolve().then(() => void node.emit(event, 'late', promise));
    await one.run(async () => node.emit(event, 'own', promise)).catch(() => undefined);
    await one.run(async () => one.end());
    await one.run(late);
    other.end();

    expect(one.first()).toEqual({ error: 'own' });
    expect(other.first()).toBeUndefined();
    expect(listener[event]).not.toHaveBeenCalled();
  });

  test('goes on to whoever listened before, when no request is under way', () => {
    watchUnhandled().end();
    node.emit(event, 'of the runtime', promise);

    expect(listener[event]).toHaveBeenCalledWith('of the runtime', promise);
  });
});

test.each(events)(
  'An error that belongs to nobody is thrown, as Node.js does it, where nobody else listens (%s)',
  async (event) => {
    const rejections = process.listeners('unhandledRejection');
    const exceptions = process.listeners('uncaughtException');
    for (const one of events) node.removeAllListeners(one);
    await jest.isolateModulesAsync(async () => {
      const own = await import('../../src/assets/unhandled.private');
      own.watchUnhandled().end();

      expect(() => node.emit(event, 'unowned', promise)).toThrow('unowned');
    });
    for (const one of events) node.removeAllListeners(one);
    for (const one of rejections) process.on('unhandledRejection', one);
    for (const one of exceptions) process.on('uncaughtException', one);
  },
);
