import { type Emulator, type EmulatorOptions, startEmulator } from './twilio/emulator';
import { type Gateway, startGateway } from './twilio/gateway';

/** The emulators of a lab, each behind its gateway, and started with the first call that needs it. */
export interface Stages {
  /** The one with these options. Those of other `settings` than the last ones are of no use any more, and end. */
  stageFor(options: EmulatorOptions, settings: string): Promise<Gateway>;
  stop(): Promise<void>;
}

interface Stage {
  readonly emulator: Emulator;
  readonly gateway: Gateway;
}

/** The emulators of a lab; none yet. */
export function createStages(): Stages {
  const stages = new Map<string, Promise<Stage>>();
  let current = '';
  const stop = async (): Promise<void> => {
    const started = await Promise.allSettled(stages.values());
    stages.clear();
    await Promise.all(started.map((stage) => (stage.status === 'fulfilled' ? stopStage(stage.value) : undefined)));
  };
  return {
    stop,
    stageFor: async (options, settings) => {
      if (settings !== current) await stop();
      current = settings;
      const key = JSON.stringify(options);
      const stage = stages.get(key) ?? startStage(options);
      stages.set(key, stage);
      return (await stage).gateway;
    },
  };
}

async function startStage(options: EmulatorOptions): Promise<Stage> {
  const emulator = await startEmulator(options);
  return { emulator, gateway: await startGateway(emulator) };
}

async function stopStage({ emulator, gateway }: Stage): Promise<void> {
  await gateway.stop();
  await emulator.stop();
}
