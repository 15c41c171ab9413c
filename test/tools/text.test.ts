import { alignColumns, alignRows, wrap } from '../../tools/text';

describe('A row for a terminal', () => {
  test('wraps its last cell in its own column, between words', () => {
    const rows = [
      ['a', 'bb', 'one two three four five six seven'],
      ['aaa', 'b', 'one'],
    ];

    expect(alignColumns(rows, 30)).toBe(
      ['a    bb  one two three four', '         five six seven', 'aaa  b   one'].join('\n'),
    );
    expect(alignRows(rows, 30)).toHaveLength(2);
    expect(alignColumns(rows)).not.toContain('four\n');
  });

  test('keeps what has no room for a column of 20', () => {
    expect(alignColumns([['a'.repeat(12), 'one two three four five']], 30)).toBe(
      `${'a'.repeat(12)}  one two three four five`,
    );
  });
});

describe('A line for a terminal', () => {
  test('has nothing that turns it around, or that nobody sees', () => {
    expect(alignColumns([['https://a.example/\u202Egnp\u2066.exe\u200B\uFEFF', 'x']])).toBe(
      'https://a.example/gnp.exe  x',
    );
  });

  test('goes on in as many lines as it takes, after the blanks that it is given', () => {
    expect(wrap('  aaa bbb ccc ddd eee fff ggg hhh iii', 24, 4)).toBe(
      ['  aaa bbb ccc ddd eee', '    fff ggg hhh iii'].join('\n'),
    );
    expect(wrap('aaaa bbbb cccc dddd eeee ffff', 24)).toBe('aaaa bbbb cccc dddd eeee\nffff');
  });

  test('never cuts a word, however long', () => {
    const word = 'x'.repeat(60);

    expect(wrap(word, 24)).toBe(word);
    expect(wrap(`${word} and more`, 24)).toBe(`${word}\nand more`);
    expect(wrap(`see ${word}`, 24, 2)).toBe(`see\n  ${word}`);
  });
});
