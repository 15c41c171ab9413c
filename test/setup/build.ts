import { build } from '../../tools/build';

/** The tests of the emulator and of the deployment read `dist`. */
export default function buildOnce(): void {
  // Without settings, so that a developer's own .env changes no test.
  build(undefined, {});
}
