import { isSilence } from '../assets/twilio/leg.private';
import { deliverVoicemail, readVoicemail } from '../assets/voicemail.private';
import { webhook } from '../assets/webhook.private';

/** The recordingStatusCallback of a Record: a voicemail is ready. Nobody waits on the line for it. */
export const handler = webhook('voicemail', async ({ call, settings: { voicemailUrl } }) => {
  const voicemail = readVoicemail(call);
  if (voicemail === undefined) return { next: { outcome: 'voicemail_undelivered', reason: 'no_recording' } };
  const { seconds } = voicemail;
  if (isSilence(seconds)) return { next: { outcome: 'voicemail_silent' }, logFields: { seconds } };
  if (voicemailUrl === undefined) return { next: { outcome: 'voicemail_undelivered', reason: 'misconfigured' } };
  const { reason, ...report } = await deliverVoicemail(voicemailUrl, voicemail);
  return {
    next: reason === undefined ? { outcome: 'voicemail_delivered' } : { outcome: 'voicemail_undelivered', reason },
    logFields: { ...report, seconds },
  };
});
