import { checkAlerts } from '../../../tools/live/alerts';

const domain = 'bridge-1234-dev.twil.io';
const alert = (errorCode: string, requestUrl: string | null = `https://${domain}/inbound`) => ({
  errorCode,
  requestUrl,
});

describe('The alerts of the last day', () => {
  test('are none when there are only those of other services', () => {
    expect(
      checkAlerts([alert('11200', 'https://other.example/'), alert('32011', null), { errorCode: '1' }], domain),
    ).toEqual({
      subject: 'alerts',
      result: 'ok',
      detail: 'none in the last day',
    });
  });

  test('are a warning, counted by error number', () => {
    const alerts = [alert('82005'), alert('11200'), alert('82005'), alert('11200', 'https://other.example/')];

    expect(checkAlerts(alerts, domain)).toEqual({
      subject: 'alerts',
      result: 'warning',
      detail: '3 in the last day: 82005 (2), 11200 (1)',
      fix: 'npm run calls, and docs/runbook.md',
    });
  });
});
