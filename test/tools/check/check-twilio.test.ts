import { checkAlerts } from '../../../tools/check/check-twilio';

const domain = 'bridge-1234-dev.twil.io';
const alert = (errorCode: string, requestUrl: string | null = `https://${domain}/inbound`) => ({
  errorCode,
  requestUrl,
});

const ofCall = (resourceSid: string) => ({ errorCode: '32011', requestUrl: null, resourceSid });

describe('The alerts of the last day', () => {
  test('ignore other services', () => {
    expect(
      checkAlerts(
        [alert('11200', 'https://other.example/'), alert('32011', null), { errorCode: '1' }, ofCall('CA2')],
        [domain],
        new Set(['CA1']),
      ),
    ).toEqual({
      subject: 'alerts',
      result: 'ok',
      detail: 'none in the last day',
    });
  });

  test('are a warning, counted by error number', () => {
    const alerts = [alert('82005'), alert('11200'), alert('82005'), alert('11200', 'https://other.example/')];

    // A warning of SIP carries no URL, and is found by its call.
    expect(checkAlerts([...alerts, ofCall('CA1')], [domain], new Set(['CA1']))).toEqual({
      subject: 'alerts',
      result: 'warning',
      detail: '4 in the last day: 82005 (2), 11200 (1), 32011 (1)',
      fix: 'docs/runbook.md says what each means',
    });
  });

  test('include a custom domain', () => {
    const alerts = [alert('11200', 'https://voice.example.com/inbound')];

    expect(checkAlerts(alerts, [domain], new Set())).toMatchObject({ result: 'ok' });
    expect(checkAlerts(alerts, [domain, 'voice.example.com'], new Set())).toMatchObject({ result: 'warning' });
  });
});
