import { type Emulator, type EmulatorOptions, startEmulator } from './twilio/emulator';
import { type Gateway, startGateway } from './twilio/gateway';

/** An emulator behind its gateway. */
export interface Stage {
  readonly gateway: Gateway;
  readonly emulator: Emulator;
}

/** The emulators of a lab. */
export interface Emulators {
  /** The one with these options, which is started if need be. Emulators of other `settings` than the last ones end. */
  stageFor(options: EmulatorOptions, settings: string): Promise<Stage>;
  stop(): Promise<void>;
}

/** Emulators that are kept for the next calls: each takes 95 MB, and other settings need one of their own. */
const keptStages = 5;

/** No emulators yet: each is started with the first call that needs it. */
export function createEmulators(kept = keptStages): Emulators {
  const stages = new Map<string, Promise<Stage>>();
  let current = '';
  const stop = async (): Promise<void> => {
    const started = await Promise.allSettled(stages.values());
    stages.clear();
    await Promise.all(started.map((stage) => (stage.status === 'fulfilled' ? stopStage(stage.value) : undefined)));
  };
  const stageFor: Emulators['stageFor'] = async (options, settings) => {
    if (settings !== current) await stop();
    current = settings;
    const key = JSON.stringify(options);
    const known = stages.get(key) ?? startStage(options);
    // The one that was used last is the last one to go.
    stages.delete(key);
    stages.set(key, known);
    for (const oldest of [...stages.keys()].slice(0, -kept)) {
      const ending = stages.get(oldest);
      stages.delete(oldest);
      await ending?.then(stopStage, () => undefined);
    }
    // One that didn't start, or has ended since, is no use to the next call.
    const stage = await known.catch((error: unknown) => {
      stages.delete(key);
      throw error;
    });
    if (!stage.emulator.hasEnded()) return stage;
    stages.delete(key);
    await stopStage(stage);
    return stageFor(options, settings);
  };
  return { stageFor, stop };
}

async function startStage(options: EmulatorOptions): Promise<Stage> {
  const emulator = await startEmulator(options);
  return { emulator, gateway: await startGateway(emulator) };
}

const stopStage = ({ gateway, emulator }: Stage): Promise<void> => gateway.stop().then(emulator.stop);
