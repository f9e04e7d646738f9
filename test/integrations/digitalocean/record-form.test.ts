import { describe, expect, it } from '@jest/globals';
import {
  fromProviderData,
  fullName,
  relativeName,
  toProviderData,
} from '../../../src/integrations/digitalocean/record-form.js';

describe('record names', () => {
  it.each([
    ['www', 'www', 'www.sky-ai.com'],
    ['www.sky-ai.com', 'www', 'www.sky-ai.com'],
    ['www.sky-ai.com.', 'www', 'www.sky-ai.com'],
    ['WWW.Sky-AI.com', 'www', 'www.sky-ai.com'],
    ['a.b', 'a.b', 'a.b.sky-ai.com'],
    ['notsky-ai.com', 'notsky-ai.com', 'notsky-ai.com.sky-ai.com'],
    ['@', '@', 'sky-ai.com'],
    ['', '@', 'sky-ai.com'],
    ['sky-ai.com', '@', 'sky-ai.com'],
    ['sky-ai.com.', '@', 'sky-ai.com'],
    ['*', '*', '*.sky-ai.com'],
    ['_sip._tcp', '_sip._tcp', '_sip._tcp.sky-ai.com'],
  ])('"%s" is %s in the zone, %s in full', (name, relative, full) => {
    for (const zone of ['sky-ai.com', 'sky-ai.com.', 'Sky-Ai.com']) {
      expect([relativeName(zone, name), fullName(zone, name)]).toEqual([relative, full]);
    }
  });
});

describe('record data', () => {
  it.each<[string, string, string | null, string, string]>([
    // type, data, tag, as sent, as shown
    ['CNAME', 'web.example.com', null, 'web.example.com.', 'web.example.com'],
    ['CNAME', 'web.example.com.', null, 'web.example.com.', 'web.example.com'],
    ['CNAME', '@', null, '@', '@'],
    ['MX', 'mail.example.com', null, 'mail.example.com.', 'mail.example.com'],
    ['NS', 'ns1.digitalocean.com', null, 'ns1.digitalocean.com.', 'ns1.digitalocean.com'],
    ['SRV', 'sip.example.com', null, 'sip.example.com.', 'sip.example.com'],
    ['SRV', '.', null, '.', '.'],
    ['CAA', 'letsencrypt.org', 'issue', 'letsencrypt.org.', 'letsencrypt.org'],
    ['CAA', 'letsencrypt.org', 'issuewild', 'letsencrypt.org.', 'letsencrypt.org'],
    ['CAA', ';', 'issue', ';', ';'],
    ['CAA', 'mailto:ops@sky-ai.com', 'iodef', 'mailto:ops@sky-ai.com', 'mailto:ops@sky-ai.com'],
    ['A', '203.0.113.7', null, '203.0.113.7', '203.0.113.7'],
    ['TXT', 'ends with a dot.', null, 'ends with a dot.', 'ends with a dot.'],
  ])('%s %s (%s) is sent as %s and shown as %s', (type, data, tag, sent, shown) => {
    expect(toProviderData({ type, data, tag })).toBe(sent);
    expect(fromProviderData({ type, data, tag })).toBe(shown);
    expect(fromProviderData({ type, data: sent, tag })).toBe(shown);
    expect(toProviderData({ type, data: shown, tag })).toBe(sent);
  });
});
