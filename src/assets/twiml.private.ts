import type { AgentSettings, FallbackSettings } from './settings.private';

import VoiceResponse = require('twilio/lib/twiml/VoiceResponse');

/** TwiML that rings the agent: the caller's leg stays unanswered until the trunk answers, so nobody pays to listen to silence. */
export function dialAgent(agent: AgentSettings, sipUri: string): string {
  const response = new VoiceResponse();
  const dial = response.dial({ ...agent.dialAttributes, answerOnBridge: true, timeout: agent.dialTimeoutSeconds });
  dial.sip(sipUri);
  return response.toString();
}

/** TwiML that says the fallback message and hangs up. */
export function sayMessage(fallback: FallbackSettings): string {
  const response = new VoiceResponse();
  response.say(fallback.message);
  response.hangup();
  return response.toString();
}
