import { type EmulatorOptions, startEmulator } from './twilio/emulator';
import { type Gateway, startGateway } from './twilio/gateway';

/** The emulators of a lab, each behind its gateway, and started with the first call that needs it; none yet. */
export function createStages() {
  const stages = new Map<string, Promise<Gateway>>();
  let current = '';
  const stop = async (): Promise<void> => {
    const started = await Promise.allSettled(stages.values());
    stages.clear();
    await Promise.all(started.map((stage) => (stage.status === 'fulfilled' ? stage.value.stop() : undefined)));
  };
  return {
    stop,
    /** The one with these options. Those of other `settings` than the last ones are of no use any more, and end. */
    stageFor: async (options: EmulatorOptions, settings: string): Promise<Gateway> => {
      if (settings !== current) await stop();
      current = settings;
      const key = JSON.stringify(options);
      const stage = stages.get(key) ?? startStage(options);
      stages.set(key, stage);
      return stage;
    },
  };
}

async function startStage(options: EmulatorOptions): Promise<Gateway> {
  const emulator = await startEmulator(options);
  const gateway = await startGateway(emulator);
  return { ...gateway, stop: () => gateway.stop().then(emulator.stop) };
}
