import { describe, expect, test } from 'vitest';
import { goQuote, goQuoteList } from './go-quote.ts';

describe('%q of Go', () => {
  test.for<[text: string, quoted: string]>([
    ['192.0.2.1', '"192.0.2.1"'],
    ['a"b\\c', '"a\\"b\\\\c"'],
    ['\u0007\b\f\n\r\t\v', '"\\a\\b\\f\\n\\r\\t\\v"'],
    ['\u0000\u001b\u007f', '"\\x00\\x1b\\x7f"'],
    ['é 中 ☺ 😀', '"é 中 ☺ 😀"'],
    ['\u00a0\u200b\ufeff', '"\\u00a0\\u200b\\ufeff"'],
    ['\ud800', '"\\ufffd"'],
    ['\u{e0001}', '"\\U000e0001"'],
  ])('%j is %s', ([text, quoted]) => {
    expect(goQuote(text)).toBe(quoted);
  });

  test('a list is in brackets with a space between', () => {
    expect(goQuoteList(['192.0.2.10', '2001:db8::10'])).toBe('["192.0.2.10" "2001:db8::10"]');
    expect(goQuoteList([])).toBe('[]');
  });
});
