import { deliver, readVoicemail } from '../assets/notice.private';
import { isSilence } from '../assets/twilio/leg.private';
import { webhook } from '../assets/webhook.private';

/** The recordingStatusCallback of a Record: a voicemail is ready. Nobody waits on the line for it. */
export const handler = webhook('voicemail', async ({ call, settings: { notifyUrl }, start }) => {
  const voicemail = readVoicemail(call);
  if (voicemail === undefined) return { next: { outcome: 'voicemail_undelivered', reason: 'no_recording' } };
  const { seconds } = voicemail;
  if (isSilence(seconds)) return { next: { outcome: 'voicemail_silent' }, logFields: { seconds } };
  if (notifyUrl === undefined) return { next: { outcome: 'voicemail_undelivered', reason: 'misconfigured' } };
  const { reason, ...report } = await deliver(notifyUrl, voicemail, start);
  return {
    next: reason === undefined ? { outcome: 'voicemail_delivered' } : { outcome: 'voicemail_undelivered', reason },
    logFields: { ...report, seconds, notified: reason === undefined },
  };
});
