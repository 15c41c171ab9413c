import { dialableNumber, maskAddress } from '../../../src/assets/twilio/address.private';

describe('A masked address', () => {
  test.each([
    ['+15550100142', '…0142'],
    ['15550100142', '…0142'],
    ['sip:+15550100142@example.com:5060', 'sip:…0142'],
    ['sip:alice@example.com', 'sip:…'],
    ['client:alice', 'client:…'],
    ['tel:+15550100142', 'tel:…0142'],
    ['+15550100142;x=1', '…'],
    ['15550100142:x', '…'],
    ['4711', '…'],
    ['room5550100142', '…'],
    ['my-client:alice', '…'],
    ['anonymous', 'anonymous'],
    ['Restricted', 'Restricted'],
    ['', ''],
  ])('of %j is %j', (address, masked) => {
    expect(maskAddress(address)).toBe(masked);
  });
});

describe('A called address', () => {
  test.each([
    ['+15550100100', '+15550100100'],
    ['15550100100', '15550100100'],
    ['sip:+15550100100@acme.sip.twilio.com', '+15550100100'],
    ['sip:4711@acme.sip.twilio.com;transport=tls', '4711'],
  ])('%s is dialled as %s', (address, number) => {
    expect(dialableNumber(address)).toBe(number);
  });

  test.each([
    '',
    '12',
    'x-sip:+15550100100@example.com',
    'xsips:4711@example.com',
    'client:alice',
    'sip:alice@example.com',
    '+1555@evil.example',
    '1'.repeat(16),
    '+1555\n',
  ])('%j cannot be dialled', (address) => {
    expect(dialableNumber(address)).toBeUndefined();
  });
});
