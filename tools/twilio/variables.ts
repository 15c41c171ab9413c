import { type Variable, variables } from '../../src/assets/environment.private';
import type { CommandLine } from '../command';
import { type Environment, settingNames } from '../environment';
import { type Finding, failed, notChecked, ok } from '../finding';

/** A variable of a deployed environment, as Twilio's API shows it. */
export interface DeployedVariable {
  readonly sid: string;
  readonly key: string;
  readonly value: string;
}

const settings: readonly Variable<unknown>[] = Object.values(variables);
const isSetting = (name: string): boolean => settingNames.includes(name);
const isSecret = (name: string): boolean =>
  settings.some((setting) => setting.name === name && setting.secret === true);

/** The bridge's own variables that are deployed but no longer set: a deployment would leave them there. */
export function staleVariables(
  deployed: readonly DeployedVariable[],
  environment: Environment,
): readonly DeployedVariable[] {
  return deployed.filter(({ key }) => isSetting(key) && (environment[key] ?? '') === '');
}

/** Deployed variables that neither the bridge nor this env file knows: they stay. */
export function foreignVariables(deployed: readonly DeployedVariable[], environment: Environment): readonly string[] {
  return deployed.map(({ key }) => key).filter((key) => !isSetting(key) && !(key in environment));
}

/** Whether the deployed variables are what the settings say. Of a secret, only whether it differs. */
export function checkVariables(
  deployed: readonly DeployedVariable[],
  environment: Environment,
  command: CommandLine,
): readonly Finding[] {
  const live = new Map(deployed.map(({ key, value }) => [key, value]));
  const different = settingNames.filter((name) => (live.get(name) ?? '') !== (environment[name] ?? ''));
  const findings = different.map((name) => {
    const detail = isSecret(name)
      ? 'in the cloud it differs from the settings'
      : `in the cloud it is ${show(live.get(name))}, in the settings ${show(environment[name])}`;
    return failed(name, detail, command('deploy'));
  });
  const foreign = foreignVariables(deployed, environment);
  return [
    ...(findings.length > 0 ? findings : [ok('variables', 'the deployed ones match the settings')]),
    ...(foreign.length > 0 ? [notChecked('variables', `not set by the bridge: ${foreign.join(', ')}`)] : []),
  ];
}

const show = (value = ''): string => (value === '' ? 'unset' : JSON.stringify(value));
